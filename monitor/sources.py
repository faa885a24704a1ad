"""The places we watch: added, paused, claimed when due, and how each fetch went."""

import random
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitor.errors import SourceError, SourceExistsError, SourceNotFoundError
from monitor.models import AlertRule, Source
from monitor.sealing import Seal
from monitor.secrets import seal_options
from monitor.shares import EVERYTHING, Share
from monitor.types import SEARCH_SPIDERS, FetchReport, SourceState, SourceTask

LEASE = timedelta(seconds=10)
# Seconds between two visits.
SHORTEST = 60
_LONGEST_PAUSE = timedelta(days=1)
# How a visit ends that read nothing; one that ended EMPTY read an answer, and found nothing in it.
TROUBLE = (SourceState.BLOCKED, SourceState.CHANGED, SourceState.FAILING, SourceState.NO_PREVIEW)


def add_source(
    session: Session,
    spider: str,
    url: str,
    now: datetime,
    *,
    interval: int,
    brand_id: int | None = None,
    options: dict[str, str] | None = None,
    matches_text: bool = True,
    seal: Seal | None = None,
) -> Source:
    """Begin to watch ``url``, due at once; ``seal`` closes the secrets among the options.

    Raises SourceExistsError.
    """
    if session.scalar(select(Source.id).where(Source.spider == spider, Source.url == url)) is not None:
        raise SourceExistsError("source exists already", url)
    source = Source(
        brand_id=brand_id,
        spider=spider,
        url=url,
        options=seal_options(options or {}, seal),
        matches_text=matches_text,
        interval=interval,
        created_at=now,
        state_since=now,
        next_at=now,
    )
    session.add(source)
    session.flush()
    return source


def find_sources(session: Session, brand_id: int | None = None) -> list[Source]:
    """All sources, or those that serve one brand: its own and those that serve every brand."""
    query = select(Source).order_by(Source.id)
    if brand_id is not None:
        query = query.where((Source.brand_id == brand_id) | Source.brand_id.is_(None))
    return list(session.scalars(query))


def get_source(session: Session, source_id: int) -> Source:
    """Raises SourceNotFoundError."""
    source = session.get(Source, source_id)
    if source is None:
        raise SourceNotFoundError("no such source", source_id)
    return source


def hold_sources(session: Session, ids: Collection[int]) -> None:
    """Read ``ids`` at once: until the session ends, :func:`get_source` asks the database for them no more."""
    session.info["sources"] = list(session.scalars(select(Source).where(Source.id.in_(ids))))


def remove_source(session: Session, source_id: int) -> list[AlertRule]:
    """Stop watching; what it gave stays. The rules that told of nothing else, and are off now.

    Raises SourceNotFoundError.
    """
    source = get_source(session, source_id)
    silenced = _take_out_of_rules(session, source_id)
    session.delete(source)
    return silenced


def _take_out_of_rules(session: Session, source_id: int) -> list[AlertRule]:
    silenced = []
    for rule in session.scalars(select(AlertRule).order_by(AlertRule.brand_id, AlertRule.id)):
        chosen = rule.options.get("sources", [])
        if source_id not in chosen:
            continue
        left = [each for each in chosen if each != source_id]
        others = {name: value for name, value in rule.options.items() if name != "sources"}
        rule.options = {**others, "sources": left} if left else others
        if left:
            continue
        # Of none it would tell nothing for ever, of all what nobody has asked for.
        rule.lost_sources = True
        if rule.enabled:
            rule.enabled = False
            silenced.append(rule)
    return silenced


def set_options(session: Session, source_id: int, options: Mapping[str, str], seal: Seal) -> None:
    """Tell the spider ``options`` beside what it is told already; an empty value takes one away.

    Told otherwise, it finds other things in an answer that has not changed. Raises SourceNotFoundError.
    """
    source = get_source(session, source_id)
    given = {name: value for name, value in options.items() if value}
    # What is kept is sealed already, and stays as it is.
    left = {name: value for name, value in source.options.items() if name not in options}
    source.options = {**left, **seal_options(given, seal)}
    source.etag = source.last_modified = ""


def read_anew(session: Session) -> None:
    """Read the sources whose texts must name a brand once more in full: another name is looked for in them."""
    by_text = Source.matches_text | Source.brand_id.is_(None)
    session.execute(update(Source).where(by_text).values(etag="", last_modified=""))


def set_paused(session: Session, source_id: int, paused: bool, now: datetime) -> None:
    """Pause a source, or resume it, due at once. Raises SourceNotFoundError."""
    source = get_source(session, source_id)
    source.paused = paused
    if not paused:
        source.next_at = now


def set_interval(session: Session, source_id: int, seconds: int, now: datetime) -> None:
    """Visit a source every ``seconds`` from now on. Raises SourceNotFoundError, SourceError for less than a minute."""
    if seconds < SHORTEST:
        raise SourceError("a source is visited once a minute at most", seconds)
    source = get_source(session, source_id)
    source.interval = seconds
    source.next_at = min(source.next_at, now + timedelta(seconds=seconds))


def make_due(session: Session, now: datetime, ids: Sequence[int] | None = None) -> list[int]:
    """Make all sources, or those of ``ids``, due now; the ids of those that are not paused."""
    query = select(Source.id).where(~Source.paused).order_by(Source.id)
    if ids is not None:
        query = query.where(Source.id.in_(ids))
    chosen = list(session.scalars(query))
    session.execute(update(Source).where(Source.id.in_(chosen)).values(next_at=now))
    return chosen


def due_sources(session: Session, now: datetime) -> list[int]:
    """The ids of sources that wait, leased to somebody or not."""
    query = select(Source.id).where(~Source.paused, Source.next_at <= now).order_by(Source.next_at, Source.id)
    return list(session.scalars(query))


def claim_due(
    session: Session, now: datetime, *, ids: Sequence[int] | None = None, share: Share = EVERYTHING, limit: int = 1000
) -> list[SourceTask]:
    """Take up to ``limit`` due sources of ``share`` that nobody holds, for LEASE; see :func:`renew_leases`.

    Whoever dies loses its lease, and the sources wait again.
    """
    query = (
        select(Source.id, Source.url)
        .where(~Source.paused, Source.next_at <= now)
        .where(Source.leased_until.is_(None) | (Source.leased_until <= now))
        .order_by(Source.next_at, Source.id)
    )
    if ids is not None:
        query = query.where(Source.id.in_(ids))
    chosen = islice((row.id for row in session.execute(query) if share.has(row.url)), limit)
    fields = (Source.id, Source.spider, Source.url, Source.options, Source.etag, Source.last_modified, Source.good_at)
    taken = select(*fields).where(Source.id.in_(list(chosen))).order_by(Source.next_at, Source.id)
    tasks = [SourceTask(*row) for row in session.execute(taken.with_for_update(skip_locked=True))]
    held = [task.id for task in tasks]
    session.execute(update(Source).where(Source.id.in_(held)).values(leased_until=now + LEASE))
    return tasks


def renew_leases(session: Session, ids: Sequence[int], now: datetime) -> None:
    """Hold those of ``ids`` for another LEASE whose lease was not given back in the meantime."""
    held = (Source.id.in_(ids), Source.leased_until.is_not(None))
    session.execute(update(Source).where(*held).values(leased_until=now + LEASE))


def record_report(session: Session, report: FetchReport, now: datetime) -> None:
    """Write down how a fetch went, give the lease back and set the next visit.

    A source removed in the meantime is passed over.
    """
    source = session.get(Source, report.source_id)
    if source is None:
        return
    # Trouble is one state, however often it changes its kind.
    is_bad = is_bad_state(report.state, source.spider)
    if source.state != report.state and not (is_in_trouble(source) and is_bad):
        source.state_since = now
    source.state = report.state
    source.checked_at, source.leased_until = now, None
    source.error = report.error
    if is_bad:
        source.failures += 1
    else:
        _record_success(session, source, report, now)
    source.next_at = now + _pause(source, report)


def _record_success(session: Session, source: Source, report: FetchReport, now: datetime) -> None:
    if report.url and report.url != source.url:
        _move(session, source, report.url)
    source.failures, source.good_at = 0, now
    source.first_look_done_at = source.first_look_done_at or now
    if report.unchanged:
        return
    source.found, source.warnings = report.found, list(report.warnings)
    # An empty answer is always read anew: that it has not changed would look like all being well.
    was_empty = report.state == SourceState.EMPTY
    source.etag, source.last_modified = ("", "") if was_empty else (report.etag, report.last_modified)


def _move(session: Session, source: Source, url: str) -> None:
    """Watch a source where it was read, unless that is watched already."""
    if session.scalar(select(Source.id).where(Source.spider == source.spider, Source.url == url)) is None:
        source.url = url


def _pause(source: Source, report: FetchReport) -> timedelta:
    """The interval with a tenth of jitter, doubled for each failure in a row, never shorter than the site asked."""
    interval = timedelta(seconds=source.interval) * random.uniform(0.95, 1.05)
    doublings = min(source.failures, 10)
    pause = min(interval * float(2**doublings), max(interval, _LONGEST_PAUSE))
    return max(pause, timedelta(seconds=report.retry_after or 0))


def is_in_trouble(source: Source) -> bool:
    """Its figures cannot be relied on now."""
    return is_bad_state(source.state, source.spider)


def is_bad_state(state: str, spider: str = "") -> bool:
    """Whether a visit that ended so gave nothing to rely on: of a search that is watched, no results say nothing."""
    return state in TROUBLE or (state == SourceState.EMPTY and spider in SEARCH_SPIDERS)
