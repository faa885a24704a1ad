"""Whether a rise is more than chance."""

from math import exp, lgamma, log, log1p


def rise_chance(count: int, before: int, periods: int = 1) -> float:
    """How likely ``count`` events or more are, after ``before`` in ``periods`` as long each, if nothing has changed.

    The exact binomial test: of all events each would fall into any of the periods with the same probability.
    """
    total, share = count + before, 1 / (periods + 1)
    return min(1.0, sum(_binomial(total, each, share) for each in range(count, total + 1)))


def _binomial(total: int, each: int, share: float) -> float:
    """The probability of ``each`` hits in ``total`` throws, by logarithms: no power is too large."""
    ways = lgamma(total + 1) - lgamma(each + 1) - lgamma(total - each + 1)
    return exp(ways + each * log(share) + (total - each) * log1p(-share))
