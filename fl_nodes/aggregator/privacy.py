"""What the rounds so far have cost in differential privacy: epsilon at a given delta.

A node takes part in each of T rounds at most, and in which is no secret, so nothing is gained by sampling: T rounds of the
Gaussian mechanism with noise multiplier z are one with z / sqrt(T) (Dong, Roth and Su 2022, arXiv:1905.02383, corollary 2), whose
exact delta for an epsilon dp-accounting knows (Balle and Wang 2018, arXiv:1805.06530).
"""

from __future__ import annotations

import math

from dp_accounting.pld.privacy_loss_mechanism import GaussianPrivacyLoss

STEPS = 200
REPLACED = 2.0
"""Removing a node's update moves the sum by at most one clip; changing a row turns the update into another: by two."""


def epsilon(noise_multiplier: float, rounds: int, delta: float, sensitivity: float = 1.0) -> float:
    """The smallest epsilon (to 1e-9 relative, rounded up) for which `rounds` rounds are (epsilon, delta)-private."""
    if not (noise_multiplier > 0 and rounds > 0 and 0 < delta < 1):
        raise ValueError("an epsilon needs noise, rounds and a delta between 0 and 1")
    loss = GaussianPrivacyLoss(noise_multiplier / math.sqrt(rounds), sensitivity=sensitivity)
    if loss.get_delta_for_epsilon(0.0) <= delta:
        return 0.0
    low, high = 0.0, 1.0
    while loss.get_delta_for_epsilon(high) > delta:
        low, high = high, 2 * high
    for _ in range(STEPS):
        if high - low <= 1e-9 * high:
            break
        middle = (low + high) / 2
        if loss.get_delta_for_epsilon(middle) > delta:
            low = middle
        else:
            high = middle
    return high
