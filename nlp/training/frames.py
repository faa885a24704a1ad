"""Neutral surroundings for a clause that decides: who, what and when, so that the network learns to look for it."""

import functools
import json
import random
from pathlib import Path

_PATH = Path(__file__).parent / "texts" / "frames.json"


def framed(text: str, language: str, chooser: random.Random) -> str:
    """``text`` with a neutral sentence before it, a thing and an invented name before or after it, or as it is."""
    lists = _lists().get(language)
    if lists is None or chooser.random() < 0.2:
        return text
    if chooser.random() < 0.7:
        name = f"{chooser.choice(lists['things'])} {chooser.choice(lists['brands'])}"
        text = chooser.choice((f"{name}: {text}", f"{text}، {name}", f"{name} {text}", f"{text}. {name}"))
    if chooser.random() < 0.4:
        text = f"{chooser.choice(lists['contexts'])} {text}"
    return text


def brand_of(language: str, chooser: random.Random) -> str:
    """An invented name, as texts of this ``language`` write it."""
    return chooser.choice(_lists()[language]["brands"])


@functools.lru_cache(maxsize=1)
def _lists() -> dict[str, dict[str, list[str]]]:
    lists: dict[str, dict[str, list[str]]] = json.loads(_PATH.read_text(encoding="utf-8"))
    return lists
