"""A file of people who left: how it would be read, which column is what, and then brought in."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _
from werkzeug.wrappers import Response

from monitor.errors import ImportFileError
from monitor.types import Role
from monitor.unsubscribe_files import FIELDS, NEEDED, import_file, preview_file
from monitor.uploads import forget_upload, open_upload
from web.access import needs, seal
from web.errors import back, say_above
from web.files import keep_file, tell
from web.filters import number
from web.scope import house, now, settings, the_brand

blueprint = Blueprint("imports", __name__, url_prefix="/unsubscribes/import")

# What each field of ours is called.
COLUMNS: Mapping[str, LazyString] = {
    "subscriber": _("E-mail address"),
    "left_at": _("Day they left"),
    "list_name": _("List"),
    "campaign": _("Campaign"),
    "segment": _("Segment"),
    "reason": _("Reason"),
    "comment": _("Their words"),
    "status": _("Still subscribed or not"),
    "external_id": _("Number of the event"),
}


@blueprint.post("")
def upload() -> Response:
    """Keep the file for a while and show how it would be read."""
    the_brand()
    if not (token := keep_file()):
        return back()
    return redirect(url_for("imports.look", token=token), code=303)


@blueprint.get("/<token>")
@needs(Role.ANALYST)
def look(token: str) -> str | Response:
    """Which column is what, and the first rows as they are understood; nothing is kept yet."""
    mapping = _mapping(request.args)
    try:
        with open_upload(settings().data_dir, seal(), token) as path:
            name, found = path.name, preview_file(path, now(), mapping)
    except ImportFileError as e:
        say_above(e)
        return redirect(url_for("unsubscribes.listing", _anchor="import"), code=303)
    return render_template(
        "unsubscribes/import.html",
        token=token,
        name=name,
        found=found,
        fields=FIELDS,
        needed=NEEDED,
        labels=COLUMNS,
        brand=the_brand(),
    )


@blueprint.post("/<token>")
def bring_in(token: str) -> Response:
    """Keep the good rows; the bad ones are named."""
    brand, mapping = the_brand(), _mapping(request.form)
    if "look" in request.form:
        values: dict[str, Any] = {"token": token, **mapping}
        return redirect(url_for("imports.look", **values), code=303)
    with open_upload(settings().data_dir, seal(), token) as path:
        result = import_file(house().database, brand.id, path, seal(), now(), mapping)
    forget_upload(settings().data_dir, token)
    new = ngettext("%(count)s person is new.", "%(count)s people are new.", result.new, count=number(result.new))
    tell(new, result)
    return redirect(url_for("unsubscribes.listing"), code=303)


def _mapping(given: Mapping[str, str]) -> dict[str, str]:
    """What was chosen for each field; what is not asked about is left to be recognised."""
    return {field: given[field] for field in FIELDS if field in given}
