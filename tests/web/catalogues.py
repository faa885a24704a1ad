"""Bring the dashboard's catalogues up to date: ``python -m tests.web.catalogues``.

Collects every text of the pages, adds what is new to the Persian catalogue (to be translated by hand), copies the
English one from the texts themselves and compiles both.
"""

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "web" / "translations"
_KEYWORDS = {"_": None, "say": None, "gettext": None, "ngettext": (1, 2)}


def texts() -> Catalog:
    """Every text of the pages, as the sources have it now."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    # "web" alone is walked: other folders hold nothing of ours and may be large.
    methods = [(pattern.removeprefix("web/"), method) for pattern, method in methods]
    options = {pattern.removeprefix("web/"): value for pattern, value in options.items()}
    catalogue = Catalog(project="Didban", charset="utf-8")
    for name, _line, message, _comments, context in extract_from_dir(
        ROOT / "web", methods, options, keywords=_KEYWORDS, strip_comment_tags=True
    ):
        catalogue.add(message, None, [(f"web/{name}", 1)], context=context)
    return catalogue


def po_path(language: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str) -> Catalog:
    path = po_path(language)
    if not path.exists():
        return Catalog(locale=language, project="Didban", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def _settle_header(catalogue: Catalog) -> None:
    """A header that says the same on every run, so that a difference in the file is one of its texts."""
    catalogue.fuzzy = False
    catalogue.header_comment = "# The texts of the dashboard. Brought up to date by tests/web/catalogues.py."
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalogue.version = "1"
    catalogue.last_translator = catalogue.language_team = "Didban"
    catalogue.msgid_bugs_address = ""


def update(language: str) -> list[str]:
    """Rewrite one catalogue and its compiled form; the texts that wait for a translation."""
    catalogue = read_catalogue(language)
    catalogue.update(texts(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    _settle_header(catalogue)
    missing = []
    for message in catalogue:
        if not message.id:
            continue
        if language == "en":
            message.string = message.id
        elif not all(message.string if isinstance(message.string, tuple) else (message.string,)):
            missing.append(str(message.id))
    path = po_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, omit_header=False, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(catalogue))
    return missing


if __name__ == "__main__":
    waiting = update("en") + update("fa")
    print(*(f"not translated: {text}" for text in waiting), sep="\n")
    sys.exit(1 if waiting else 0)
