"""One fetch of one source, from its first request to its report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json import dumps
from typing import Any, TypeVar

from monitor.errors import ParseError
from monitor.secrets import hide, is_secret
from monitor.types import (
    ArticleData,
    FetchReport,
    MentionData,
    RatingData,
    SearchPageData,
    SendingData,
    SourceState,
    SourceTask,
    UnsubscribeData,
)
from spiders.logs import keep_out_of_logs

Value = MentionData | RatingData | SearchPageData | ArticleData | UnsubscribeData | SendingData
# One that an answer lists, as its kind of source reads it.
Entry = TypeVar("Entry")

_MOST_WARNINGS = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as a kind of source words it; with ``json`` or an encoded ``form`` it is posted.

    Without ``redirects`` one that leads elsewhere is a failure: what a key was given for goes to no other host.
    """

    url: str
    json: Any = None
    form: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    redirects: bool = True

    @property
    def body(self) -> str | None:
        """What is posted; None for what is only asked for."""
        return self.form or (None if self.json is None else dumps(self.json))


@dataclass(slots=True)
class Run:
    """The tally of one fetch; ``source_id`` is None when a spider is run by hand.

    ``since`` is when the source was read well last, None before the first time; ``was_read`` whether an answer was
    read that led no further, so that what gave nothing holds nothing. ``passes`` says of what failed whether
    asking again may well go better.
    """

    url: str
    source_id: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    since: datetime | None = None
    state: SourceState = SourceState.OK
    error: str = ""
    retry_after: float | None = None
    passes: bool = False
    unchanged: bool = False
    found: int = 0
    values: list[Value] = field(default_factory=list)
    gave: bool = False
    was_read: bool = False
    pages: int = 1
    pending: int = 0
    finished: bool = False
    visited: set[str] = field(default_factory=set)
    _warnings: list[str] = field(default_factory=list)
    _more_warnings: int = 0
    _lost: tuple[SourceState, str] | None = None

    def __post_init__(self) -> None:
        # Scrapy's own log names addresses, and some interfaces take their key in no other place.
        keep_out_of_logs(value for name, value in self.options.items() if is_secret(name))

    @classmethod
    def of(cls, task: SourceTask) -> "Run":
        return cls(
            url=task.url,
            source_id=task.id,
            options=task.options,
            etag=task.etag,
            last_modified=task.last_modified,
            since=task.since,
        )

    def whole_option(self, name: str, default: int) -> int:
        """An option that is a number from 1. Raises ParseError."""
        text = self.options.get(name, str(default))
        if not text.isdecimal() or not int(text):
            raise ParseError(f"option {name} is a number from 1, not {text}", self.url)
        return int(text)

    def option(self, name: str) -> str:
        """An option that this kind of source cannot do without. Raises ParseError."""
        text = self.options.get(name, "")
        if not text:
            raise ParseError(f"option {name} is missing", self.url)
        return text

    def hide(self, line: str) -> str:
        """``line`` without the secrets among the options."""
        return hide(line, [value for name, value in self.options.items() if is_secret(name)])

    def warn(self, line: str) -> None:
        """Note something that was left out; the rest goes on."""
        line = self.hide(line)
        if len(self._warnings) < _MOST_WARNINGS:
            self._warnings.append(line)
        else:
            self._more_warnings += 1

    def keep(self, entries: Sequence[Entry | str], url: str) -> Iterator[Entry]:
        """What an answer says, entry by entry; where a line says why one is left out, a warning.

        Raises ParseError when there are only such lines: that nothing can be read is not the same as nothing said.
        """
        if entries and all(isinstance(entry, str) for entry in entries):
            raise ParseError(f"no entry can be read ({entries[0]})", url)
        for entry in entries:
            if isinstance(entry, str):
                self.warn(entry)
            else:
                yield entry

    def fail(self, state: SourceState, error: str, retry_after: float | None = None) -> None:
        """Note why the source gave nothing; the first reason stays."""
        if not self.error:
            self.state, self.error = state, self.hide(error)
        self.wait(retry_after)

    def lose_page(self, state: SourceState, line: str, retry_after: float | None) -> None:
        """Note that a further page gave nothing: a warning, unless no page at all could be read."""
        self.warn(line)
        self._lost = self._lost or (state, self.hide(line))
        self.wait(retry_after)

    def wait(self, seconds: float | None) -> None:
        """Come back after ``seconds`` at the earliest; of several waits the longest counts."""
        if seconds is not None:
            self.retry_after = max(seconds, self.retry_after or 0.0)

    def note(self, value: Value) -> None:
        """Count what was found."""
        self.gave = True
        if isinstance(value, SearchPageData):
            self.found += len(value.results)
        elif not isinstance(value, RatingData | SendingData):
            self.found += 1

    @property
    def warnings(self) -> tuple[str, ...]:
        """The lines to show; the last says how many more there were."""
        if not self._more_warnings:
            return tuple(self._warnings)
        return (*self._warnings, f"… and {self._more_warnings} more")

    def report(self) -> FetchReport:
        """How it went; only for a run with a source."""
        assert self.source_id is not None
        state, error = self.state, self.error
        if state is SourceState.OK and not self.gave and not self.unchanged:
            state, error = SourceState.EMPTY, ""
            # Nothing can be said of what lies on pages that could not be read.
            if self._lost is not None and not self.was_read:
                state, error = self._lost
        return FetchReport(
            source_id=self.source_id,
            state=state,
            url=self.url,
            found=self.found,
            unchanged=self.unchanged,
            warnings=self.warnings,
            error=error,
            etag=self.etag,
            last_modified=self.last_modified,
            retry_after=self.retry_after,
        )


@dataclass(frozen=True, slots=True)
class Harvest:
    """Values of one run that are saved together, with the run's report when they are its last."""

    values: tuple[Value, ...]
    report: FetchReport | None = None
