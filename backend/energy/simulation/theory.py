"""What queueing theory expects of first come, first served by k servers with Poisson arrivals (M/G/k)."""

from __future__ import annotations

from math import sqrt


def erlang_c(servers: int, load: float) -> float:
    """The probability that a task has to wait in M/M/k; `load` in erlangs, below `servers`. By Erlang's recursion, stable for
    hundreds of servers.
    """
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait(servers: int, tasks_per_s: float, mean_s: float, squared_cv: float) -> float:
    """Seconds that a task waits on average; `squared_cv` is variance / mean squared of service times. Exact for one server
    (Pollaczek and Khinchine) and for exponential service (Erlang); else Kimura's interpolation (1986, "A two-moment approximation
    for the mean waiting time in the GI/G/s queue", Management Science 32) with Cosmetatos' M/D/k.
    """
    load = tasks_per_s * mean_s
    busy = load / servers
    if not 0 < busy < 1:
        raise ValueError(
            "Theory knows a queue only where its servers are busy for some of the time and not all of it."
        )
    exponential = erlang_c(servers, load) * mean_s / (servers - load)
    if servers == 1:
        return exponential * (1 + squared_cv) / 2
    fewer = (1 - busy) * (servers - 1) * (sqrt(4 + 5 * servers) - 2) / (16 * busy * servers)
    constant = exponential / 2 * (1 + fewer)
    return (1 + squared_cv) / ((1 - squared_cv) / constant + 2 * squared_cv / exponential)
