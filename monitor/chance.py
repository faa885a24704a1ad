"""Whether a rise is more than chance."""

from math import exp, lgamma, log


def rise_chance(count: int, before: int) -> float:
    """How likely ``count`` events or more are, after ``before`` in a period as long, if nothing has changed.

    The exact binomial test: of all events of both periods each would fall into either with probability one half.
    """
    total = count + before
    return min(1.0, sum(_half(total, each) for each in range(count, total + 1)))


def _half(total: int, each: int) -> float:
    """The probability of ``each`` heads in ``total`` throws, by logarithms: no power of two is too large."""
    ways = lgamma(total + 1) - lgamma(each + 1) - lgamma(total - each + 1)
    return exp(ways - total * log(2))
