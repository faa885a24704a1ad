"""Full-text search over mentions: what is kept for it, and a reader's words as a query that cannot fail.

Both sides go through the same folding, so that ی and ي, ۱ and 1, a diacritic or none make no difference. A word with
a half-space is kept twice, apart and joined: «می‌گویند» is found by «می گویند» and by «میگویند».
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, column, func, inspect, literal_column, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.compiler import SQLCompiler

from monitor.folding import fold
from monitor.models import Mention, MentionText

# The indexes over the table of MentionText: a table of its own on SQLite.
INDEX = "mention_search"
POSTGRESQL_INDEX = "ix_mention_texts_words"
_ROWID = column("rowid", Integer)
# Nobody looks for what stands further down.
_LONGEST = 200_000
_MOST_TERMS = 20
_SHORTEST_PREFIX = 2
_MOST_MONTHS = 13

_HALF_SPACE = "\N{ZERO WIDTH NON-JOINER}"
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(rf"[^\W_]+(?:{_HALF_SPACE}[^\W_]+)+")
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<bare>[^\s"]+))')


def searchable(*texts: str) -> str:
    """The words of ``texts`` as they are indexed: folded, without punctuation, half-spaced words joined at the end."""
    folded = fold("\n".join(texts)[:_LONGEST])
    joined = [word.replace(_HALF_SPACE, "") for word in _JOINED.findall(folded)]
    return " ".join([*_WORD.findall(folded), *joined])


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow each other, or with ``negated`` must not; ``joined`` is another way to write them."""

    words: tuple[str, ...]
    joined: str = ""
    prefix: bool = False
    negated: bool = False

    def spellings(self) -> list[tuple[str, ...]]:
        return [self.words, (self.joined,)] if self.joined else [self.words]


def parse(text: str) -> tuple[Term, ...]:
    """What a reader typed: words that must all stand there, "a phrase", -without, begin*.

    The last word is taken as a beginning, for endings are written on to it. Anything else typed is passed over.
    """
    terms = list(_terms(text.translate(_QUOTES)))[:_MOST_TERMS]
    is_open = bool(terms) and not text.rstrip().translate(_QUOTES).endswith('"')
    if is_open and not terms[-1].negated and len(terms[-1].words[-1]) >= _SHORTEST_PREFIX:
        terms[-1] = replace(terms[-1], prefix=True)
    return tuple(terms)


def _terms(text: str) -> Iterator[Term]:
    for match in _TERM.finditer(text):
        typed = match["bare"] if match["bare"] is not None else match["phrase"]
        folded = fold(typed)
        words = tuple(_WORD.findall(folded))
        if not words:
            continue
        joined = _JOINED.fullmatch(folded.rstrip("*"))
        yield Term(
            words,
            joined=joined[0].replace(_HALF_SPACE, "") if joined else "",
            prefix=match["bare"] is not None and typed.endswith("*"),
            negated=bool(match["minus"]),
        )


def for_sqlite(terms: tuple[Term, ...], brand_id: int, months: tuple[str, ...] = ()) -> str:
    """The query in the language of FTS5. The brand stands first, so that there is always something to subtract from."""
    place = f'"b{brand_id}"'
    if months:
        place += f" AND ({' OR '.join(months)})"
    wanted = [f"place : ({place})", *(f"words : {_fts(term)}" for term in terms if not term.negated)]
    query = " AND ".join(wanted)
    for term in terms:
        if term.negated:
            query = f"({query}) NOT words : {_fts(term)}"
    return query


def _fts(term: Term) -> str:
    star = " *" if term.prefix else ""
    return "(" + " OR ".join(f'"{" ".join(words)}"{star}' for words in term.spellings()) + ")"


def for_postgresql(terms: tuple[Term, ...]) -> str:
    """The query in the language of ``to_tsquery``."""
    return " & ".join(f"{'!' if term.negated else ''}{_tsquery(term)}" for term in terms)


def _tsquery(term: Term) -> str:
    star = ":*" if term.prefix else ""
    ways = [" <-> ".join(f"'{word}'" for word in words) + star for words in term.spellings()]
    return "(" + " | ".join(ways) + ")"


def months_between(since: datetime | None, until: datetime | None) -> tuple[str, ...]:
    """The months from ``since`` to ``until`` as they are indexed; none when there are many, or no end to them."""
    if since is None or until is None:
        return ()
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    if not 0 <= last - first < _MOST_MONTHS:
        return ()
    return tuple(f"m{month // 12}{month % 12 + 1:02}" for month in range(first, last + 1))


class Contains(ColumnElement[bool]):
    """True of the mentions of a brand whose words fit; ``newest`` bounds how many, by when they were found."""

    inherit_cache = False
    type = Boolean()
    # SQLite would be given "= 1" to compare it with, and lose its way.
    _is_implicitly_boolean = True

    def __init__(
        self,
        row_id: InstrumentedAttribute[int],
        brand_id: int,
        terms: tuple[Term, ...],
        months: tuple[str, ...] = (),
        newest: int | None = None,
    ) -> None:
        self.row_id = row_id
        self.brand_id = brand_id
        self.terms = terms
        self.months = months
        self.newest = newest


@compiles(Contains)
def _for_postgresql(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    query = func.to_tsquery("simple", for_postgresql(element.terms))
    found = select(MentionText.mention_id).where(func.to_tsvector("simple", MentionText.words).op("@@")(query))
    if element.newest is not None:
        # The brand only where the newest are counted: elsewhere the query around it names the brand.
        found = found.join(Mention, Mention.id == MentionText.mention_id).where(Mention.brand_id == element.brand_id)
        found = found.order_by(MentionText.mention_id.desc()).limit(element.newest)
    return str(compiler.process(element.row_id.in_(found), **options))


@compiles(Contains, "sqlite")
def _for_sqlite(element: Contains, compiler: SQLCompiler, **options: Any) -> str:
    query = for_sqlite(element.terms, element.brand_id, element.months)
    found = select(_ROWID).where(literal_column(INDEX).op("MATCH")(query)).select_from(table(INDEX))
    if element.newest is not None:
        found = found.order_by(_ROWID.desc()).limit(element.newest)
    return str(compiler.process(element.row_id.in_(found), **options))


def keep_words(session: Session, _context: object, _instances: object) -> None:
    """Before a flush: what each new or changed mention is found by. Whoever changes its words goes through here."""
    for mention in session.new:
        if isinstance(mention, Mention) and mention.search_text is None:
            mention.search_text = MentionText(place=_place(mention), words=_words(mention))
    for mention in session.dirty:
        if isinstance(mention, Mention) and _is_reworded(mention):
            mention.search_text = mention.search_text or MentionText()
            mention.search_text.place, mention.search_text.words = _place(mention), _words(mention)


def _is_reworded(mention: Mention) -> bool:
    state = inspect(mention).attrs
    return any(state[name].history.has_changes() for name in ("title", "text", "body", "author", "published_at"))


def _words(mention: Mention) -> str:
    return searchable(mention.title or "", mention.text or "", mention.author or "", mention.body or "")


def _place(mention: Mention) -> str:
    """Whose it is, and the month in which it was said: words that nobody can type."""
    said_at = mention.published_at or mention.seen_at
    brand_id = mention.brand_id or mention.brand.id
    return f"b{brand_id} m{said_at.astimezone(UTC):%Y%m}"
