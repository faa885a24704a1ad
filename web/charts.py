"""The geometry of the drawings; numbers only, so that the templates hold no arithmetic.

Lengths along the line of reading are percentages, so a drawing fills its column without stretching its words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.loss import LossScale
from monitor.overview import Day

_STEP_HEIGHT = 100.0
_FLOOR = 3.0


@dataclass(frozen=True, slots=True)
class Step:
    """One field of the gauge: the counts from ``first`` to ``last`` (None is "and more") and their share.

    ``reach`` is set on the field we stand on when the study is silent about our count: how far it can go.
    """

    first: int
    last: int | None
    share: float
    height: float
    active: bool
    reach: float | None = None
    reach_height: float = 0.0


def gauge(scale: LossScale, negatives: int | None) -> list[Step]:
    """The loss table as steps, the one we stand on marked."""
    firsts = [count for count in range(len(scale.table)) if scale.band(count) == count]
    top = max(scale.table) or 1.0
    standing = None if negatives is None else scale.band(negatives)
    steps = []
    for place, first in enumerate(firsts):
        last = firsts[place + 1] - 1 if place + 1 < len(firsts) else None
        share = scale.share(first)
        step = Step(first, last, share, _height(share, top), active=first == standing)
        if negatives is not None and step.active and (reach := scale.reach(negatives)) != share:
            step = replace(step, reach=reach, reach_height=_height(reach, top))
        steps.append(step)
    return steps


def _height(share: float, top: float) -> float:
    return round(max(_FLOOR, share / top * _STEP_HEIGHT), 2)


@dataclass(frozen=True, slots=True)
class Column:
    """One day of the trend; ``x`` and ``width`` in percent, heights of its bar and its band from 0 to 1."""

    day: Day
    x: float
    width: float
    bar: float
    band: float
    labelled: bool


def trend(days: Sequence[Day], *, right_to_left: bool, every: int = 7) -> list[Column]:
    """A column for each day along the line of reading; every seventh from today back carries its date."""
    slot = 100 / max(len(days), 1)
    most = max((day.negatives for day in days), default=0) or 1
    worst = max((day.share or 0 for day in days), default=0) or 1
    columns = []
    for place, day in enumerate(days):
        from_start = len(days) - 1 - place if right_to_left else place
        columns.append(
            Column(
                day=day,
                x=round(from_start * slot, 3),
                width=round(slot, 3),
                bar=day.negatives / most,
                band=(day.share or 0) / worst,
                labelled=(len(days) - 1 - place) % every == 0,
            )
        )
    return columns
