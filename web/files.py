"""Files that are brought in: kept for a while to be looked at, and what came of them."""

from collections.abc import Sequence
from typing import Protocol

from flask import flash, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.utils import secure_filename

from monitor.errors import ImportRowError
from monitor.uploads import keep_upload
from web.access import seal
from web.filters import number
from web.scope import now, settings

_ERRORS_SHOWN = 5


class Result(Protocol):
    """What an import says of itself."""

    @property
    def known(self) -> int: ...
    @property
    def left_out(self) -> int: ...
    @property
    def errors(self) -> Sequence[ImportRowError]: ...


def keep_file() -> str:
    """The token of the posted file; empty, and said, when none was chosen."""
    given = request.files.get("file")
    if given is None or not given.filename:
        flash(_("Choose a file first."), "error")
        return ""
    name = secure_filename(given.filename) or "csv"
    # Of a Persian name only the ending is left, and JSONL is known by it.
    name = name if "." in name else f"upload.{name}"
    return keep_upload(settings().data_dir, seal(), name, given.read(), now())


def tell(new: str, result: Result) -> None:
    """Say what is ``new``, what was known, and which rows were left out."""
    known = ngettext(
        "%(count)s was here already.", "%(count)s were here already.", result.known, count=number(result.known)
    )
    flash(f"{new} {known}" if result.known else new, "done")
    if not result.errors:
        return
    heading = ngettext(
        "%(count)s row was left out:",
        "%(count)s rows were left out:",
        result.left_out,
        count=number(result.left_out),
    )
    shown = [str(error) for error in result.errors[:_ERRORS_SHOWN]]
    if more := result.left_out - len(shown):
        shown.append(ngettext("and %(count)s more row", "and %(count)s more rows", more, count=number(more)))
    flash("\n".join([heading, *shown]), "error")
