"""Every page for people, in every state that an address can show; the list that the browser tests and the pictures use.

A page without arguments is found by itself. One with arguments is written into ``ARGUMENTS``, and an address that
answers no page into ``NO_PAGES``. What is in neither stands in ``UNLISTED``, and a test fails.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from flask import Flask, url_for
from sqlalchemy import func, select
from werkzeug.routing import Rule

from monitor.config import Settings
from monitor.db import open_database
from monitor.factors import new_secret
from monitor.invitations import invite
from monitor.leaving import Link, make_link
from monitor.links import make_link as make_act
from monitor.models import Mention
from monitor.recognise import recognise
from monitor.trials import begin_trial, end_trial
from monitor.types import Act, Label, Role, SourceState
from monitor.uploads import keep_upload
from tests.web.sample import NOW
from web import create_app

# The arguments of an address, as they are or as the house makes them.
Values = Mapping[str, Any] | Callable[[Flask], Mapping[str, Any]]


@dataclass(frozen=True)
class Page:
    """One address as somebody sees it; nobody is logged in where ``role`` is None."""

    name: str
    endpoint: str = ""
    values: Values = field(default_factory=dict)
    house: str = "full"
    role: Role | None = Role.ADMIN
    status: int = 200
    # What the cookie holds besides the login.
    session: Callable[[Flask], Mapping[str, Any]] = lambda _app: {}

    def path(self, app: Flask, language: str) -> str:
        values = self.values(app) if callable(self.values) else self.values
        if self.endpoint.startswith("leave."):
            # It remembers nothing: the language stands in the address.
            values = {**values, "language": language}
        if not self.endpoint:
            return str(values["path"])
        with app.test_request_context():
            return url_for(self.endpoint, **values)


def _act(app: Flask) -> Mapping[str, Any]:
    with app.extensions["didban"].database.read() as session:
        mention_id = session.scalar(select(func.max(Mention.id)).where(Mention.label == Label.NEGATIVE))
    address = make_act(app.extensions["didban_seal"], "", Act.NOT_NEGATIVE, mention_id, 1, NOW)
    return {"token": address.rpartition("/")[2]}


def _invitation(app: Flask) -> Mapping[str, Any]:
    with app.extensions["didban"].database.write() as session:
        return {"token": invite(session, Role.ANALYST, NOW)}


def _upload(app: Flask) -> Mapping[str, Any]:
    file = b"email,date,reason\na@b.example,2026-11-01,too many\nnobody,2026-11-02,\n"
    settings = app.extensions["didban"].settings
    return {"token": keep_upload(settings.data_dir, app.extensions["didban_seal"], "left.csv", file, NOW)}


def _texts(app: Flask) -> Mapping[str, Any]:
    file = "text,author,date\nبسته سالم رسید,سارا,1405/08/20\n,نگار,1405/08/21\n".encode()
    settings = app.extensions["didban"].settings
    return {"token": keep_upload(settings.data_dir, app.extensions["didban_seal"], "texts.csv", file, NOW)}


def _trial(state: SourceState | None, *texts: str, error: str = "") -> Callable[[Flask], Mapping[str, Any]]:
    def visit(app: Flask) -> Mapping[str, Any]:
        found = recognise("https://www.naghd.example/rss.xml")
        with app.extensions["didban"].database.write() as session:
            trial = begin_trial(session, 1, found, {}, app.extensions["didban_seal"], NOW)
            if state is not None:
                end_trial(session, trial.id, state, texts, error)
            return {"trial_id": trial.id}

    # Only few are visited at once.
    return cache(visit)


def _second_factor(app: Flask) -> Mapping[str, Any]:
    return {"new_factor": app.extensions["didban_seal"].close(new_secret(), "new factor")}


def _leaving(*steps: str, **given: str) -> Callable[[Flask], Mapping[str, Any]]:
    """Somebody's link after these steps on its page."""

    def go(app: Flask) -> Mapping[str, Any]:
        who = f"{'-'.join(steps) or 'reader'}@example.org"
        link = make_link(app.extensions["didban_seal"], "", Link(1, who, "خبرنامهٔ هفتگی", "تخفیف پاییز"))
        for step in steps:
            answer = app.test_client().post(link if step == "leave" else f"{link}/{step}", data=given)
            assert answer.status_code == 303, answer.text
        return {"token": link.rpartition("/")[2]}

    return go


_OUTSIDE = Page("", role=None)
_SPENT = replace(_OUTSIDE, status=410, values={"token": "x"})

ARGUMENTS: Mapping[str, Sequence[Page]] = {
    "dashboard.overview_page": [
        Page("overview"),
        Page("collecting", house="collecting"),
        Page("welcome", house="bare"),
    ],
    "mentions.listing": [
        Page("mentions"),
        Page(
            "mentions-narrowed",
            values={"words": "نیلگون", "topic": "delivery", "from": "1405-08-01", "to": "never"},
        ),
    ],
    "mentions.one": [Page("mention", values={"mention_id": 11})],
    "cases.one": [Page("case", values={"case_id": 2})],
    "unsubscribes.listing": [
        Page("unsubscribes"),
        Page("unsubscribes-reason", values={"reason": "bad_experience"}),
    ],
    "imports.look": [Page("unsubscribes-import", values=_upload)],
    "text_imports.look": [Page("sources-import-look", values=_texts)],
    "trials.one": [
        Page("trial", values=_trial(SourceState.OK, "نیلگون؟ بسته سالم رسید.", "Nilgoon is late again.")),
        Page("trial-running", values=_trial(None)),
        Page("trial-blocked", values=_trial(SourceState.BLOCKED, error="the site answered 403 Forbidden")),
    ],
    # Nobody's address is kept under a number of the sample: it leads on to the page that asks for one.
    "subscribers.one": [],
    "followups.listing": [Page("followups"), Page("followups-greet", values={"view": "greet"})],
    "rules.one": [Page("rule", values={"rule_id": 2, "replay": 1}), Page("rule-words", values={"rule_id": 5})],
    "brands.one": [Page("brand", values={"brand_id": 1})],
    "brands.ask": [Page("brands-new"), Page("brands-new-rival", values={"rival": 1})],
    "login.page": [replace(_OUTSIDE, name="login")],
    "login.code_page": [
        replace(_OUTSIDE, name="login-code", session=lambda _: {"halfway": {"person": 1, "until": 2 * NOW.timestamp()}})
    ],
    "factor.page": [Page("settings-account-factor", session=_second_factor)],
    "setup.page": [replace(_OUTSIDE, name="setup", house="unpeopled")],
    "invitations.page": [
        replace(_OUTSIDE, name="invitation", values=_invitation),
        replace(_SPENT, name="invitation-spent"),
    ],
    "acts.confirm": [replace(_OUTSIDE, name="act", values=_act), replace(_SPENT, name="act-spent")],
    "leave.show": [
        replace(_OUTSIDE, name="leave", values=_leaving()),
        replace(_OUTSIDE, name="leave-left", values=_leaving("leave")),
        replace(_OUTSIDE, name="leave-reason", values=_leaving("leave", "reason", reason="price")),
        replace(_OUTSIDE, name="leave-words", values=_leaving("leave", "words", comment="هر روز دو تا!")),
        replace(_OUTSIDE, name="leave-fewer", values=_leaving("leave", "fewer")),
        replace(_OUTSIDE, name="leave-undone", values=_leaving("leave", "undo")),
        replace(_SPENT, name="leave-broken", status=404),
    ],
}

# The page of no rule, and one for a role that may not see it.
FURTHER = (
    Page("missing", values={"path": "/nowhere"}, status=404),
    Page("refused", "people.listing", role=Role.VIEWER, status=403),
)

# Files, forwards and what is for programs.
NO_PAGES = frozenset(
    {
        "static",
        "dashboard.healthz",
        "exports.download",
        "feeds.negatives",
        "greetings.feed",
        "hooks.knock",
        "leave.look",
        "metrics.metrics",
        "factor.picture",
        "reports.digest_pdf",
        "sections.front",
    }
)


def _rules() -> Iterator[Rule]:
    """The application's own, without those that are not for people."""
    database = open_database(Settings(database_url="sqlite://", secret_key="x"), create=False)
    rules = create_app(Settings(secret_key="x"), database, is_local=True).url_map.iter_rules()
    for rule in sorted(rules, key=lambda rule: rule.rule):
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES and not rule.endpoint.startswith("api"):
            yield rule


def _pages_of(rule: Rule) -> Iterator[Page]:
    if rule.endpoint in ARGUMENTS:
        yield from (replace(page, endpoint=rule.endpoint) for page in ARGUMENTS[rule.endpoint])
    elif not rule.arguments:
        yield Page(rule.rule.strip("/").replace("/", "-"), rule.endpoint)


_RULES = list(_rules())
UNLISTED = [rule.rule for rule in _RULES if rule.arguments and rule.endpoint not in ARGUMENTS]
PAGES = (*(page for rule in _RULES for page in _pages_of(rule)), *FURTHER)
