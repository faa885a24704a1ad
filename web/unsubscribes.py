"""Why people leave: reasons and their rises, lists and campaigns, their words, and a file to bring more in."""

import tempfile
from pathlib import Path

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from monitor.exits import LEVEL, Group, Trend, find_words, group_trends, is_sure, reason_trends
from monitor.overview import PERIOD, find_comments
from monitor.sealing import Seal
from monitor.types import ReasonCode
from monitor.unsubscribe_files import ImportResult, import_file
from monitor.unsubscribes import correct_reason
from web import words
from web.errors import back
from web.filters import number
from web.paging import cursor_from_request, cursor_text
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("unsubscribes", __name__, url_prefix="/unsubscribes")

_ERRORS_SHOWN = 5
_GROUPS: tuple[Group, ...] = ("list_name", "campaign")
_GROUPS_SHOWN = 8
_WORDS_SHOWN = 10


@blueprint.get("")
def listing() -> str:
    brand = the_brand()
    reason = request.args.get("reason", "")
    reason = reason if reason in set(ReasonCode) else ""
    comments, following = find_comments(db(), brand.id, reason, cursor_from_request())
    return render_template(
        "unsubscribes.html",
        reasons=_reasons(brand.id),
        groups=[
            (by, group_trends(db(), brand.id, by, now(), PERIOD.days, reason or None)[:_GROUPS_SHOWN]) for by in _GROUPS
        ],
        uses=find_words(db(), brand.id, now() - PERIOD, now(), reason, _WORDS_SHOWN),
        codes=list(ReasonCode),
        level=LEVEL * 100,
        is_sure=lambda event: is_sure(event, settings().uncertain_below),
        reason=reason,
        comments=comments,
        following=cursor_text(following),
    )


def _reasons(brand_id: int) -> list[Trend]:
    """The most frequent first; no answer is none and comes last."""
    return sorted(reason_trends(db(), brand_id, now(), PERIOD.days), key=lambda trend: not trend.name)


@blueprint.post("/<int:event_id>/reason")
def correct(event_id: int) -> Response:
    """What a person says the reason is."""
    reason = request.form.get("reason", "")
    if reason not in set(ReasonCode):
        abort(400)
    with house().database.write() as writing:
        if not correct_reason(writing, event_id, ReasonCode(reason), now()):
            abort(404)
    flash(_("Noted: %(state)s.", state=words.word(words.REASONS, reason)), "done")
    return back()


@blueprint.post("/import")
def bring_in() -> Response:
    """Import a provider's export; bad rows are named and the others are kept."""
    brand, upload = the_brand(), request.files.get("file")
    if upload is None or not upload.filename:
        flash(_("Choose a file first."), "error")
        return back()
    result = _import(brand.id, upload)
    flash(_summary(result), "done")
    if result.errors:
        shown = [str(error) for error in result.errors[:_ERRORS_SHOWN]]
        more = result.left_out - len(shown)
        if more:
            shown.append(ngettext("and %(count)s more row", "and %(count)s more rows", more, count=number(more)))
        heading = ngettext(
            "%(count)s row was left out:",
            "%(count)s rows were left out:",
            result.left_out,
            count=number(result.left_out),
        )
        flash("\n".join([heading, *shown]), "error")
    return back()


def _import(brand_id: int, upload: FileStorage) -> ImportResult:
    # Kept under its own name: the errors say which file and line they mean.
    name = secure_filename(upload.filename or "") or "upload.csv"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        upload.save(path)
        return import_file(house().database, brand_id, path, Seal(settings().key()), now())


def _summary(result: ImportResult) -> str:
    new = ngettext("%(count)s person is new.", "%(count)s people are new.", result.new, count=number(result.new))
    if not result.known:
        return str(new)
    known = ngettext(
        "%(count)s was here already.", "%(count)s were here already.", result.known, count=number(result.known)
    )
    return f"{new} {known}"
