"""One person, on request: all that is kept about them, to be handed over or erased. No address stands in an address."""

import json

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as say
from flask_babel import ngettext
from werkzeug.wrappers import Response

from monitor import hooks
from monitor.erasure import address_of_leaving, erase_subscriber, export_subscriber
from monitor.errors import SubscriberNotFoundError
from monitor.types import Role
from web.access import needs, seal
from web.filters import number
from web.scope import db, house, now

blueprint = Blueprint("subscribers", __name__, url_prefix="/unsubscribes/person")


@blueprint.get("")
@needs(Role.ANALYST)
def ask() -> str:
    return render_template("unsubscribes/person.html", found=None, event_id=None)


@blueprint.post("")
def show() -> str | Response:
    """What is kept about the address that was typed."""
    return _show(request.form.get("address", ""))


@blueprint.get("/<int:event_id>")
@needs(Role.ANALYST)
def one(event_id: int) -> str | Response:
    """Who is behind a number on the list of people who left."""
    try:
        return _show(address_of_leaving(db(), seal(), event_id), event_id)
    except SubscriberNotFoundError:
        flash(say("No address is kept under this number any more."), "error")
        return redirect(url_for("subscribers.ask"), code=303)


def _show(address: str, event_id: int | None = None) -> str | Response:
    try:
        found = export_subscriber(db(), seal(), address)
    except SubscriberNotFoundError:
        flash(say("Nobody with this address is known here."), "error")
        return redirect(url_for("subscribers.ask"), code=303)
    return render_template("unsubscribes/person.html", found=found, address=address, event_id=event_id)


@blueprint.post("/export")
def export() -> Response:
    """The same as a file, to be handed to the person."""
    try:
        found = export_subscriber(db(), seal(), request.form.get("address", ""))
    except SubscriberNotFoundError:
        abort(404)
    answer = Response(json.dumps(found, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = "attachment; filename=person.json"
    return answer


@blueprint.post("/erase")
@needs(Role.ADMIN)
def erase() -> Response:
    """Forget the person; typed again, since there is no way back."""
    address = request.form.get("address", "")
    if request.form.get("again", "").strip().casefold() != address.strip().casefold():
        flash(say("The address was not typed again as it is; nothing was erased."), "error")
        return redirect(url_for("subscribers.ask"), code=303)
    # What waits to be read names people too; it is read first, so that nothing of it is lost or left.
    hooks.read_calls(house().database, seal(), now())
    try:
        with house().database.write(durable=True) as writing:
            count = erase_subscriber(writing, seal(), address, now())
    except SubscriberNotFoundError:
        abort(404)
    said = ngettext(
        "Erased. %(count)s leaving stays as a count that names nobody.",
        "Erased. %(count)s leavings stay as counts that name nobody.",
        count,
        count=number(count),
    )
    flash(said, "done")
    return redirect(url_for("subscribers.ask"), code=303)
