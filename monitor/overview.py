"""What the pages show: plain reads that answer "how bad is it, what is new, why do they leave"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from monitor.loss import LossScale, certainly, is_certain
from monitor.mentions import PERSON
from monitor.models import Alert, Brand, Case, Delivery, LossReading, Mention, SearchResult, Source, UnsubscribeEvent
from monitor.types import Basis, CaseState, Label
from monitor.unsubscribes import count_reasons

PERIOD = timedelta(days=30)
# A first collect finds fewer; counting on would make every page of a large house slow.
_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result of page one; ``share_without`` is the share of prospects lost if it were gone.

    It is None where that would change nothing, and for all of them while one of the page is still without a label.
    """

    position: int
    title: str
    snippet: str
    url: str
    mention_id: int
    label: str
    certain: bool
    by_person: bool
    seen_at: datetime
    share_without: float | None


def find_results(session: Session, page_id: int, scale: LossScale, uncertain_below: float) -> list[ResultRow]:
    """The results of a search page in rank order."""
    results = session.scalars(
        select(SearchResult)
        .where(SearchResult.page_id == page_id)
        .order_by(SearchResult.position)
        .options(joinedload(SearchResult.mention))
    ).all()
    counted = {
        result.id: result.mention.label == Label.NEGATIVE and is_certain(result.mention, uncertain_below)
        for result in results
    }
    negatives = sum(counted.values())
    # As in the figure: nothing is said of a page that is only half read.
    is_read = all(result.mention.label for result in results)
    return [
        ResultRow(
            position=result.position,
            title=result.title,
            snippet=result.snippet,
            url=result.mention.url,
            mention_id=result.mention_id,
            label=result.mention.label,
            certain=is_certain(result.mention, uncertain_below),
            by_person=result.mention.labelled_by == PERSON,
            seen_at=result.mention.seen_at,
            share_without=scale.share(negatives - 1) if is_read and counted[result.id] else None,
        )
        for result in results
    ]


@dataclass(frozen=True, slots=True)
class NegativeStory:
    """A negative story by its newest telling; ``tellings`` counts the copies, itself among them.

    ``words`` are those that decided, where they are known.
    """

    mention_id: int
    title: str
    text: str
    url: str
    kind: str
    language: str
    author: str
    said_at: datetime
    tellings: int
    words: tuple[str, ...] = ()


def find_negative_stories(
    session: Session, brand_id: int, uncertain_below: float, now: datetime, limit: int = 5
) -> list[NegativeStory]:
    """Negative stories of the last 30 days, sure and not settled yet, newest first."""
    # The database groups the copies: a flood of one story must not hide the others.
    newest_first = (Mention.said_at.desc(), Mention.id.desc())
    tellings = (
        select(Mention.id, func.row_number().over(partition_by=Mention.story, order_by=newest_first).label("place"))
        .where(
            Mention.brand_id == brand_id,
            certainly(Label.NEGATIVE, uncertain_below),
            Mention.said_at >= now - PERIOD,
            ~_is_settled(),
        )
        .subquery()
    )
    query = select(Mention).join(tellings, tellings.c.id == Mention.id).where(tellings.c.place == 1)
    chosen = session.scalars(query.order_by(*newest_first).limit(limit)).all()
    copies = count_tellings(session, brand_id, [mention.story for mention in chosen])
    return [_as_story(mention, copies[mention.story]) for mention in chosen]


def _is_settled() -> ColumnElement[bool]:
    """The team is done with the story."""
    return exists().where(
        Case.brand_id == Mention.brand_id,
        Case.story == Mention.story,
        Case.state.in_((CaseState.RESOLVED, CaseState.IGNORED)),
    )


def count_tellings(session: Session, brand_id: int, stories: Sequence[str]) -> dict[str, int]:
    """On how many texts each of some stories stands."""
    counts = session.execute(
        select(Mention.story, func.count())
        .where(Mention.brand_id == brand_id, Mention.story.in_(stories))
        .group_by(Mention.story)
    )
    return {story: count for story, count in counts}


def _as_story(mention: Mention, tellings: int) -> NegativeStory:
    return NegativeStory(
        mention_id=mention.id,
        title=mention.title,
        text=mention.text,
        url=mention.url,
        kind=mention.kind,
        language=mention.language,
        author=mention.author,
        said_at=mention.said_at,
        tellings=tellings,
        words=tuple(mention.words or ()),
    )


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the trend: the negative stories told on it, and the worst share of prospects lost.

    ``share`` is None on a ``gap``, when looking failed or nobody looked, and on days before the brand was ``watched``.
    """

    day: date
    negatives: int
    share: float | None
    watched: bool
    gap: bool


def daily_trend(session: Session, brand: Brand, uncertain_below: float, zone: ZoneInfo, now: datetime) -> list[Day]:
    """The last 30 days, oldest first."""
    today = now.astimezone(zone).date()
    dates = [today - timedelta(days=ago) for ago in range(PERIOD.days - 1, -1, -1)]
    since = datetime.combine(dates[0], time.min, tzinfo=zone)
    negatives = _stories_by_day(session, brand.id, uncertain_below, zone, dates)
    readings = _readings_by_day(session, brand.id, zone, since)
    held = _reading_before(session, brand.id, since)
    watched_from = brand.created_at.astimezone(zone).date()
    days = []
    for day in dates:
        todays = readings.get(day, [])
        worst = max((r for r in todays if r.share is not None), key=lambda r: r.share or 0, default=None)
        # A reading by mentions is kept only when it changes; a search writes one each time it is asked.
        still_holds = held is not None and (held.basis == Basis.MENTIONS or day == today)
        shown = worst or (held if not todays and still_holds else None)
        share = shown.share if shown else None
        watched = day >= watched_from
        # Today may still bring its reading; only one that failed makes it a gap.
        gap = watched and share is None and (day < today or bool(todays))
        days.append(Day(day, negatives.get(day, 0), share, watched, gap))
        held = todays[-1] if todays else held
    return days


def _stories_by_day(
    session: Session, brand_id: int, uncertain_below: float, zone: ZoneInfo, dates: Sequence[date]
) -> dict[date, int]:
    """On each day the stories that were told; one that is told for days counts on each of them."""
    bounds = [datetime.combine(day, time.min, tzinfo=zone) for day in (*dates, dates[-1] + timedelta(days=1))]
    told = select(func.count(Mention.story.distinct())).where(
        Mention.brand_id == brand_id, certainly(Label.NEGATIVE, uncertain_below)
    )
    # One question for all the days: each is a short stretch of the index.
    spans = (told.where(Mention.said_at >= since, Mention.said_at < until) for since, until in pairwise(bounds))
    counts = session.execute(select(*(span.scalar_subquery() for span in spans))).one()
    return dict(zip(dates, counts, strict=True))


def _readings_by_day(session: Session, brand_id: int, zone: ZoneInfo, since: datetime) -> dict[date, list[LossReading]]:
    rows = session.scalars(
        select(LossReading)
        .where(LossReading.brand_id == brand_id, LossReading.taken_at >= since)
        .order_by(LossReading.taken_at, LossReading.id)
    )
    readings: dict[date, list[LossReading]] = {}
    for reading in rows:
        readings.setdefault(reading.taken_at.astimezone(zone).date(), []).append(reading)
    return readings


def _reading_before(session: Session, brand_id: int, moment: datetime) -> LossReading | None:
    return session.scalar(
        select(LossReading)
        .where(LossReading.brand_id == brand_id, LossReading.taken_at < moment)
        .order_by(LossReading.taken_at.desc(), LossReading.id.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """How many left for a reason in the last 30 days and in the 30 before; an empty ``code`` gave no reason."""

    code: str
    count: int
    before: int

    @property
    def change(self) -> int:
        return self.count - self.before


def compare_reasons(session: Session, brand_id: int, now: datetime) -> list[ReasonChange]:
    """Reasons of the last 30 days against the 30 before, most frequent first, those without one last."""
    recent = _settled_reasons(session, brand_id, now - PERIOD, now)
    before = _settled_reasons(session, brand_id, now - 2 * PERIOD, now - PERIOD)
    changes = [ReasonChange(code, recent.get(code, 0), before.get(code, 0)) for code in {*recent, *before}]
    return sorted(changes, key=lambda reason: (not reason.code, -reason.count, -reason.before, reason.code))


def _settled_reasons(session: Session, brand_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """Without those whose words the model has still to read: they are no people who said nothing."""
    counts = count_reasons(session, brand_id, since, until)
    waiting = session.scalar(
        select(func.count())
        .where(UnsubscribeEvent.brand_id == brand_id, UnsubscribeEvent.labelled_at.is_(None))
        .where(UnsubscribeEvent.left_at >= since, UnsubscribeEvent.left_at < until)
        .where(UnsubscribeEvent.stayed == "", UnsubscribeEvent.reason == "")
    )
    silent = counts.pop("", 0) - (waiting or 0)
    return {**counts, "": silent} if silent > 0 else counts


@dataclass(frozen=True, slots=True)
class CollectProgress:
    """How far the first look at a brand's sources has come; texts are counted up to a thousand."""

    sources: int
    visited: int
    running: int
    found: int
    labelled: int
    next_at: datetime | None

    @property
    def is_first(self) -> bool:
        """Some source has not been visited yet, or no text of what was found has a label."""
        return self.visited < self.sources or (self.found > 0 and self.labelled == 0)


def collect_progress(session: Session, brand_id: int, sources: Sequence[Source], now: datetime) -> CollectProgress:
    """Where collecting stands; ``sources`` are those that serve the brand."""
    active = [source for source in sources if not source.paused]
    unvisited = [source for source in active if source.checked_at is None]
    some = select(Mention.labelled_at).where(Mention.brand_id == brand_id).limit(_COUNTED).subquery()
    found, labelled = session.execute(select(func.count(), func.count(some.c.labelled_at)).select_from(some)).one()
    return CollectProgress(
        sources=len(active),
        visited=len(active) - len(unvisited),
        running=sum(source.leased_until is not None and source.leased_until > now for source in active),
        found=found,
        labelled=labelled,
        next_at=min((source.next_at for source in unvisited or active), default=None),
    )


# Where a list goes on: the moment and the id of the last row that was shown.
Cursor = tuple[datetime, int]


def find_comments(
    session: Session, brand_id: int, reason: str = "", after: Cursor | None = None, limit: int = 25
) -> tuple[list[UnsubscribeEvent], Cursor | None]:
    """What people wrote as they left, newest first, and where to go on."""
    query = (
        select(UnsubscribeEvent)
        .where(UnsubscribeEvent.brand_id == brand_id, UnsubscribeEvent.comment != "", UnsubscribeEvent.stayed == "")
        .order_by(UnsubscribeEvent.left_at.desc(), UnsubscribeEvent.id.desc())
        .limit(limit + 1)
    )
    if reason:
        query = query.where(UnsubscribeEvent.reason == reason)
    if after is not None:
        query = query.where(_comes_after(UnsubscribeEvent.left_at, UnsubscribeEvent.id, after))
    rows = list(session.scalars(query))
    more = len(rows) > limit
    return rows[:limit], (rows[limit - 1].left_at, rows[limit - 1].id) if more else None


def find_alerts(
    session: Session, brand_id: int, after: Cursor | None = None, limit: int = 25
) -> tuple[list[Alert], Cursor | None]:
    """A brand's alerts with their deliveries and channels, newest first, and where to go on."""
    query = (
        select(Alert)
        .where(Alert.brand_id == brand_id)
        .order_by(Alert.created_at.desc(), Alert.id.desc())
        .options(selectinload(Alert.deliveries).joinedload(Delivery.channel))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(_comes_after(Alert.created_at, Alert.id, after))
    rows = list(session.scalars(query))
    more = len(rows) > limit
    return rows[:limit], (rows[limit - 1].created_at, rows[limit - 1].id) if more else None


def _comes_after(
    moment: InstrumentedAttribute[datetime], row_id: InstrumentedAttribute[int], cursor: Cursor
) -> ColumnElement[bool]:
    """True of rows further down a list that runs from the newest; ids settle equal moments."""
    return or_(moment < cursor[0], and_(moment == cursor[0], row_id < cursor[1]))
