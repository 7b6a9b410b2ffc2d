"""Checks of the contracts beyond their tests: planted bugs, coverage, Slither, gas."""
