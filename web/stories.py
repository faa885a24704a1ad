"""Stories split and merged by hand, from the page of a mention."""

import re

from flask import Blueprint, flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from monitor.errors import MentionNotFoundError
from monitor.regrouping import merge_stories, split_story
from web.errors import back
from web.scope import house

blueprint = Blueprint("stories", __name__, url_prefix="/mentions")

_OTHER = re.compile(r"(?:.*/mentions/)?(\d{1,9})/?(?:[?#].*)?", re.ASCII)


@blueprint.post("/<int:mention_id>/split")
def split(mention_id: int) -> Response:
    with house().database.write() as writing:
        split_story(writing, mention_id)
    flash(_("It is a story of its own now."), "done")
    return back()


@blueprint.post("/<int:mention_id>/merge")
def merge(mention_id: int) -> Response:
    other = _OTHER.fullmatch(request.form.get("other", "").strip())
    try:
        if other is None:
            raise MentionNotFoundError("no such mention", request.form.get("other", ""))
        with house().database.write() as writing:
            merge_stories(writing, [mention_id, int(other[1])])
    except MentionNotFoundError:
        flash(_("There is no such mention of this brand; nothing was changed."), "error")
        return back()
    flash(_("They are one story now."), "done")
    return back()
