"""What newsletter providers call when somebody leaves: checked, onto the disk, answered; read afterwards."""

import logging
from dataclasses import replace
from datetime import datetime
from time import monotonic

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from monitor.errors import HookPayloadError, HookRefusedError
from monitor.folding import digest
from monitor.hooks import OpenHook, check_call, find_hook, note_refusal, notice_of, set_notice, signed_once
from monitor.inbox import Inbox, ReceivedCall
from monitor.payloads import LARGEST_CALL, Call
from monitor.sealing import HOOK, Seal
from web.scope import db, house, now

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")

_log = logging.getLogger(__name__)
_REMEMBERED = 10.0
_NOTED_EVERY = 60.0
Answer = tuple[str, int, dict[str, str]]


class _Desk:
    """What all calls to one application share: the inbox, the seal, and the hooks met in the last seconds."""

    def __init__(self, app: Flask) -> None:
        found = app.extensions["didban"]
        self.inbox = Inbox(found.database)
        self.seal = Seal(found.settings.key())
        self._noted: dict[int, float] = {}
        self._met: dict[tuple[str, str], tuple[float, OpenHook]] = {}

    def hook(self, provider: str, secret: str) -> OpenHook | None:
        """The hook with this address; a known one is not looked up again for some seconds."""
        met = self._met.get((provider, secret))
        if met is not None and monotonic() - met[0] < _REMEMBERED:
            return met[1]
        self._met.pop((provider, secret), None)
        found = find_hook(db(), self.seal, provider, secret)
        if found is not None:
            # Only true addresses are remembered, so that guessing fills no memory.
            self._met[provider, secret] = (monotonic(), found)
        return found

    def note_refusal(self, hook_id: int, refusal: str) -> None:
        """Once a minute at most for each hook: a flood of forged calls must not keep the disk busy."""
        if monotonic() - self._noted.get(hook_id, -_NOTED_EVERY) < _NOTED_EVERY:
            return
        self._noted[hook_id] = monotonic()
        with house().database.write() as session:
            note_refusal(session, hook_id, refusal, now())


def init_app(app: Flask) -> None:
    app.extensions["didban_hooks"] = _Desk(app)


def _desk() -> _Desk:
    desk: _Desk = current_app.extensions["didban_hooks"]
    return desk


@blueprint.get("/<provider>/<secret>")
def knock(provider: str, secret: str) -> Answer:
    """Mailchimp and others look whether the address is there before they use it."""
    return _say("ok", 200) if _desk().hook(provider, secret) is not None else _say("no such hook", 404)


@blueprint.post("/<provider>/<secret>")
def receive(provider: str, secret: str) -> Answer:
    """Keep a true call; 2xx only once it is on the disk."""
    desk = _desk()
    hook = desk.hook(provider, secret)
    if hook is None:
        return _say("no such hook", 404)
    try:
        # Another limit than for uploads: a call is small, and it is held in memory.
        request.max_content_length = LARGEST_CALL
        call = Call(
            body=request.get_data(cache=False, parse_form_data=False),
            content_type=request.mimetype,
            headers={name.lower(): value for name, value in request.headers},
        )
        leavings = check_call(hook, call, now())
    except RequestEntityTooLarge:
        return _say("too large", 413)
    except HookRefusedError as e:
        _log.warning("hook %s refused a call: %s", hook.id, e)
        desk.note_refusal(hook.id, str(e))
        return _say("refused", 403)
    except HookPayloadError as e:
        _log.warning("hook %s cannot read a call: %s", hook.id, e)
        desk.note_refusal(hook.id, str(e))
        return _say("not readable", 400)
    once = signed_once(hook, call)
    if leavings:
        desk.inbox.keep(_received(desk.seal, hook, call, once, now()))
    elif once:
        # Nothing to read; but its signature must not bring another body.
        desk.inbox.keep(replace(_received(desk.seal, hook, replace(call, body=b""), once, now()), read_at=now()))
    elif notice := notice_of(hook, call):
        with house().database.write() as session:
            set_notice(session, hook.id, notice)
    return _say("ok", 200)


def _received(seal: Seal, hook: OpenHook, call: Call, once: str, moment: datetime) -> ReceivedCall:
    # What was read once as text can be kept as text.
    body = call.body.decode("utf-8")
    return ReceivedCall(hook.id, digest(once or body), call.content_type[:100], seal.close(body, HOOK), moment)


def _say(words: str, status: int) -> Answer:
    return f"{words}\n", status, {"Content-Type": "text/plain; charset=utf-8"}
