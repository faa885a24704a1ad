"""Visit the sources that are due: ``python -m spiders.collect [--source ID]… [--share N/M] | --try SPIDER URL``.

A reactor runs once in a process, so whoever collects starts this as a process of its own. The last line on stdout is
the outcome as one JSON object. Exit status: 0, 1 when a source failed or something could not be saved, 2 wrong use.
"""

import argparse
import asyncio
import gc
import json
import logging
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings as ScrapySettings
from scrapy.utils.log import configure_logging
from scrapy.utils.reactor import install_reactor

from monitor.config import Settings, load_settings
from monitor.db import Database, open_database
from monitor.errors import ConfigError, MonitorError
from monitor.mentions import waiting_pages
from monitor.sealing import Seal
from monitor.secrets import open_options
from monitor.shares import EVERYTHING, Share
from monitor.sources import TROUBLE, claim_due
from monitor.types import FetchReport, SourceState, SourceTask, UnsubscribeData
from spiders import load_spiders
from spiders.addresses import GuardedResolver
from spiders.articles import ArticleSpider
from spiders.base import SourceSpider
from spiders.leases import LeaseKeeper
from spiders.logs import hide_secrets
from spiders.pipelines import COUNTED, Saver
from spiders.runs import Harvest
from spiders.settings import scrapy_settings

_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
_LOOKUP_THREADS = 20
_PAGES_AT_ONCE = 200
_MOST_PAGES = 1000
_LAST_WORDS_SECONDS = 5
_FLUSH_SECONDS = 1.0


class Collector:
    """Visits sources, then reads the pages that wait for their text; ``saver.counts`` says what came of it."""

    def __init__(
        self,
        database: Database,
        saver: Saver,
        runner: AsyncCrawlerRunner,
        seal: Seal,
        source_ids: Sequence[int] | None,
        share: Share,
    ) -> None:
        self.saver = saver
        self._seal = seal
        self._database = database
        self._source_ids = source_ids
        self._share = share
        self._runner = runner
        self._spiders = load_spiders()
        self._stopping = False

    async def run(self) -> None:
        await self._visit_sources()
        await self._read_pages()

    async def _visit_sources(self) -> None:
        seen: set[int] = set()
        while not self._stopping and (tasks := self._claim()):
            ids = {task.id for task in tasks}
            # A source that could not be given its report is still due: leave it to the next process.
            if ids <= seen:
                return
            seen |= ids
            with LeaseKeeper(self._database, ids, self.saver.reported):
                await self._visit(tasks)

    def _claim(self) -> list[SourceTask]:
        with self._database.write() as session:
            return claim_due(session, datetime.now(UTC), ids=self._source_ids, share=self._share)

    def _open(self, task: SourceTask) -> SourceTask | None:
        """``task`` with its secrets as they were given; None when another key closed them, which is reported."""
        try:
            return replace(task, options=open_options(task.options, self._seal))
        except ConfigError as e:
            self._refuse(task, str(e))
            return None

    async def _visit(self, tasks: Sequence[SourceTask]) -> None:
        by_spider: dict[str, list[SourceTask]] = {}
        for task in filter(None, map(self._open, tasks)):
            by_spider.setdefault(task.spider, []).append(task)
        crawls = []
        for name, group in by_spider.items():
            if name in self._spiders:
                crawls.append(self._crawl(self._spiders[name], tasks=group))
            else:
                for task in group:
                    self._refuse(task, str(ConfigError("no such kind of source", name)))
        flushing = asyncio.ensure_future(self._flush_often())
        try:
            await asyncio.gather(*crawls)
        finally:
            flushing.cancel()
            self.saver.flush()

    async def _flush_often(self) -> None:
        # A slow site keeps nobody else's texts waiting.
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            self.saver.flush()

    def _refuse(self, task: SourceTask, error: str) -> None:
        self.saver.save(Harvest((), FetchReport(task.id, SourceState.FAILING, url=task.url, error=error)))

    async def _read_pages(self) -> None:
        seen: set[str] = set()
        while not self._stopping and len(seen) < _MOST_PAGES:
            with self._database.read() as session:
                waiting = waiting_pages(session, _PAGES_AT_ONCE, self._share, datetime.now(UTC))
            pages = [page for page in waiting if page not in seen]
            if not pages:
                return
            seen.update(pages)
            await self._crawl(ArticleSpider, pages=pages)
            self.saver.flush()

    async def _crawl(self, kind: type[SourceSpider], **given: Any) -> None:
        crawler = self._runner.create_crawler(kind)
        await self._runner.crawl(crawler, saver=self.saver, **given)
        spider = crawler.spider
        assert isinstance(spider, SourceSpider)
        if crawler.stats.get_value("finish_reason") != "finished":
            self._stopping = True
            return
        for harvest in spider.abandoned():
            self.saver.save(harvest)


async def try_source(runner: AsyncCrawlerRunner, task: SourceTask, failed: list[str]) -> None:
    """Visit one source without saving and print each value, then the report, as a line of JSON.

    What went wrong is added to ``failed``.
    """
    spiders = load_spiders()
    if task.spider not in spiders:
        raise ConfigError("no such kind of source", task.spider)
    crawler = runner.create_crawler(spiders[task.spider])

    def print_value(item: Any) -> None:
        _print_value(item)
        if isinstance(item, FetchReport) and item.state in TROUBLE:
            failed.append(item.error)

    crawler.signals.connect(print_value, signals.item_scraped)
    await runner.crawl(crawler, tasks=[task])
    if crawler.stats.get_value("log_count/ERROR"):
        failed.append("see the log")


def _print_value(item: Any) -> None:
    # What is printed ends up in logs: who left is nobody's business there.
    item = replace(item, subscriber="…") if isinstance(item, UnsubscribeData) else item
    print(json.dumps({"type": type(item).__name__, **asdict(item)}, ensure_ascii=False, default=str))


def run_in_reactor(settings: ScrapySettings, work: Callable[[AsyncCrawlerRunner], Coroutine[Any, Any, None]]) -> None:
    """Run ``work`` to its end; on SIGTERM or SIGINT what is under way has a few seconds to end well."""
    install_reactor(_REACTOR)
    from twisted.internet import reactor as installed

    reactor: Any = installed
    configure_logging(settings)
    hide_secrets(logging.getLogger())
    runner = AsyncCrawlerRunner(settings)
    # Scrapy's own command does the next two; a runner leaves them to us.
    GuardedResolver.from_crawler(runner, reactor).install_on_reactor()
    reactor.suggestThreadPoolSize(_LOOKUP_THREADS)
    tasks: list[asyncio.Task[None]] = []

    def begin() -> None:
        task = asyncio.get_running_loop().create_task(work(runner))
        task.add_done_callback(lambda _: reactor.stop())
        tasks.append(task)
        _stop_on_signals(task, runner)

    reactor.callLater(0, begin)
    reactor.run(installSignalHandlers=False)
    if not tasks[0].cancelled():
        tasks[0].result()


def _stop_on_signals(task: asyncio.Task[None], runner: AsyncCrawlerRunner) -> None:
    loop = asyncio.get_running_loop()
    stopping: list[asyncio.Task[None]] = []

    def stop() -> None:
        stopping.append(loop.create_task(runner.stop()))
        loop.call_later(_LAST_WORDS_SECONDS, task.cancel)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def collect(settings: Settings, source_ids: Sequence[int] | None, share: Share) -> dict[str, int]:
    """Visit what is due in ``share``, or those of ``source_ids`` that are; the counts of COUNTED, and ``unsaved``.

    Once in a process: a reactor cannot run again.
    """
    # Most of what is made here is gone soon by itself; looking for circles among it takes a twentieth of the time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    # Whoever starts this has brought the tables up to date.
    database = open_database(settings, create=False)
    seal = Seal(settings.key())
    saver = Saver(database, seal)
    scrapy_values = scrapy_settings(settings)
    # A failing source is in its report; the log is for bugs.
    scrapy_values.set("LOG_LEVEL", "ERROR")
    try:
        run_in_reactor(scrapy_values, lambda runner: Collector(database, saver, runner, seal, source_ids, share).run())
    finally:
        database.close()
    return dict(saver.counts)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        if options.attempt:
            spider, url = options.attempt
            given = dict(options.option) | (json.load(sys.stdin) if options.read_options else {})
            task = SourceTask(id=0, spider=spider, url=url, options=given)
            failed: list[str] = []
            run_in_reactor(scrapy_settings(settings), lambda runner: try_source(runner, task, failed))
            return 1 if failed else 0
        counts = collect(settings, options.source, options.share)
    except MonitorError as e:
        print(e, file=sys.stderr)
        return 2 if isinstance(e, ConfigError) else 1
    print(json.dumps({name: counts[name] for name in COUNTED}))
    return 1 if counts["failed"] or counts.get("unsaved") else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spiders.collect", description=__doc__.partition("\n")[0])
    parser.add_argument("--source", type=int, action="append", metavar="ID", help="only this source, if it is due")
    parser.add_argument(
        "--share", type=_share, default=EVERYTHING, metavar="N/M", help="only hosts of the Nth of M shares"
    )
    parser.add_argument("--try", dest="attempt", nargs=2, metavar=("SPIDER", "URL"), help="print, save nothing")
    parser.add_argument("--option", type=_pair, action="append", default=[], metavar="KEY=VALUE", help="with --try")
    parser.add_argument("--read-options", action="store_true", help="read more of them from stdin, as a JSON object")
    return parser


def _share(text: str) -> Share:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError("N/M")
    return Share(int(number) - 1, int(of))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError("KEY=VALUE")
    return key, value


if __name__ == "__main__":
    sys.exit(main())
