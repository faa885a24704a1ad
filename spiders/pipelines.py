"""Saving: a source's report with its values or after them, never ahead."""

import logging
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from sqlalchemy.exc import DataError, StatementError
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.errors import StorageError
from monitor.mentions import save_article, save_mentions, save_ratings
from monitor.pulls import save_leavings, save_sendings
from monitor.robots import find_robots, save_robots
from monitor.sealing import Seal
from monitor.search_results import save_page
from monitor.sources import hold_sources, is_bad_state, record_report
from monitor.types import (
    ArticleData,
    MentionData,
    RatingData,
    RobotsData,
    SearchPageData,
    SendingData,
    SourceState,
    UnsubscribeData,
)
from spiders.runs import Harvest, Value

_BAD = (SourceState.BLOCKED, SourceState.CHANGED, SourceState.FAILING)
COUNTED = ("sources", "new_mentions", "pages", "warnings", "failed", "articles", "leavings")

_Kind = TypeVar("_Kind")

# Values of one transaction, which writes each page of an index once however many of them are in it, and harvests that
# wait for it.
BATCH = 1000
_MOST_WAITING = 100

# What is raised on the way to the database of a value that none can hold: half a letter, a number beyond all columns.
_UNFIT = (ValueError, OverflowError, StatementError)

logger = logging.getLogger(__name__)


class Saver:
    """Saves Harvests through monitor, several in one transaction.

    ``counts`` has the numbers of COUNTED, and ``unsaved`` when the database refused; ``reported`` the ids of sources
    whose report is saved. What is not saved yet when the process dies is collected again, and so is what was refused:
    its source is not told that it went well.
    """

    def __init__(self, database: Database, seal: Seal) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
        self.reported: set[int] = set()
        self._database = database
        self._seal = seal
        # Sources whose visit is under way, and of which the database refused something.
        self._refused: set[int] = set()
        self._waiting: list[Harvest] = []
        self._robots: list[RobotsData] = []

    def save(self, harvest: Harvest) -> None:
        """Save ``harvest`` with those that wait, or let it wait for :meth:`flush` while they are few."""
        self._waiting.append(harvest)
        if len(self._waiting) >= _MOST_WAITING or sum(len(each.values) for each in self._waiting) >= BATCH:
            self.flush()

    def recall(self, origins: Collection[str]) -> dict[str, RobotsData]:
        """What is known of the robots.txt of ``origins``."""
        with self._database.read() as session:
            return find_robots(session, origins)

    def remember(self, robots: RobotsData) -> None:
        """Keep a robots.txt with the next harvests."""
        self._robots.append(robots)

    def flush(self) -> None:
        """Save all that waits; what is refused is tried one by one."""
        waiting, self._waiting = self._waiting, []
        robots, self._robots = self._robots, []
        if not (waiting or robots):
            return
        error = self._save(waiting, robots)
        for harvest in waiting if error is not None else ():
            if len(waiting) > 1:
                error = self._save([harvest], [])
            if error is not None:
                self.counts["unsaved"] += 1
                self._save_apart(harvest, error)
        # With its report a visit is over.
        self._refused -= {harvest.report.source_id for harvest in waiting if harvest.report is not None}

    def _save_apart(self, harvest: Harvest, error: Exception) -> None:
        """Leave out of a refused harvest what no database can hold; its report says how much that was."""
        errors: list[Exception | None] = [error]
        if _is_unfit(error):
            errors = [self._save([Harvest((value,))], []) for value in harvest.values]
        if not all(each is None or _is_unfit(each) for each in errors):
            # The database itself refuses: the source stays due and is collected again.
            self._refused.update(source for value in harvest.values if (source := _source(value)) is not None)
        elif harvest.report is not None:
            line = f"{len(errors) - errors.count(None)} left out, no database can hold it"
            report = replace(harvest.report, warnings=(*harvest.report.warnings, line))
            self._save([Harvest((), report)], [])

    def _save(self, harvests: Sequence[Harvest], robots: Sequence[RobotsData]) -> Exception | None:
        """One transaction; why nothing of it was saved, if so. Without its report a source stays due."""
        now = datetime.now(UTC)
        harvests = [self._without_success(harvest) for harvest in harvests]
        try:
            with self._database.write() as session:
                new = _write(session, harvests, self._seal, now)
                if robots:
                    save_robots(session, robots, now)
        except (StorageError, *_UNFIT) as e:
            logger.error("%s", e)
            return e
        self.counts.update(new)
        for harvest in harvests:
            self._count(harvest)
        return None

    def _without_success(self, harvest: Harvest) -> Harvest:
        """``harvest`` without a report that all went well, when something of the same visit was refused."""
        report = harvest.report
        if report is None or report.source_id not in self._refused or is_bad_state(report.state):
            return harvest
        return replace(harvest, report=None)

    def _count(self, harvest: Harvest) -> None:
        values = harvest.values
        self.counts["pages"] += sum(isinstance(value, SearchPageData) for value in values)
        self.counts["articles"] += sum(isinstance(value, ArticleData) and bool(value.text) for value in values)
        if harvest.report is not None:
            self.reported.add(harvest.report.source_id)
            self.counts["sources"] += 1
            self.counts["warnings"] += len(harvest.report.warnings)
            self.counts["failed"] += harvest.report.state in _BAD


def _is_unfit(error: Exception) -> bool:
    """Whether it was refused for a value of its own, which would be refused each time."""
    return isinstance(error, _UNFIT) or isinstance(error.__cause__, DataError)


def _write(session: Session, harvests: Sequence[Harvest], seal: Seal, now: datetime) -> dict[str, int]:
    """Write all of ``harvests``, the reports last; how many mentions and leavings were new."""
    values = [value for harvest in harvests for value in harvest.values]
    reports = [harvest.report for harvest in harvests if harvest.report is not None]
    hold_sources(session, {report.source_id for report in reports} | {id for value in values if (id := _source(value))})
    left = save_leavings(session, _of(UnsubscribeData, values), seal, now)
    mentions = _of(MentionData, values)
    new = save_mentions(session, mentions, now) if mentions else 0
    save_ratings(session, _of(RatingData, values), now)
    save_sendings(session, _of(SendingData, values))
    for value in values:
        if isinstance(value, SearchPageData):
            new += save_page(session, value, now)
        elif isinstance(value, ArticleData):
            save_article(session, value, now)
    for report in reports:
        record_report(session, report, now)
    return {"new_mentions": new, "leavings": left}


def _of(kind: type[_Kind], values: Sequence[Value]) -> list[_Kind]:
    return [value for value in values if isinstance(value, kind)]


def _source(value: Value) -> int | None:
    return None if isinstance(value, ArticleData) else value.source_id


class SavePipeline:
    """Hands Harvests to the spider's Saver; not there for a spider run by hand."""

    def __init__(self, saver: Saver) -> None:
        self._saver = saver

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "SavePipeline":
        saver = getattr(crawler.spider, "saver", None)
        if saver is None:
            raise NotConfigured
        return cls(saver)

    def process_item(self, item: Any) -> Any:
        if isinstance(item, Harvest):
            self._saver.save(item)
        return item
