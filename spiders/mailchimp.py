"""Who left after each campaign of a Mailchimp account, with the reason they chose, and how many mails went out."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter, url_query_parameter

from monitor.errors import ParseError
from monitor.reasons import settle_reason
from monitor.types import Door, ReasonCode, SendingData, UnsubscribeData
from spiders.answers import Record, part, read_json, records, string
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.runs import Ask, Run, Value

_REPORTS = 100
_PEOPLE = 1000
# Most of those who leave do so within days of a mail; its report is read again for so long.
_STILL_MOVING = timedelta(days=30)
_FIRST_LOOK = 365
_KEPT = ("id", "campaign_title", "subject_line", "list_id", "list_name", "emails_sent", "unsubscribed",
         "abuse_reports", "send_time")  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Campaign:
    """One campaign's report: what its mails and its people are called after."""

    id: str
    title: str
    list_name: str


class MailchimpSpider(SourceSpider):
    """The source's address is ``https://DC.api.mailchimp.com/``; option ``api_key``, which ends in ``-DC``.

    Option ``days``: how far the first look goes back (365). Later looks read the campaigns of the last 30 days again,
    counted from the last good look.
    """

    name = "mailchimp"
    matches_text = False
    most_pages = 100
    needs = ("api_key",)

    def first_ask(self, run: Run) -> Ask:
        host, centre = urlsplit(run.url).hostname or "", run.option("api_key").rpartition("-")[2]
        if host.endswith(".mailchimp.com") and host.partition(".")[0] != centre:
            raise ParseError(f"the key ends in -{centre}, and the address is another", run.url)
        since = run.since or datetime.now(UTC) - timedelta(days=run.whole_option("days", _FIRST_LOOK))
        asked = {
            "count": _REPORTS,
            "offset": 0,
            "since_send_time": (since - (_STILL_MOVING if run.since else timedelta())).isoformat(timespec="seconds"),
            "fields": ",".join(["total_items", *(f"reports.{name}" for name in _KEPT)]),
        }
        return self._ask(run, f"{_base(run)}/reports?{urlencode(asked)}")

    def _ask(self, run: Run, url: str) -> Ask:
        login = base64.b64encode(f"didban:{run.option('api_key')}".encode()).decode()
        return Ask(url, headers={"Authorization": f"Basic {login}"}, redirects=False)

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        answer = read_json(response)
        for report in records(response, part(answer, "reports"), run, "id", "send_time"):
            campaign = _campaign(report)
            sent_at = parse_date(string(report, "send_time"))
            if not campaign.id or sent_at is None:
                run.warn(f"report {campaign.id or '?'} left out, it has no name or no date")
                continue
            if sent := _number(report, "emails_sent"):
                yield SendingData(
                    count=sent,
                    sent_at=sent_at,
                    list_name=campaign.list_name,
                    campaign=campaign.title,
                    provider=self.name,
                    external_id=campaign.id,
                    source_id=run.source_id,
                )
            for count, path, read in (
                (_number(report, "unsubscribed"), "unsubscribed", self._read_leavings),
                (_number(report, "abuse_reports"), "abuse-reports", self._read_complaints),
            ):
                if count:
                    url = f"{_base(run)}/reports/{campaign.id}/{path}?count={_PEOPLE}&offset=0"
                    yield from self.follow(run, self._ask(run, url), partial(read, campaign), decides=True)
        yield from self._next(response, run, answer, _REPORTS, self.parse_source)

    def _next(self, response: Response, run: Run, answer: Any, size: int, read: Any) -> Iterator[Request]:
        """The page after this one; its failure is the source's, so that the next look begins where this one did."""
        offset = int(url_query_parameter(response.url, "offset") or 0) + size
        if offset < _number(answer, "total_items"):
            url = add_or_replace_parameter(response.url, "offset", str(offset))
            yield from self.follow(run, self._ask(run, url), read, decides=True)

    def _read_leavings(self, campaign: _Campaign, response: Response, run: Run) -> Iterator[Value | Request]:
        answer = read_json(response)
        for person in records(response, part(answer, "unsubscribes"), run, "email_address", "timestamp"):
            reason, words = settle_reason(string(person, "reason"))
            yield from _leaving(campaign, person, "timestamp", reason, words, run)
        yield from self._next(response, run, answer, _PEOPLE, partial(self._read_leavings, campaign))

    def _read_complaints(self, campaign: _Campaign, response: Response, run: Run) -> Iterator[Value | Request]:
        answer = read_json(response)
        for person in records(response, part(answer, "abuse_reports"), run, "email_address", "date"):
            yield from _leaving(campaign, person, "date", ReasonCode.SPAM, "", run)
        yield from self._next(response, run, answer, _PEOPLE, partial(self._read_complaints, campaign))


def _base(run: Run) -> str:
    parts = urlsplit(run.url)
    return f"{parts.scheme}://{parts.netloc}/3.0"


def _campaign(report: Record) -> _Campaign:
    title = string(report, "campaign_title") or string(report, "subject_line") or string(report, "id")
    return _Campaign(string(report, "id"), title, string(report, "list_name") or string(report, "list_id"))


def _number(value: Any, path: str) -> int:
    found = part(value, path)
    return found if isinstance(found, int) and not isinstance(found, bool) and found > 0 else 0


def _leaving(
    campaign: _Campaign, person: Record, date: str, reason: ReasonCode | None, words: str, run: Run
) -> Iterator[UnsubscribeData]:
    address, left_at = string(person, "email_address"), parse_date(string(person, date))
    if "@" not in address or left_at is None:
        # The address stays out of what is shown.
        run.warn(f"a person of campaign {campaign.id} left out, without an address or a date")
        return
    yield UnsubscribeData(
        subscriber=address,
        left_at=left_at,
        list_name=campaign.list_name,
        campaign=campaign.title,
        provider="mailchimp",
        reason=reason,
        comment=words,
        # Who complains is taken off too: both reports tell of one leaving.
        external_id=f"{campaign.id} {string(person, 'email_id')}",
        door=Door.PULL,
        source_id=run.source_id,
    )
