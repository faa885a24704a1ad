"""Who left the lists of a listmonk server, and how many mails its campaigns sent. listmonk asks nobody why."""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from urllib.parse import urlencode, urlsplit

from scrapy import Request
from scrapy.http import Response
from w3lib.url import add_or_replace_parameter

from monitor.errors import ParseError
from monitor.types import Door, SendingData, UnsubscribeData
from spiders.answers import Record, part, read_json, records, string
from spiders.base import Read, SourceSpider
from spiders.dates import parse_date
from spiders.runs import Ask, Run, Value

_PEOPLE = 500
_CAMPAIGNS = 100
# What changed while the last look was under way is read again.
_OVERLAP = timedelta(days=1)
_STILL_SENDING = timedelta(days=30)


class ListmonkSpider(SourceSpider):
    """The source's address is the server's; options ``user`` and ``api_token`` of an API user that may read.

    Option ``lists``: the numbers of the lists that count, with commas (all). The server can be asked only for all who
    have left a list, so every look pages through them and keeps who left since the last one.
    """

    name = "listmonk"
    matches_text = False
    needs = ("user", "api_token")

    def first_ask(self, run: Run) -> Ask:
        return self._ask(run, f"{_base(run)}/api/lists?per_page=all")

    def _ask(self, run: Run, url: str) -> Ask:
        login = base64.b64encode(f"{run.option('user')}:{run.option('api_token')}".encode()).decode()
        return Ask(url, headers={"Authorization": f"Basic {login}"}, redirects=False)

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        yield from self._read_lists(1, frozenset(), response, run)

    def _read_lists(self, page: int, known: frozenset[str], response: Response, run: Run) -> Iterator[Value | Request]:
        lists, total = _results(response, run, "id")
        found = known | {string(each, "id") for each in lists}
        if len(known) < len(found) < total:
            yield from self._next(response, run, page, partial(self._read_lists, page + 1, found))
            return
        wanted = {number.strip() for number in run.options.get("lists", "").split(",") if number.strip()}
        if missing := wanted - found:
            raise ParseError(f"no list {', '.join(sorted(missing))} on this server", run.url)
        for number in sorted(wanted or found, key=int):
            asked = {"list_id": number, "subscription_status": "unsubscribed", "page": 1, "per_page": _PEOPLE,
                     "order_by": "created_at", "order": "ASC"}  # fmt: skip
            url = f"{_base(run)}/api/subscribers?{urlencode(asked)}"
            yield from self.follow(run, self._ask(run, url), partial(self._read_people, number, 1, 0), decides=True)
        asked = {"page": 1, "per_page": _CAMPAIGNS, "order_by": "created_at", "order": "DESC", "no_body": "true"}
        url = f"{_base(run)}/api/campaigns?{urlencode(asked)}"
        yield from self.follow(run, self._ask(run, url), partial(self._read_campaigns, 1, 0))

    def _next(self, response: Response, run: Run, page: int, read: Read, *, decides: bool = True) -> Iterator[Request]:
        url = add_or_replace_parameter(response.url, "page", str(page + 1))
        yield from self.follow(run, self._ask(run, url), read, decides=decides)

    def _read_people(
        self, number: str, page: int, before: int, response: Response, run: Run
    ) -> Iterator[Value | Request]:
        people, total = _results(response, run, "email")
        for person in people:
            yield from _leaving(person, number, run)
        seen = before + len(people)
        if _is_more(len(people), _PEOPLE, seen, total):
            yield from self._next(response, run, page, partial(self._read_people, number, page + 1, seen))

    def _read_campaigns(self, page: int, before: int, response: Response, run: Run) -> Iterator[Value | Request]:
        campaigns, total = _results(response, run)
        oldest = None
        for campaign in campaigns:
            oldest = parse_date(string(campaign, "created_at"))
            yield from _sendings(campaign, run)
        is_known = run.since is not None and oldest is not None and oldest < run.since - _STILL_SENDING
        seen = before + len(campaigns)
        if _is_more(len(campaigns), _CAMPAIGNS, seen, total) and not is_known:
            read = partial(self._read_campaigns, page + 1, seen)
            yield from self._next(response, run, page, read, decides=False)


def _base(run: Run) -> str:
    parts = urlsplit(run.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _results(response: Response, run: Run, *fields: str) -> tuple[list[Record], int]:
    """A page of what was asked for, and how many there are of it; 0 when the server does not say."""
    answer = read_json(response)
    total = part(answer, "data.total")
    return list(records(response, part(answer, "data.results"), run, *fields)), total if isinstance(total, int) else 0


def _is_more(got: int, asked: int, seen: int, total: int) -> bool:
    """Whether there is a further page. Servers up to version 2.4 give 50 at most, however many are asked for."""
    return got == asked or (got > 0 and seen < total)


def _leaving(person: Record, number: str, run: Run) -> Iterator[UnsubscribeData]:
    lists = part(person, "lists")
    theirs = [each for each in lists if string(each, "id") == number] if isinstance(lists, list) else []
    place = theirs[0] if theirs else {}
    left_at = _left_at(person, place)
    address = string(person, "email")
    if "@" not in address or left_at is None:
        run.warn(f"subscriber {string(person, 'id') or '?'} left out, without an address or a date")
        return
    # The server's answer may hold more than was asked for.
    if string(place, "subscription_status") not in ("", "unsubscribed"):
        return
    if run.since is not None and left_at < run.since - _OVERLAP:
        return
    yield UnsubscribeData(
        subscriber=address,
        left_at=left_at,
        list_name=string(place, "name"),
        provider="listmonk",
        # Who came back and left again has left twice. Older servers do not tell the two apart.
        external_id=f"{string(person, 'id')} {number} {string(place, 'subscription_updated_at')}".rstrip(),
        door=Door.PULL,
        source_id=run.source_id,
    )


def _left_at(person: Record, place: Record) -> datetime | None:
    """When the subscription changed; older servers say only when the person did."""
    return parse_date(string(place, "subscription_updated_at") or string(person, "updated_at"))


def _sendings(campaign: Record, run: Run) -> Iterator[SendingData]:
    sent, sent_at = part(campaign, "sent"), parse_date(string(campaign, "started_at"))
    if not isinstance(sent, int) or sent <= 0 or sent_at is None:
        return
    lists = part(campaign, "lists")
    names = [string(each, "name") for each in lists] if isinstance(lists, list) else []
    # How many of the mails went to which of several lists is not said: they are the campaign's alone.
    yield SendingData(
        count=sent,
        sent_at=sent_at,
        list_name=names[0] if len(names) == 1 else "",
        campaign=string(campaign, "name") or string(campaign, "subject"),
        provider="listmonk",
        external_id=string(campaign, "id"),
        source_id=run.source_id,
    )
