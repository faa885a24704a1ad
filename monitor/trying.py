"""A source tried before it is kept: visited once, in a process of its own, with nothing saved."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.config import Settings, as_environ
from monitor.errors import FetchError
from monitor.recognise import Recognised
from monitor.types import SourceState

_GOOD = (SourceState.OK, SourceState.EMPTY)
# Longer than a slow site with a slow robots.txt, a redirect and one more try may take.
_SECONDS = 150


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source gave: ``texts`` in its order, ``lines`` of JSON with all of it, the report last.

    ``url`` is where it was read: for a site, the feed that it names. ``failed`` when its state is neither ok nor empty;
    ``error`` is then one line, and may be one when it is empty.
    """

    url: str
    texts: tuple[str, ...]
    lines: tuple[str, ...]
    state: SourceState
    error: str

    @property
    def failed(self) -> bool:
        return self.state not in _GOOD


def try_source(settings: Settings, spider: str, url: str, options: Mapping[str, str]) -> Trial:
    """Visit ``url`` with ``spider`` as a collect would; what the spider logs goes to stderr."""
    command = [sys.executable, "-m", "spiders.collect", "--try", spider, url, "--read-options"]
    environ = {**os.environ, **as_environ(settings)}
    # Options may be secrets: on a command line every process on the machine could read them.
    given = json.dumps(dict(options))
    try:
        done = subprocess.run(
            command, env=environ, input=given, stdout=subprocess.PIPE, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        return Trial(url, (), (), SourceState.FAILING, str(FetchError("no answer in time", url)))
    lines = tuple(line for line in done.stdout.splitlines() if line.startswith("{"))
    values = [json.loads(line) for line in lines]
    report = next((value for value in reversed(values) if value["type"] == "FetchReport"), None)
    if report is None:
        return Trial(url, (), lines, SourceState.FAILING, "the visit ended without a report")
    return Trial(
        report["url"],
        tuple(text for value in values for text in _texts(value)),
        lines,
        SourceState(report["state"]),
        report["error"],
    )


def try_link(settings: Settings, found: Recognised, options: Mapping[str, str]) -> tuple[Recognised, Trial]:
    """Visit what a link was recognised as; what it turned out to be, and what that gave.

    A site becomes the feed that it names. A page with reviews is read for those, whatever feed it names: that is one of
    the whole site.
    """
    trial = try_source(settings, found.spider, found.url, options)
    is_page = trial.url != found.url or trial.state in (SourceState.CHANGED, SourceState.EMPTY)
    if found.spider == "feed" and is_page:
        reviews = try_source(settings, "reviews", found.url, options)
        if reviews.texts or (reviews.state is SourceState.OK and not trial.texts):
            return Recognised("reviews", found.url, matches_text=False), reviews
    return replace(found, url=trial.url), trial


def _texts(value: dict[str, object]) -> list[str]:
    """What a reader would recognise the source by: titles and texts, or the titles of results."""
    results = value.get("results")
    if isinstance(results, list | tuple):
        return [str(result["title"]) for result in results]
    parts = (str(value.get("title") or ""), str(value.get("text") or ""))
    text = ": ".join(dict.fromkeys(part for part in parts if part))
    return [" ".join(text.split())] if text else []
