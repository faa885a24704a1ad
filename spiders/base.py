"""What every kind of source shares: requests in, values and one report per source out."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

import scrapy
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from monitor.errors import FetchError, ParseError
from monitor.types import FetchReport, SourceState, SourceTask
from spiders.failures import Trouble, explain
from spiders.pipelines import BATCH, Saver
from spiders.runs import Ask, Harvest, Run, Value

Read = Callable[[Response, Run], Iterable[Value | Request]]
Output = Value | Request | Harvest | FetchReport


class SourceSpider(scrapy.Spider):
    """One kind of source; one spider visits many of them.

    Given ``tasks`` it ends each with a FetchReport; given a ``saver`` too, it yields Harvests for
    :class:`spiders.pipelines.SavePipeline` instead of single values. By hand (``-a url=…``, other arguments become
    options) it yields the values themselves. A new kind sets ``name``, says in ``matches_text`` whether its texts
    must name a brand to count, and implements :meth:`parse_source`; :meth:`first_ask` when what is asked is not the
    source's own address. ``most_pages`` is how many pages are read when the option ``pages`` says nothing.
    ``needs`` are the options of a machine's interface that only those with a key may ask.
    """

    name: str
    matches_text: ClassVar[bool] = True
    most_pages: ClassVar[int] = 3
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, url: str = "", tasks: Sequence[SourceTask] = (), saver: Saver | None = None, **options: str
    ) -> None:
        super().__init__()
        self.saver = saver
        self.runs = [Run.of(task) for task in tasks]
        if url:
            self.runs.append(Run(url=url, options=options))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "SourceSpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.note_bug, signals.spider_error)
        return spider

    def parse_source(self, response: Response, run: Run) -> Iterable[Value | Request]:
        """The values of an answer, and requests made by :meth:`follow`.

        Raises ParseError when the answer is not what this kind of source reads; what is wrong with a single entry
        goes to ``run.warn``.
        """
        raise NotImplementedError

    def last_values(self, run: Run) -> Iterable[Value]:
        """What is still to be said when ``run`` is over, well or badly."""
        return ()

    def first_ask(self, run: Run) -> str | Ask:
        """What is asked first. Raises ParseError when the source's address or options do not say it."""
        return run.url

    def explain(self, error: BaseException, request: Request) -> Trouble:
        """What a request that failed means for the source."""
        return explain(error, request.url)

    def follow(self, run: Run, ask: str | Ask, read: Read | None = None, *, decides: bool = False) -> Iterator[Request]:
        """A further request of ``run``, unless it was made before.

        With ``decides`` its failure is the source's; else that of a page, a warning. That the first answer is the same
        next time says nothing of what is asked here, so that it is not asked for conditionally then.
        """
        ask = Ask(ask) if isinstance(ask, str) else ask
        if _identity(ask) in run.visited:
            return
        try:
            request = self._request(run, ask, read or self.parse_source, first=False, decides=decides)
        except ValueError:
            run.warn(str(FetchError("not a web address", ask.url)))
        else:
            run.etag = run.last_modified = ""
            yield request

    def follow_page(self, run: Run, ask: str | Ask, read: Read | None = None) -> Iterator[Request]:
        """A further page, while ``run`` has read fewer than it may."""
        if run.pages < run.whole_option("pages", self.most_pages):
            for request in self.follow(run, ask, read):
                run.pages += 1
                yield request

    async def start(self) -> AsyncIterator[Output]:
        for run in self.runs:
            for output in self.begin(run):
                yield output

    def begin(self, run: Run) -> Iterator[Output]:
        """The first request of ``run``, or its end when there is nothing to ask."""
        try:
            ask = self.first_ask(run)
            ask = Ask(ask) if isinstance(ask, str) else ask
            yield self._request(run, ask, self.parse_source, first=True, decides=True)
        except ParseError as e:
            run.fail(SourceState.FAILING, str(e))
            yield from self.close_run(run)
        except ValueError:
            run.fail(SourceState.FAILING, str(FetchError("not a web address", run.url)))
            yield from self.close_run(run)

    def _request(self, run: Run, ask: Ask, read: Read, *, first: bool, decides: bool) -> Request:
        posted = ask.body is not None
        kind = "application/x-www-form-urlencoded" if ask.form else "application/json"
        request = Request(
            ask.url,
            callback=self._answered,
            errback=self._failed,
            method="POST" if posted else "GET",
            headers={**ask.headers, **({"Content-Type": kind} if posted else {})},
            body=ask.body,
            dont_filter=True,
            meta={
                "run": run,
                "first": first and not posted,
                "decides": decides,
                "dont_obey_robotstxt": not self.obeys_robots(ask.url),
                "dont_redirect": not ask.redirects,
            },
            cb_kwargs={"run": run, "read": read},
        )
        run.visited.add(_identity(ask))
        run.pending += 1
        return request

    def obeys_robots(self, url: str) -> bool:
        """False only for a machine's interface to which the owner has a key, or on the owner's own server.

        A key is an invitation; robots.txt is for those who have none.
        """
        return not self.needs

    def _answered(self, response: Response, run: Run, read: Read) -> Iterator[Output]:
        leads_on = False
        try:
            for value in read(response, run):
                leads_on |= isinstance(value, Request)
                yield from self._pass_on(run, value)
            run.was_read |= not leads_on
        except ParseError as e:
            self._blame(response.request, run, SourceState.CHANGED, str(e))
        finally:
            run.pending -= 1
        yield from self.close_run(run)

    def _failed(self, failure: Failure) -> Iterator[Output]:
        request: Request = failure.request  # type: ignore[attr-defined]
        run: Run = request.meta["run"]
        error = failure.value
        assert error is not None
        run.pending -= 1
        if isinstance(error, HttpError) and error.response.status == 304 and request.meta["first"]:
            run.unchanged = True
        else:
            trouble = self.explain(error, request)
            run.passes = trouble.passes
            self._blame(request, run, trouble.state, trouble.line, trouble.retry_after)
        yield from self.close_run(run)

    def _blame(
        self, request: Request | None, run: Run, state: SourceState, line: str, wait: float | None = None
    ) -> None:
        # The first page speaks for the source; a further one that fails takes nothing away from it.
        if request is None or request.meta["decides"]:
            run.fail(state, line, wait)
        else:
            run.lose_page(state, line, wait)

    def _pass_on(self, run: Run, value: Value | Request) -> Iterator[Output]:
        if isinstance(value, Request):
            yield value
            return
        run.note(value)
        if self.saver is None:
            yield value
            return
        run.values.append(value)
        if len(run.values) >= BATCH:
            yield self._harvest(run)

    def _harvest(self, run: Run, report: FetchReport | None = None) -> Harvest:
        values, run.values = tuple(run.values), []
        return Harvest(values, report)

    def close_run(self, run: Run) -> Iterator[Output]:
        """The report of ``run`` and what comes with it, once nothing of it is pending."""
        if run.pending or run.finished:
            return
        run.finished = True
        for value in self.last_values(run):
            yield from self._pass_on(run, value)
        report = None if run.source_id is None else run.report()
        if self.saver is not None:
            yield self._harvest(run, report)
        elif report is not None:
            yield report
        else:
            self._log(run)

    def _log(self, run: Run) -> None:
        for line in run.warnings:
            self.logger.warning("%s", line)
        if run.error:
            self.logger.error("%s", run.error)

    def abandoned(self) -> Iterator[Harvest]:
        """The last words of runs that a bug kept from their report; only with a saver."""
        for run in self.runs:
            run.pending = 0
            yield from (output for output in self.close_run(run) if isinstance(output, Harvest))

    def note_bug(self, failure: Failure, response: Response | Failure) -> None:
        """Remember in the run what Scrapy has just logged with its traceback."""
        request = getattr(response, "request", None)
        if request is not None and isinstance(run := request.meta.get("run"), Run):
            kind = type(failure.value).__name__
            run.fail(SourceState.FAILING, str(FetchError(f"bug in the spider ({kind}, see the log)", run.url)))


def _identity(ask: Ask) -> str:
    return ask.url if ask.body is None else f"{ask.url} {ask.body}"
