"""People for admins: who they are, what each may do, links for new ones and for those who have forgotten."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from monitor.factors import turn_off
from monitor.invitations import find_invitations, invite, invite_back, take_back
from monitor.people import disable, enable, end_logins, find_people, names_of_team, person_of_id, set_role
from monitor.types import Role
from web.access import needs
from web.errors import back
from web.scope import db, house, now

blueprint = Blueprint("people", __name__, url_prefix="/settings/people")


@blueprint.app_context_processor
def whom_to_give_work() -> dict[str, Any]:
    return {"team": lambda: names_of_team(db())}


@blueprint.get("")
@needs(Role.ADMIN)
def listing() -> str:
    return _show()


def _show(token: str = "") -> str:
    return render_template(
        "settings/people.html",
        people=find_people(db()),
        invitations=find_invitations(db(), now()),
        roles=list(Role),
        link=url_for("invitations.page", token=token, _external=True) if token else "",
    )


@blueprint.post("/invitations")
@needs(Role.ADMIN)
def add() -> str:
    """A link for somebody new, shown now and never again."""
    role = _chosen_role()
    with house().database.write(durable=True) as writing:
        token = invite(writing, role, now())
    return _show(token)


def _chosen_role() -> Role:
    wanted = request.form.get("role", "")
    if wanted not in set(Role):
        abort(400)
    return Role(wanted)


@blueprint.post("/invitations/<int:invitation_id>/take-back")
@needs(Role.ADMIN)
def take(invitation_id: int) -> Response:
    with house().database.write(durable=True) as writing:
        take_back(writing, invitation_id)
    flash(_("The link no longer works."), "done")
    return redirect(url_for("people.listing"), code=303)


@blueprint.post("/<int:person_id>/role")
@needs(Role.ADMIN)
def change_role(person_id: int) -> Response:
    role = _chosen_role()
    with house().database.write(durable=True) as writing:
        set_role(writing, person_of_id(writing, person_id), role)
    flash(_("Saved."), "done")
    return back()


@blueprint.post("/<int:person_id>/password")
@needs(Role.ADMIN)
def reset(person_id: int) -> str:
    """A link for somebody who has forgotten the password, shown now and never again."""
    with house().database.write(durable=True) as writing:
        token = invite_back(writing, person_of_id(writing, person_id), now())
    return _show(token)


@blueprint.post("/<int:person_id>/disable")
@needs(Role.ADMIN)
def shut_out(person_id: int) -> Response:
    with house().database.write(durable=True) as writing:
        disable(writing, person_of_id(writing, person_id), now())
    flash(_("Access removed, in every browser."), "done")
    return back()


@blueprint.post("/<int:person_id>/enable")
@needs(Role.ADMIN)
def let_in(person_id: int) -> Response:
    with house().database.write(durable=True) as writing:
        enable(person_of_id(writing, person_id))
    flash(_("Access given again."), "done")
    return back()


@blueprint.post("/<int:person_id>/logins")
@needs(Role.ADMIN)
def end(person_id: int) -> Response:
    with house().database.write(durable=True) as writing:
        end_logins(writing, person_of_id(writing, person_id))
    flash(_("Logged out, in every browser."), "done")
    return back()


@blueprint.post("/<int:person_id>/factor")
@needs(Role.ADMIN)
def drop_factor(person_id: int) -> Response:
    """For somebody who has lost the phone and the recovery codes."""
    with house().database.write(durable=True) as writing:
        turn_off(person_of_id(writing, person_id))
    flash(_("From now on the password is enough for them."), "done")
    return back()
