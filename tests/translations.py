"""Keep the catalogues full: ``python -m tests.translations`` extracts and compiles, ``--check`` only looks."""

import sys
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
# domain -> (folder of code, folder of catalogues, what to extract from, extra keywords)
CATALOGUES = {
    "alerts": (
        "monitor",
        "monitor/translations",
        [(f"{name}.py", "python") for name in ("wording", "headings", "refusals", "messages", "digest_pages")],
        {"say": None, "count": (1, 2)},
    ),
}


def wanted(folder, methods, keywords):
    """The msgids of the code; a plural is a pair."""
    found = extract_from_dir(ROOT / folder, method_map=methods, keywords=keywords)
    return {tuple(message) if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def complaints(domain, write):
    folder, catalogues, methods, keywords = CATALOGUES[domain]
    ids = wanted(folder, methods, keywords)
    for path in sorted((ROOT / catalogues).glob(f"*/LC_MESSAGES/{domain}.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, domain=domain)
        known = {message.id for message in catalogue if message.id}
        yield from (f"{path}: not in the catalogue: {id}" for id in ids - known)
        yield from (f"{path}: no longer used: {id}" for id in known - ids)
        yield from (
            f"{path}: not translated: {message.id}"
            for message in catalogue
            if message.id and not all([message.string] if isinstance(message.string, str) else message.string)
        )
        yield from compiled(path, catalogue, write)


def compiled(path, catalogue, write):
    """Write the .mo beside the .po, or complain when it differs."""
    target = path.with_suffix(".mo")
    draft = path.with_suffix(".mo.draft")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    if write:
        draft.rename(target)
        return
    if not target.exists() or target.read_bytes() != draft.read_bytes():
        yield f"{target}: out of date; run: make translations"
    draft.unlink()


def main():
    write = "--check" not in sys.argv
    found = [line for domain in CATALOGUES for line in complaints(domain, write)]
    for line in found:
        print(line)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
