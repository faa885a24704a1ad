"""The JSON API: who may call, what comes back, how errors are told."""

import json
from dataclasses import fields
from datetime import timedelta

import pytest

from monitor import records
from monitor.brands import add_brand
from monitor.models import ApiToken, Brand, Case, Mention, SearchPage, Source, UnsubscribeEvent
from monitor.sealing import Seal
from monitor.tokens import add_token, revoke_token
from monitor.types import CaseState, Label, Scope, UnsubscribeData
from monitor.unsubscribes import record_events
from tests.web import sample
from tests.web.entering import log_in
from web import create_app
from web.api import casework, schemas

ALL = (Scope.READ, Scope.WRITE, Scope.ADDRESSES)


class Program:
    """Something that calls the API with a token."""

    def __init__(self, app, secret):
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {secret}"}

    def call(self, method, path, status=200, headers=None, **arguments):
        answer = self.client.open(
            f"/api/v1{path}", method=method, headers={**self.headers, **(headers or {})}, **arguments
        )
        assert answer.status_code == status, answer.text
        assert "Set-Cookie" not in answer.headers
        return answer

    def get(self, path, status=200, **query):
        return self.call("GET", path, status, query_string=query).json


@pytest.fixture
def app(settings, database):
    with database.write() as session:
        sample.fill(session)
        # One brand of our own, so that it goes without saying; a test that needs two adds another.
        session.query(Brand).filter(Brand.id > 1).update({"is_rival": True})
        for ago in (8, 9, 9):
            taken_at = sample.NOW - timedelta(days=ago)
            session.add(
                SearchPage(brand_id=1, source_id=1, query="q", engine="e", taken_at=taken_at, error="timed out")
            )
    return create_app(settings, database, clock=lambda: sample.NOW)


@pytest.fixture
def program(app, database):
    def build(*scopes, **arguments):
        with database.write() as session:
            _, secret = add_token(session, "robot", scopes, sample.NOW, **arguments)
        return Program(app, secret)

    return build


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer didban_guess"},
        {"Authorization": "Basic ZGlkYmFuOng="},
        {"Cookie": "didban=x"},
    ],
)
def test_nobody_is_let_in_without_a_token(app, headers):
    answer = app.test_client().get("/api/v1/status", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["status"] == 401


def test_a_token_that_is_revoked_or_over_opens_nothing(app, program, database):
    revoked, over = program(Scope.READ), program(Scope.READ, days=1)
    revoked.get("/brands")
    with database.write() as session:
        revoke_token(session, 1, sample.NOW)
        session.get(ApiToken, 2).expires_at = sample.NOW
    for each in (revoked, over):
        assert each.get("/brands", 401)["title"] == "Unauthorized"


def test_each_scope_opens_its_own_part_only(program):
    reader, writer = program(Scope.READ), program(Scope.WRITE)
    assert "scope write" in reader.call("PUT", "/mentions/1/label", 403, json={"label": "neutral"}).json["detail"]
    assert "scope read" in writer.get("/mentions", 403)["detail"]
    assert "scope addresses" in reader.get("/unsubscribes", 403, addresses="true")["detail"]


def test_the_use_of_a_token_is_kept_to_the_hour(app, program, database):
    program(Scope.READ).get("/brands")
    with database.read() as session:
        assert session.get(ApiToken, 1).last_used_at == sample.NOW


@pytest.mark.parametrize(
    ("record", "schema"),
    [
        (records.BrandRecord, schemas.BrandSchema),
        (records.SourceRecord, schemas.SourceSchema),
        (records.MentionRecord, schemas.MentionSchema),
        (records.UnsubscribeRecord, schemas.UnsubscribeSchema),
        (records.CaseRecord, schemas.CaseSchema),
    ],
)
def test_what_is_given_out_is_what_is_documented(record, schema):
    documented = [field.data_key or name for name, field in schema().fields.items()]
    assert documented == [field.name for field in fields(record)]


def walk(program, path, after=None, **query):
    """Every row of a list, page by page."""
    while True:
        page = program.get(path, **query, **({"after": after} if after else {}))
        yield from page["items"]
        if (after := page["next"]) is None:
            return


@pytest.mark.parametrize("path", ["/mentions", "/search-pages", "/unsubscribes", "/cases"])
def test_pages_of_a_list_make_up_the_whole(program, path):
    reader = program(Scope.READ)
    whole = reader.get(path, limit=200)["items"]
    assert len(whole) > 2
    assert list(walk(reader, path, limit=2)) == whole


def test_what_comes_in_meanwhile_moves_nothing(program, database):
    reader = program(Scope.READ)
    whole = [row["id"] for row in reader.get("/mentions", limit=200)["items"]]
    first = reader.get("/mentions", limit=3)
    with database.write() as session:
        brand = session.get(Mention, whole[0]).brand
        sample.make_mention(session, brand, "just in", seen_at=sample.NOW)
    rest = walk(reader, "/mentions", first["next"], limit=3)
    assert [row["id"] for row in [*first["items"], *rest]] == whole


def test_mentions_are_narrowed_as_on_the_page(program):
    reader = program(Scope.READ)
    negatives = reader.get("/mentions", label="negative", limit=200)["items"]
    assert negatives and {(row["label"], row["certain"]) for row in negatives} == {("negative", True)}
    assert reader.get("/mentions", words="no such word anywhere")["items"] == []
    since = sample.NOW - timedelta(days=1)
    recent = reader.get("/mentions", since=since.isoformat(), limit=200)["items"]
    assert recent and all(row["seen_at"] >= since.isoformat() for row in recent)


@pytest.mark.parametrize(
    "query",
    [
        {"label": "negative"},
        {"label": "uncertain"},
        {"site": "www.naghd.example"},
        {"label": "positive", "kind": "review"},
    ],
)
def test_the_same_filter_gives_the_same_rows_as_the_page_takes_away(program, app, query):
    browser = app.test_client()
    log_in(app, browser, "admin")
    lines = browser.get("/exports/mentions.jsonl", query_string=query).text.splitlines()
    rows = program(Scope.READ).get("/mentions", limit=200, **query)["items"]
    assert [row["id"] for row in rows] == [json.loads(line)["id"] for line in lines] != []


def test_status_says_the_figure_with_its_basis_and_band(program):
    (standing,) = program(Scope.READ).get("/status")["brands"]
    assert standing["basis"] == "search_results"
    assert (standing["negatives"], standing["band"], standing["share_lost"]) == (3, 3, 59.2)


def test_a_search_page_stands_with_its_results(program):
    page = program(Scope.READ).get("/search-pages")["items"][0]
    assert [result["position"] for result in page["results"]] == list(range(1, 11))
    assert page["results"][1]["label"] == "negative"


def test_addresses_are_for_those_who_may_see_them(app, program, database, settings):
    with database.write() as session:
        brand = add_brand(session, "Other", sample.NOW)
        told = UnsubscribeData("former@example.org", sample.NOW, comment="too many")
        record_events(session, brand.id, [told], Seal(settings.key()), sample.NOW)
        brand_id = brand.id
    plain = program(Scope.READ).get("/unsubscribes", brand=brand_id)
    assert plain["items"][0]["address"] is None and "former@" not in str(plain)
    trusted = program(Scope.READ, Scope.ADDRESSES)
    assert trusted.get("/unsubscribes", brand=brand_id)["items"][0]["address"] is None
    assert trusted.get("/unsubscribes", brand=brand_id, addresses="true")["items"][0]["address"] == "former@example.org"


def test_of_several_brands_one_must_be_named(program, database):
    with database.write() as session:
        add_brand(session, "Other", sample.NOW)
    reader = program(Scope.READ)
    assert "which brand" in reader.get("/mentions", 422)["detail"]
    assert reader.get("/mentions", brand=999, status=404)["detail"] == "There is no brand 999."


def test_a_label_is_corrected_for_every_copy(program, database):
    with database.read() as session:
        mention = session.query(Mention).filter_by(label=Label.NEGATIVE).first()
    answer = program(Scope.WRITE).call("PUT", f"/mentions/{mention.id}/label", json={"label": "neutral"}).json
    assert (answer["label"], answer["labelled_by"], answer["certain"]) == ("neutral", "person", True)
    with database.read() as session:
        assert {row.label for row in session.query(Mention).filter_by(story=mention.story)} == {"neutral"}


def test_a_case_is_moved_and_noted(program, database):
    with database.read() as session:
        case = session.query(Case).filter_by(state=CaseState.NEW).first()
    body = {"state": "answered", "owner": "support", "cause": "service", "steps": ["listen"], "note": "called\nback"}
    answer = program(*ALL).call("PATCH", f"/cases/{case.id}", json=body).json
    assert (answer["state"], answer["owner"], answer["cause"]) == ("answered", "support", "service")
    assert (answer["notes"][-1]["text"], answer["notes"][-1]["author"]) == ("called\nback", "robot")
    assert program(Scope.READ).get(f"/cases/{case.id}") == answer


def test_a_source_is_paused(program, database):
    assert program(Scope.WRITE).call("PATCH", "/sources/1", json={"paused": True}).json["paused"] is True
    with database.read() as session:
        assert session.get(Source, 1).paused


def test_a_mail_gets_its_link_and_headers(settings, database, app):
    from dataclasses import replace

    public = create_app(replace(settings, public_url="https://news.example.com"), database, clock=lambda: sample.NOW)
    with database.write() as session:
        _, secret = add_token(session, "sender", [Scope.WRITE], sample.NOW)
    body = {"address": "reader@example.org", "list": "weekly", "mailto": "out@example.com"}
    answer = Program(public, secret).call("POST", "/unsubscribe-links", json=body).json
    assert answer["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert answer["url"] in answer["headers"]["List-Unsubscribe"] and "mailto:out@" in str(answer)
    path = answer["url"].removeprefix("https://news.example.com")
    left = public.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert left.status_code == 200
    with database.read() as session:
        assert session.query(UnsubscribeEvent).filter_by(list_name="weekly", provider="page").count() == 1
    assert "public_url" in Program(app, secret).call("POST", "/unsubscribe-links", 409, json=body).json["detail"]


def as_written(**body):
    """A body as other languages write JSON, half letters and all."""
    return {"data": json.dumps(body), "content_type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/mentions/999999", {}, 404),
        ("GET", "/cases/999999", {}, 404),
        ("GET", f"/cases/{2**63}", {}, 404),
        ("DELETE", "/mentions", {}, 405),
        ("GET", "/mentions", {"query_string": {"label": "awful"}}, 422),
        ("GET", "/mentions", {"query_string": {"lable": "negative"}}, 422),
        ("GET", "/mentions", {"query_string": {"lang": "fa"}}, 422),
        ("GET", "/mentions", {"query_string": {"after": "x"}}, 422),
        ("GET", "/mentions", {"query_string": {"after": "999999999999999999-1"}}, 404),
        ("PUT", "/mentions/1/label", {"json": {"label": "awful"}}, 422),
        ("PUT", "/mentions/1/label", {"json": {"label": "neutral", "score": 1}}, 422),
        ("PUT", "/mentions/1/label", {"json": ["label"]}, 422),
        ("PUT", "/mentions/1/label", {"data": "{", "content_type": "application/json"}, 400),
        ("PUT", "/mentions/1/label", {"data": "label=neutral"}, 415),
        ("POST", "/unsubscribe-links", {"json": {"address": "a@example.org", "brand": 10**400}}, 422),
        ("GET", "/mentions", {"query_string": {"since": "0001-01-01T00:00:00+14:00"}}, 422),
        ("GET", "/cases", {"query_string": {"until": "9999-12-31T23:59:59-14:00"}}, 422),
        ("PATCH", "/cases/1", {"json": {"due_at": "0001-01-01T00:00:00+14:00"}}, 422),
        ("PATCH", "/cases/1", {"json": {"due_at": "9999-12-31T23:59:59Z"}}, 422),
        ("PATCH", "/cases/1", {"json": {"owner": "\0"}}, 422),
        ("PATCH", "/cases/1", {"json": {"owner": "a\n"}}, 422),
        ("PATCH", "/cases/1", as_written(owner="\ud800"), 422),
        ("PATCH", "/cases/1", as_written(note="\udfff"), 422),
        ("PATCH", "/cases/1", {"json": {"offered": "a\x1f"}}, 422),
        ("PATCH", "/cases/1", as_written(**{"\ud800": 1}), 422),
        ("POST", "/unsubscribe-links", as_written(address="\ud800@example.org"), 422),
        ("POST", "/unsubscribe-links", {"json": {"address": "not an address"}}, 422),
        ("POST", "/unsubscribe-links", {"json": {"address": "  "}}, 422),
        ("POST", "/unsubscribe-links", {"json": {"address": "a@example.org", "list": "a\x1fb"}}, 422),
        ("POST", "/unsubscribe-links", {"json": {"address": "a@example.org", "mailto": "x@y.z>\r\nBcc: z"}}, 422),
        ("PATCH", "/cases/1", {"data": b"x" * 3_000_000, "content_type": "application/json"}, 413),
    ],
)
def test_every_error_is_a_problem(program, method, path, arguments, status):
    answer = program(*ALL).call(method, path, status, **arguments)
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status and answer.json["title"]
    assert answer.json["detail"]
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_foreign_host_and_a_bug_are_problems_too(app, program):
    answer = app.test_client().get("/api/v1/status", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    reader = program(Scope.READ)
    app.view_functions["api_reading.status"] = lambda: 1 / 0
    answer = reader.call("GET", "/status", 500)
    assert answer.mimetype == "application/problem+json" and "division" not in answer.text


def test_a_token_may_not_call_too_often_and_is_told_when_to_come_again(app, program):
    app.config["API_RATE"] = "2 per minute"
    busy, other = program(Scope.READ), program(Scope.READ)
    assert busy.call("GET", "/brands").headers["X-RateLimit-Remaining"] == "1"
    busy.get("/brands")
    answer = busy.call("GET", "/brands", 429)
    assert answer.mimetype == "application/problem+json"
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    other.get("/brands")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_who_has_the_answer_already_is_sent_none(program, database, encoding):
    reader = program(Scope.READ)
    accept = {"Accept-Encoding": encoding}
    tag = reader.call("GET", "/mentions", headers=accept).headers["ETag"]
    same = reader.call("GET", "/mentions", 304, headers={**accept, "If-None-Match": tag})
    assert same.data == b"" and same.headers["ETag"] == tag
    with database.write() as session:
        session.get(Mention, 1).title = "changed"
    reader.call("GET", "/mentions", headers={**accept, "If-None-Match": tag})


def test_the_whole_case_is_documented():
    assert "notes" in casework.WholeCaseSchema().fields
