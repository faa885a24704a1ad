"""The second factor of whoever is logged in: shown to the phone once, confirmed by a first code, turned off again."""

from io import BytesIO

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as say
from werkzeug.wrappers import Response as AnyResponse

from monitor.errors import LoginError
from monitor.factors import address_of_secret, new_secret, turn_off, turn_on
from monitor.logins import check_password
from monitor.people import person_of_id
from monitor.types import Role
from web.access import needs, seal, the_person
from web.login import CodeForm
from web.scope import house, now

blueprint = Blueprint("factor", __name__, url_prefix="/settings/account/factor")

# Until a first code has confirmed it, the new secret is in this browser's cookie only, sealed.
_WAITING = "new_factor"
_PURPOSE = "new factor"


def _waiting_secret() -> str:
    sealed = session.get(_WAITING)
    if sealed is None:
        abort(404)
    return seal().open(sealed, _PURPOSE)


@blueprint.post("/begin")
@needs(Role.VIEWER)
def begin() -> AnyResponse:
    # Off first, with the password: nobody else's phone takes the place of this one.
    if the_person().totp_secret:
        abort(404)
    session[_WAITING] = seal().close(new_secret(), _PURPOSE)
    return redirect(url_for("factor.page"), code=303)


@blueprint.get("")
def page() -> str | AnyResponse:
    if _WAITING not in session:
        return redirect(url_for("account.page"))
    return _show(CodeForm())


def _show(form: CodeForm) -> str:
    return render_template("settings/factor.html", form=form, secret=_waiting_secret())


@blueprint.get("/picture.svg")
def picture() -> Response:
    """The square that an app takes in by the camera; dark on light whatever the page is."""
    import segno

    file = BytesIO()
    square = segno.make(address_of_secret(_waiting_secret(), the_person().email), error="m")
    square.save(file, kind="svg", scale=6, border=3, dark="#000", light="#fff", xmldecl=False)
    return Response(file.getvalue(), mimetype="image/svg+xml")


@blueprint.post("")
@needs(Role.VIEWER)
def confirm() -> str | tuple[str, int]:
    """Turn it on; the recovery codes are shown now and never again."""
    form, secret = CodeForm(request.form), _waiting_secret()
    try:
        with house().database.write(durable=True) as writing:
            codes = turn_on(writing, seal(), the_person().id, secret, form.code.data or "", now())
    except LoginError:
        form.code.errors = [say("This code is wrong or too old. A new one comes within half a minute.")]
        return _show(form), 422
    del session[_WAITING]
    return render_template("settings/recovery.html", codes=codes)


@blueprint.post("/end")
@needs(Role.VIEWER)
def end() -> AnyResponse:
    """Turn it off; a browser that somebody left open is not enough for it."""
    try:
        me = check_password(house().database, seal(), the_person().email, request.form.get("current", ""), now())
    except LoginError:
        flash(say("This is not your password."), "error")
        return redirect(url_for("account.page"), code=303)
    with house().database.write(durable=True) as writing:
        turn_off(person_of_id(writing, me.id))
    flash(say("From now on your password is enough."), "done")
    return redirect(url_for("account.page"), code=303)
