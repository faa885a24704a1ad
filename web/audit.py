"""The audit log for admins: who changed what, when, and by which way."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _

from monitor.audit import ADDED, CHANGED, REMOVED, AuditFilter, find_entries
from monitor.models import AuditEntry
from monitor.people import find_people
from monitor.types import FollowUpState, Role, Way
from web import words
from web.access import needs
from web.filters import exact, moment_of
from web.ids import row_id
from web.scope import db

blueprint = Blueprint("audit", __name__, url_prefix="/settings/audit")

# The tables in the reader's words, one row of each.
KINDS: Mapping[str, LazyString] = {
    "mentions": _("label of a mention"),
    "cases": _("case"),
    "case_notes": _("note on a case"),
    "reply_templates": _("draft of a reply"),
    "saved_views": _("saved view"),
    "unsubscribe_events": _("reason for leaving"),
    "follow_ups": _("follow-up"),
    "subscribers": _("request to be forgotten or left alone"),
    "brands": _("brand"),
    "sources": _("source"),
    "alert_rules": _("rule"),
    "channels": _("channel"),
    "hooks": _("hook"),
    "mailers": _("newsletter service"),
    "preferences": _("setting"),
    "api_tokens": _("key of a program"),
    "people": _("person"),
    "invitations": _("link for a person"),
}
ACTS: Mapping[str, LazyString] = {ADDED: _("was added"), CHANGED: _("was changed"), REMOVED: _("was removed")}
WAYS: Mapping[str, LazyString] = {
    Way.COMMAND: _("by command"),
    Way.LINK: _("by a link"),
    Way.API: _("by a program"),
}
_FIELDS: Mapping[str, LazyString] = {
    "label": _("label"),
    "state": _("state"),
    "owner": _("owner"),
    "due_at": _("due"),
    "cause": _("cause"),
    "offered": _("offered"),
    "steps": _("steps"),
    "text": _("text"),
    "reason": _("reason"),
    "outcome": _("outcome"),
    "paused": _("paused"),
    "enabled": _("switched on"),
    "interval": _("seconds between visits"),
    "matches_text": _("only texts that name the brand"),
    "options": _("options"),
    "address": _("address"),
    "language": _("language"),
    "quiet_hours": _("quiet hours"),
    "time_zone": _("time zone"),
    "pace": _("seconds between messages"),
    "digest": _("digest"),
    "url": _("address"),
    "value": _("value"),
    "key": _("Key"),
    "signing_key": _("Signing key"),
    "list_name": _("list"),
    "remote_list": _("The list there"),
    "query": _("filters"),
    "leads": _("leads a month"),
    "closing_rate": _("share who buy"),
    "customer_value": _("worth of a customer"),
    "currency": _("currency"),
    "role": _("role"),
    "person_id": _("person"),
    "name": _("name"),
    "latin_digits": _("Western digits on Persian pages too"),
    "aliases": _("other spellings"),
    "exclude": _("other meanings"),
    "is_rival": _("a rival"),
    "password_hash": _("password"),
    "totp_secret": _("second factor"),
    "recovery_codes": _("recovery codes"),
    "disabled_at": _("access removed"),
    "revoked_at": _("revoked"),
    "expires_at": _("good until"),
    "erased_at": _("forgotten"),
    "do_not_contact_at": _("do not contact"),
    "scopes": _("permissions"),
}
_STATES = {**words.CASE_STATES, FollowUpState.OPEN: _("open"), FollowUpState.CLOSED: _("closed")}
_VALUES: Mapping[str, Mapping[str, LazyString]] = {
    "label": words.LABELS,
    "state": _STATES,
    "role": words.ROLES,
    "cause": words.CAUSES,
    "reason": words.REASONS,
    "outcome": words.OUTCOMES,
    "steps": words.STEPS,
    "language": words.LANGUAGES,
    "scopes": words.SCOPES,
    "digest": {"day": _("digest every day"), "week": _("digest every week")},
    "fewer_mails": {"weekly": _("once a week"), "monthly": _("once a month")},
}
# The settings, as their page calls them.
_SETTINGS: Mapping[str, LazyString] = {
    "language": _("Language"),
    "time_zone": _("Time zone"),
    "contact": _("Contact"),
    "uncertain_below": _("Certainty below which a label is uncertain, in percent"),
    "loss_table": _("Loss table, in percent"),
    "address_days": _("Addresses of those who left, in days"),
    "hook_days": _("What newsletter services sent, as it came, in days"),
    "page_name": _("Name on the unsubscribe page"),
    "page_colour": _("Colour of the buttons of the unsubscribe page"),
    "fewer_mails": _("Fewer e-mails instead of none"),
}
# The things that go by a code.
_THINGS: Mapping[str, Mapping[str, LazyString | str]] = {
    "preferences": _SETTINGS,
    "alert_rules": words.RULES,
    "hooks": words.PROVIDERS,
    "mailers": words.PROVIDERS,
}
# What is about a case, by its number.
_OF_CASES = frozenset({"cases", "case_notes"})


@blueprint.get("")
@needs(Role.ADMIN)
def listing() -> str:
    kind = request.args.get("kind", "")
    wanted = AuditFilter(
        person_id=request.args.get("person", type=row_id),
        kind=kind if kind in KINDS else "",
        thing=request.args.get("thing", "")[:200],
    )
    entries, following = find_entries(db(), wanted, request.args.get("after", type=row_id))
    return render_template(
        "settings/audit.html",
        entries=entries,
        following=following,
        wanted=wanted,
        people=find_people(db()),
        kinds=KINDS,
        acts=ACTS,
        ways=WAYS,
        address_of=address_of,
        thing_of=thing_of,
        changes_of=changes_of,
    )


def address_of(entry: AuditEntry) -> str:
    """Where the thing of an entry can be looked at; empty where there is no such page."""
    return url_for("cases.one", case_id=int(entry.thing)) if entry.kind in _OF_CASES else ""


def thing_of(entry: AuditEntry) -> str:
    """Which one an entry is about, in words where there are some."""
    return words.word(_THINGS.get(entry.kind, {}), entry.thing)


def changes_of(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """(what, before, after) of each value that changed, in words where there are some."""
    before, after = _as_typed(entry, entry.before), _as_typed(entry, entry.after)
    names = [(name, _meant(entry, name)) for name in dict.fromkeys([*before, *after])]
    return [
        (words.word(_FIELDS, name), _in_words(meant, before.get(name)), _in_words(meant, after.get(name)))
        for name, meant in names
    ]


def _meant(entry: AuditEntry, name: str) -> str:
    """What a value is of: that of a setting goes by the setting."""
    return entry.thing if entry.kind == "preferences" and name == "value" else name


def _as_typed(entry: AuditEntry, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The certainty is typed in percent and kept as a share."""
    if entry.kind == "preferences" and entry.thing == "uncertain_below":
        return {name: 100 * share for name, share in values.items() if share is not None}
    return values


def _in_words(name: str, value: Any) -> str:
    """A value as a reader says it; empty for none."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return str(say("yes") if value else say("no"))
    if isinstance(value, list):
        return str(say(", ")).join(_in_words(name, each) for each in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int | float):
        # Two that differ must not read alike.
        return exact(value)
    if name.endswith("_at"):
        return moment_of(value)
    return str(words.word(_VALUES[name], value)) if name in _VALUES else str(value)
