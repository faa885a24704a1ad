"""Saving: each Harvest in one transaction, so that a source's report is never ahead of its values."""

import logging
from collections import Counter
from datetime import UTC, datetime
from typing import Any, TypeVar

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from sqlalchemy.orm import Session

from monitor.db import Database
from monitor.errors import StorageError
from monitor.mentions import save_article, save_mentions, save_ratings
from monitor.pulls import save_leavings, save_sendings
from monitor.sealing import Seal
from monitor.search_results import save_page
from monitor.sources import record_report
from monitor.types import (
    ArticleData,
    MentionData,
    RatingData,
    SearchPageData,
    SendingData,
    SourceState,
    UnsubscribeData,
)
from spiders.runs import Harvest

_BAD = (SourceState.BLOCKED, SourceState.CHANGED, SourceState.FAILING)
COUNTED = ("sources", "new_mentions", "pages", "warnings", "failed", "articles", "leavings")

_Kind = TypeVar("_Kind")

logger = logging.getLogger(__name__)


class Saver:
    """Saves Harvests through monitor.

    ``counts`` has the numbers of COUNTED, and ``unsaved`` when the database refused; ``reported`` the ids of sources
    whose report is saved.
    """

    def __init__(self, database: Database, seal: Seal) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
        self.reported: set[int] = set()
        self._database = database
        self._seal = seal

    def save(self, harvest: Harvest) -> None:
        """One transaction. What cannot be saved is counted and logged: without its report a source stays due."""
        try:
            with self._database.write() as session:
                now = datetime.now(UTC)
                left = save_leavings(session, _of(UnsubscribeData, harvest), self._seal, now)
                new = _write(session, harvest, now)
        except StorageError as e:
            self.counts["unsaved"] += 1
            logger.error("%s", e)
            return
        self.counts["leavings"] += left
        self._count(harvest, new)

    def _count(self, harvest: Harvest, new: int) -> None:
        values = harvest.values
        self.counts["new_mentions"] += new
        self.counts["pages"] += sum(isinstance(value, SearchPageData) for value in values)
        self.counts["articles"] += sum(isinstance(value, ArticleData) and bool(value.text) for value in values)
        if harvest.report is not None:
            self.reported.add(harvest.report.source_id)
            self.counts["sources"] += 1
            self.counts["warnings"] += len(harvest.report.warnings)
            self.counts["failed"] += harvest.report.state in _BAD


def _write(session: Session, harvest: Harvest, now: datetime) -> int:
    """Write all of ``harvest``; the number of new mentions."""
    mentions = _of(MentionData, harvest)
    new = save_mentions(session, mentions, now) if mentions else 0
    save_ratings(session, _of(RatingData, harvest), now)
    save_sendings(session, _of(SendingData, harvest))
    for value in harvest.values:
        if isinstance(value, SearchPageData):
            new += save_page(session, value, now)
        elif isinstance(value, ArticleData):
            save_article(session, value, now)
    if harvest.report is not None:
        record_report(session, harvest.report, now)
    return new


def _of(kind: type[_Kind], harvest: Harvest) -> list[_Kind]:
    return [value for value in harvest.values if isinstance(value, kind)]


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
