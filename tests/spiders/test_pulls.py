"""Mailchimp and listmonk asked for who left, over a real server that answers as they document."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from monitor.brands import add_brand
from monitor.models import Sending, Source, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.sources import add_source, make_due
from monitor.types import Door, SendingData, SourceState, SourceTask, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.spiders.test_interfaces import refuse, reply
from tests.spiders.visiting import first_request, make_spider

SAVED = Path(__file__).parent.parent / "data" / "pulls"
SEAL = Seal("a key for tests")
JSON = {"Content-Type": "application/json"}


def saved(name):
    return json.loads((SAVED / f"{name}.json").read_text(encoding="utf-8"))


class Answers(dict):
    """A site's pages by their path alone, whatever is asked for after it."""

    def get(self, path, default=None):
        return super().get(path.partition("?")[0], default)


@pytest.fixture
def mailchimp(site):
    base = "/3.0/reports"
    names = {base: "reports", f"{base}/cb398d21d2/unsubscribed": "unsubscribed"}
    names[f"{base}/cb398d21d2/abuse-reports"] = "abuse-reports"
    site.pages = Answers({p: (200, JSON, json.dumps(saved(f"mailchimp-{n}")).encode()) for p, n in names.items()})
    site.requests.clear()
    return site


@pytest.fixture
def listmonk(site):
    names = ("lists", "subscribers", "campaigns")
    site.pages = Answers({f"/api/{n}": (200, JSON, json.dumps(saved(f"listmonk-{n}")).encode()) for n in names})
    site.requests.clear()
    return site


def watch(collector, site, spider, **options):
    now = datetime.now(UTC)
    with collector.database.write() as session:
        brand = add_brand(session, f"Brand {spider} {now.timestamp()}", now)
        url = site.url(f"/?{now.timestamp()}")
        source = add_source(
            session, spider, url, now, interval=3600, brand_id=brand.id, options=options, matches_text=False, seal=SEAL
        )
        return brand.id, source.id


def kept(collector, brand_id):
    with collector.database.read() as session:
        query = select(UnsubscribeEvent).where(UnsubscribeEvent.brand_id == brand_id).order_by(UnsubscribeEvent.left_at)
        return session.scalars(query).all()


def sendings(collector, brand_id):
    with collector.database.read() as session:
        return session.scalars(select(Sending).where(Sending.brand_id == brand_id)).all()


def test_mailchimps_reports_bring_who_left_with_their_reasons(collector, mailchimp):
    brand_id, source_id = watch(collector, mailchimp, "mailchimp", api_key="s3cret-us6")
    collected = collector.run(f"--source={source_id}")
    assert (collected.code, collected.counts["leavings"], collected.counts["warnings"]) == (0, 5, 1)
    events = kept(collector, brand_id)
    assert [(event.reason, event.comment) for event in events] == [
        ("not_relevant", ""),
        # A complaint and a leaving without a word are one person, who called it spam.
        ("spam", ""),
        ("", "سه ماه است پشتیبانی جواب نمی‌دهد"),
        ("spam", ""),
        ("never_signed_up", ""),
    ]
    assert {(event.list_name, event.campaign, event.door) for event in events} == {("خبرنامه", "جشنوارهٔ پاییز", "pull")}
    assert events[2].labelled_at is None
    assert [(each.campaign, each.count, each.basis) for each in sendings(collector, brand_id)] == [
        ("جشنوارهٔ پاییز", 4700, "pull")
    ]
    login = base64.b64encode(b"didban:s3cret-us6").decode()
    assert {headers["Authorization"] for _, headers in mailchimp.requests} == {f"Basic {login}"}
    assert not any("robots.txt" in path or "s3cret" in path for path, _ in mailchimp.requests)


def test_a_second_look_asks_for_what_moved_since_and_changes_nothing(collector, mailchimp):
    brand_id, source_id = watch(collector, mailchimp, "mailchimp", api_key="s3cret-us6", days="100")
    collector.run(f"--source={source_id}")
    with collector.database.write() as session:
        make_due(session, datetime.now(UTC), [source_id])
    mailchimp.requests.clear()
    assert collector.run(f"--source={source_id}").counts["leavings"] == 0
    assert len(kept(collector, brand_id)) == 5 and len(sendings(collector, brand_id)) == 1
    (asked,) = (path for path, _ in mailchimp.requests if path.startswith("/3.0/reports?"))
    since = datetime.fromisoformat(parse_qs(urlsplit(asked).query)["since_send_time"][0])
    assert timedelta(days=29) < datetime.now(UTC) - since < timedelta(days=31)


def test_what_a_hook_told_by_numbers_the_report_names(collector, mailchimp):
    brand_id, source_id = watch(collector, mailchimp, "mailchimp", api_key="s3cret-us6")
    by_hook = UnsubscribeData(
        subscriber="person1@example.org",
        left_at=datetime(2026, 10, 28, 11, 2, 12, tzinfo=UTC),
        list_name="8a25ff1d98",
        campaign="cb398d21d2",
        provider="mailchimp",
        door=Door.HOOK,
    )
    with collector.database.write() as session:
        record_events(session, brand_id, [by_hook], SEAL, datetime.now(UTC))
    for _ in range(2):
        collector.run(f"--source={source_id}")
    events = kept(collector, brand_id)
    assert len(events) == 5
    assert (events[0].reason, events[0].list_name, events[0].campaign) == ("not_relevant", "خبرنامه", "جشنوارهٔ پاییز")
    with collector.database.write() as session:
        late = replace(by_hook, subscriber="person5@example.org", left_at=events[-1].left_at)
        assert record_events(session, brand_id, [by_hook, late], SEAL, datetime.now(UTC)) == (0, 2)


def test_a_report_that_fails_is_the_sources_failure_and_nothing_is_skipped(collector, mailchimp):
    _, source_id = watch(collector, mailchimp, "mailchimp", api_key="s3cret-us6")
    mailchimp.pages["/3.0/reports/cb398d21d2/unsubscribed"] = (403, JSON, b"{}")
    assert collector.run(f"--source={source_id}").code == 1
    with collector.database.read() as session:
        source = session.get(Source, source_id)
        assert (source.state, source.good_at) == ("blocked", None)
        assert "s3cret" not in source.error


def test_mailchimps_pages_are_asked_for_until_the_last():
    spider = make_spider(
        "mailchimp",
        SourceTask(id=1, spider="mailchimp", url="https://us6.api.mailchimp.com/", options={"api_key": "k-us6"}),
    )
    first = first_request(spider)
    report = saved("mailchimp-reports")["reports"][0]
    outputs = reply(first, {"reports": [report], "total_items": 101})
    people, complaints, second = (output for output in outputs if not hasattr(output, "count"))
    assert "offset=100" in second.url
    assert reply(second, {"reports": [], "total_items": 101}) == []
    (further,) = reply(people, {"unsubscribes": [], "total_items": 1001})
    assert "offset=1000" in further.url and further.headers["Authorization"]
    assert reply(complaints, saved("mailchimp-abuse-reports"))
    (report,) = refuse(further, 429, Retry_After="60")
    assert report.state == "blocked"


@pytest.mark.parametrize(
    ("kind", "url", "options", "answers", "field"),
    [
        ("mailchimp", "https://us6.api.mailchimp.com/", {"api_key": "k-us6"}, ["mailchimp-reports"], "send_time"),
        (
            "mailchimp",
            "https://us6.api.mailchimp.com/",
            {"api_key": "k-us6"},
            ["mailchimp-reports", "mailchimp-unsubscribed"],
            "email_address",
        ),
        (
            "listmonk",
            "https://news.example/",
            {"user": "didban", "api_token": "t0ken"},
            ["listmonk-lists", "listmonk-subscribers"],
            "email",
        ),
    ],
)
def test_people_or_reports_of_another_shape_are_not_nobody(kind, url, options, answers, field):
    spider = make_spider(kind, SourceTask(id=1, spider=kind, url=url, options=options))
    request = first_request(spider)
    for name in answers[:-1]:
        request = next(each for each in reply(request, saved(name)) if hasattr(each, "callback"))
    reply(request, json.loads(json.dumps(saved(answers[-1])).replace(f'"{field}"', f'"new_{field}"')))
    run = spider.runs[0]
    assert (run.state, run.error.partition(":")[0]) == (
        SourceState.CHANGED,
        f"JSON with a list whose every entry has no {field}",
    )


def test_a_campaign_of_mailchimp_that_went_to_nobody_is_no_sending():
    task = SourceTask(id=1, spider="mailchimp", url="https://us6.api.mailchimp.com/", options={"api_key": "k-us6"})
    report = {**saved("mailchimp-reports")["reports"][0], "emails_sent": 0, "unsubscribed": 0, "abuse_reports": 0}
    (said,) = reply(first_request(make_spider("mailchimp", task)), {"reports": [report], "total_items": 1})
    assert said.state == "empty"


def test_listmonk_brings_who_left_each_list_and_what_was_sent(collector, listmonk):
    brand_id, source_id = watch(collector, listmonk, "listmonk", user="didban", api_token="t0ken")
    collected = collector.run(f"--source={source_id}")
    assert (collected.code, collected.counts["leavings"], collected.counts["warnings"]) == (0, 2, 1)
    events = kept(collector, brand_id)
    assert [event.left_at.isoformat() for event in events] == [
        "2026-10-20T05:30:00+00:00",
        "2026-10-21T05:30:00+00:00",
    ]
    # listmonk asks nobody: the reason is blank and stays so.
    assert {(event.reason, event.comment, event.list_name) for event in events} == {("", "", "خبرنامه")}
    assert [(each.list_name, each.campaign, each.count) for each in sendings(collector, brand_id)] == [
        ("خبرنامه", "مهر", 897)
    ]
    login = base64.b64encode(b"didban:t0ken").decode()
    assert {headers["Authorization"] for _, headers in listmonk.requests} == {f"Basic {login}"}


def listmonk_spider(since=None, **options):
    task = SourceTask(
        id=1,
        spider="listmonk",
        url="https://news.example/lm/",
        options={"user": "didban", "api_token": "t0ken", **options},
        since=since,
    )
    spider = make_spider("listmonk", task)
    return spider, first_request(spider)


def test_listmonk_keeps_who_left_since_the_last_look_and_pages_on():
    _, lists = listmonk_spider(since=datetime(2026, 10, 22, tzinfo=UTC))
    assert lists.url == "https://news.example/lm/api/lists?per_page=all"
    people, campaigns = reply(lists, saved("listmonk-lists"))
    answer = saved("listmonk-subscribers")
    (left,) = reply(people, answer)
    assert left.subscriber == "reader2@example.org"
    _, again = listmonk_spider()
    people, _ = reply(again, saved("listmonk-lists"))
    answer["data"]["results"] = answer["data"]["results"][:1] * 500
    *left, further = reply(people, answer)
    assert len(left) == 500 and "page=2" in further.url
    old = dict.fromkeys(("created_at", "started_at"), "2026-01-01T00:00:00Z") | {"sent": 3, "name": "old"}
    *sent, report = reply(campaigns, {"data": {"results": [old] * 100}})
    assert len(sent) == 100 and report.state == "ok"


def test_a_listmonk_server_that_gives_fewer_than_were_asked_for_is_read_to_the_end(collector, listmonk):
    """Up to version 2.4 it gives 50 at most, of lists too."""

    def paged(name):
        everything = saved(f"listmonk-{name}")["data"]["results"][:1] * 120

        def page(handler):
            asked = parse_qs(urlsplit(handler.path).query)
            number = int(asked.get("page", ["1"])[0])
            some = everything[(number - 1) * 50 : number * 50]
            ids = range((number - 1) * 50 + 1, number * 50 + 1)
            rows = [{**each, "id": id, "email": f"{id}@example.org"} for id, each in zip(ids, some, strict=False)]
            data = {"results": rows, "total": 120, "per_page": 50, "page": number}
            handler.answer(200, JSON, json.dumps({"data": data}).encode())

        return page

    listmonk.pages |= {f"/api/{name}": paged(name) for name in ("lists", "subscribers", "campaigns")}
    brand_id, source_id = watch(collector, listmonk, "listmonk", user="didban", api_token="t0ken", lists="3")
    assert collector.run(f"--source={source_id}").counts["leavings"] == 120
    assert len(kept(collector, brand_id)) == len(sendings(collector, brand_id)) == 120
    asked = [path.partition("?")[0] for path, _ in listmonk.requests]
    assert {path: asked.count(path) for path in asked} == dict.fromkeys(
        ("/api/lists", "/api/subscribers", "/api/campaigns"), 3
    )


def test_a_listmonk_list_beyond_the_first_page_is_there():
    spider, lists = listmonk_spider(lists="60")
    first = {"results": [{"id": number, "name": "x"} for number in range(1, 51)], "total": 60, "per_page": 50}
    last = {"results": [{"id": number, "name": "x"} for number in range(51, 61)], "total": 60, "per_page": 50}
    (more,) = reply(lists, {"data": first})
    people, _ = reply(more, {"data": last})
    assert "page=2" in more.url and "list_id=60" in people.url and spider.runs[0].error == ""


def test_a_listmonk_total_that_is_too_high_ends_with_an_empty_page():
    _, lists = listmonk_spider()
    people, _ = reply(lists, saved("listmonk-lists"))
    one = saved("listmonk-subscribers")["data"]["results"][0]
    _, further = reply(people, {"data": {"results": [one], "total": 900}})
    assert reply(further, {"data": {"results": [], "total": 900}}) == []


def test_a_list_that_is_not_there_is_said():
    spider, lists = listmonk_spider(lists="3, 9")
    reply(lists, saved("listmonk-lists"))
    assert spider.runs[0].error == "no list 9 on this server: 'https://news.example/lm/'"


def test_who_came_back_to_a_listmonk_list_and_left_again_has_left_twice():
    def ids(changed_at):
        _, lists = listmonk_spider()
        people, _ = reply(lists, saved("listmonk-lists"))
        answer = saved("listmonk-subscribers")
        place = answer["data"]["results"][0]["lists"][0]
        place["subscription_updated_at"] = changed_at
        return [each.external_id for each in reply(people, answer) if isinstance(each, UnsubscribeData)]

    first, again = ids("2026-10-20T09:00:00+03:30"), ids("2026-11-19T09:00:00+03:30")
    assert first[0] != again[0]
    # An older server does not say when, so that whoever is edited there would seem to leave anew.
    assert first[1] == again[1] == "2 3"


def test_the_mails_of_a_listmonk_campaign_to_several_lists_are_no_lists_alone():
    _, lists = listmonk_spider()
    _, campaigns = reply(lists, saved("listmonk-lists"))
    answer = saved("listmonk-campaigns")
    answer["data"]["results"][0]["lists"].append({"id": 9, "name": "Offers"})
    sent = [each for each in reply(campaigns, answer) if isinstance(each, SendingData)]
    assert [(each.list_name, each.campaign) for each in sent] == [("", "مهر")]


def test_nobody_is_named_when_a_source_is_tried(collector, listmonk):
    options = ("--option", "user=didban", "--option", "api_token=t0ken")
    with collector.start("--try", "listmonk", listmonk.url(""), *options) as child:
        printed, said = child.communicate(timeout=60)
    assert '"type": "UnsubscribeData", "subscriber": "…"' in printed
    assert "reader1" not in printed + said
