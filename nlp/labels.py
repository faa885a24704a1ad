"""What a model calls its classes, in the three labels of this product."""

import re
from collections.abc import Mapping, Sequence

from monitor.errors import ModelError
from monitor.types import Label

_NAMES = {
    Label.NEGATIVE: ("negative", "neg", "sad", "bad", "unhappy", "not_recommended", "منفی", "ناراضی"),
    Label.NEUTRAL: ("neutral", "neu", "mixed", "no_idea", "خنثی", "بی‌طرف"),
    Label.POSITIVE: ("positive", "pos", "happy", "good", "recommended", "مثبت", "راضی"),
}
_BY_NAME = {name: label for label, names in _NAMES.items() for name in names}
_STRENGTH = re.compile(r"^(?:very|extremely|strongly|slightly|weakly)[ _-]+")
_STARS = re.compile(r"^([1-5])[ _-]*(?:stars?)?$")
_NUMBERED = re.compile(r"^(?:label|class)?[ _-]*(\d+)$")
# What an unnamed class means, by how many there are; the order that nearly every published model uses.
_BY_COUNT: dict[int, tuple[Label, ...]] = {
    2: (Label.NEGATIVE, Label.POSITIVE),
    3: (Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE),
    5: (Label.NEGATIVE, Label.NEGATIVE, Label.NEUTRAL, Label.POSITIVE, Label.POSITIVE),
}


def map_labels(id2label: Mapping[int, str], path: str) -> list[Label]:
    """The label of each class, in the order of the model's outputs.

    Understands names (negative, POS, happy, very_negative…), one to five stars, and LABEL_0… of two-, three- and
    five-class models. Raises ModelError, naming the model's ``path``, for any other set.
    """
    names = [id2label[index].strip().lower() for index in sorted(id2label)]
    for attempt in (_by_name, _by_stars, _by_number):
        labels = attempt(names)
        if labels is not None and Label.NEGATIVE in labels and Label.POSITIVE in labels:
            return labels
    raise ModelError(f"the labels {', '.join(names) or 'of the model'} are not sentiments", path)


def _by_name(names: Sequence[str]) -> list[Label] | None:
    found = [_BY_NAME.get(_STRENGTH.sub("", name)) for name in names]
    return [label for label in found if label] if all(found) else None


def _by_stars(names: Sequence[str]) -> list[Label] | None:
    if len(names) != 5:
        return None
    matches = [_STARS.match(name) for name in names]
    stars = [int(match[1]) for match in matches if match]
    return [_BY_COUNT[5][star - 1] for star in stars] if sorted(stars) == [1, 2, 3, 4, 5] else None


def _by_number(names: Sequence[str]) -> list[Label] | None:
    order = _BY_COUNT.get(len(names))
    if order is None or not all(_NUMBERED.match(name) for name in names):
        return None
    return list(order)
