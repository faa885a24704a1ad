"""Links tried before they are kept: asked for on a page, visited beside it, and shown there."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from monitor.errors import SourceNotFoundError, TrialsBusyError
from monitor.models import Source, SourceTrial
from monitor.recognise import Recognised
from monitor.sealing import Seal
from monitor.secrets import open_options, seal_options
from monitor.sources import add_source
from monitor.types import SourceState

SHOWN = 3
_LONGEST = 400
# Each is a process of its own.
_MOST_AT_ONCE = 3
# Whoever tried it is gone: the program was stopped meanwhile.
_LOST = timedelta(minutes=4)
_KEPT = timedelta(days=1)


def begin_trial(
    session: Session, brand_id: int, found: Recognised, options: Mapping[str, str], seal: Seal, now: datetime
) -> SourceTrial:
    """Note that ``found`` is to be visited once. Raises TrialsBusyError while others are being tried."""
    trial = SourceTrial(
        brand_id=brand_id,
        spider=found.spider,
        url=found.url,
        options=seal_options({**found.options, **options}, seal),
        matches_text=found.matches_text,
    )
    return _begin(session, trial, now)


def try_again(session: Session, brand_id: int, source: Source, now: datetime) -> SourceTrial:
    """Note that a source that is kept is to be visited once more, beside its schedule. Raises TrialsBusyError."""
    trial = SourceTrial(
        brand_id=brand_id,
        source_id=source.id,
        spider=source.spider,
        url=source.url,
        options=dict(source.options),
        matches_text=source.matches_text,
    )
    return _begin(session, trial, now)


def _begin(session: Session, trial: SourceTrial, now: datetime) -> SourceTrial:
    session.execute(delete(SourceTrial).where(SourceTrial.begun_at < now - _KEPT))
    running = select(func.count()).where(SourceTrial.state == "", SourceTrial.begun_at > now - _LOST)
    if (session.scalar(running) or 0) >= _MOST_AT_ONCE:
        raise TrialsBusyError("other links are being tried; wait a moment", trial.url)
    trial.begun_at = now
    session.add(trial)
    session.flush()
    return trial


def get_trial(session: Session, trial_id: int) -> SourceTrial:
    """Raises SourceNotFoundError."""
    trial = session.get(SourceTrial, trial_id)
    if trial is None:
        raise SourceNotFoundError("no such trial", trial_id)
    return trial


def is_lost(trial: SourceTrial, now: datetime) -> bool:
    """Whether it will never come to its end."""
    return not trial.state and trial.begun_at < now - _LOST


def options_of(trial: SourceTrial, seal: Seal) -> dict[str, str]:
    """What the spider is told, secrets included. Raises ConfigError."""
    return open_options(trial.options, seal)


def end_trial(
    session: Session,
    trial_id: int,
    state: SourceState,
    texts: Sequence[str],
    error: str,
    read_as: Recognised | None = None,
) -> None:
    """Keep what the visit gave, and as what the link was read; a trial that was removed meanwhile is passed over."""
    trial = session.get(SourceTrial, trial_id)
    if trial is not None:
        if read_as is not None:
            trial.spider, trial.url, trial.matches_text = read_as.spider, read_as.url, read_as.matches_text
        trial.state, trial.error, trial.found = state, error, len(texts)
        trial.texts = [text[:_LONGEST] for text in texts[:SHOWN]]


def keep_trial(session: Session, trial: SourceTrial, interval: int, seal: Seal, now: datetime) -> Source:
    """Watch from now on what was tried. Raises SourceExistsError."""
    source = add_source(
        session,
        trial.spider,
        trial.url,
        now,
        interval=interval,
        brand_id=trial.brand_id,
        options=options_of(trial, seal),
        matches_text=trial.matches_text,
        seal=seal,
    )
    session.delete(trial)
    return source
