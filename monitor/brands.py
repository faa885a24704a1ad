"""Brands: their names, and which texts are about them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.errors import BrandError, BrandExistsError, BrandNotFoundError
from monitor.folding import fold
from monitor.models import AlertRule, Brand
from monitor.replies import add_first_templates
from monitor.types import RuleKind

# What Persian writes onto the end of a name, joined or behind a half-space: plural, possessive, copula, object.
_SUFFIXES = (
    "(?:ها|هایی|های|هایم|هایت|هایش|هایمان|هایتان|هایشان|هام|هات|هاش|هامون|هاتون|هاشون"
    "|م|ت|ش|مان|تان|شان|مون|تون|شون|ام|ات|اش|اند|ایم|اید|ی|ای|یم|ید|ه|و|رو|را|ست|است|تر|ترین|یها|یهای)"
)
_GAP = r"[\s\u200c_\-]*"
# Joined endings make another word of a short name (مان + ی), so it takes them only behind a half-space.
_SHORT = 4


def _name_pattern(name: str) -> str:
    parts = [part for part in re.split(r"[\s\u200c_\-]+", fold(name)) if part]
    body = _GAP.join(re.escape(part) for part in parts)
    joiner = r"\u200c" if sum(map(len, parts)) < _SHORT else r"\u200c?"
    ending = f"(?:{joiner}{_SUFFIXES})?" if parts[-1][-1] >= "\u0600" else ""
    before = _boundary(parts[0][0], "(?<!{})")
    after = _boundary(parts[-1][-1], "(?!{})")
    return f"{before}{body}{ending}{after}"


def _boundary(letter: str, look: str) -> str:
    """A name ends where its own script ends: «اپlookoutرو» names lookout, "lookouts" does not."""
    if letter >= "\u0600":
        return look.format(r"[\u0600-\u06ff]")
    return look.format(r"[a-z0-9\u00c0-\u024f]")


class BrandMatcher:
    """Tells whether a text names a brand, in any spelling, never inside another word.

    ``exclude`` are phrases in which the name means something else: one that contains the name hides that one
    place; any other turns the whole text down. Raises BrandError for a name without a letter or digit.
    """

    def __init__(self, name: str, aliases: Iterable[str] = (), exclude: Iterable[str] = ()) -> None:
        names = [name, *aliases]
        for each in names:
            if not re.search(r"[^\W_]", each):
                raise BrandError("a brand's name needs a letter or a digit", each)
        self._names = re.compile("|".join(_name_pattern(each) for each in names))
        phrases = [phrase for phrase in exclude if re.search(r"[^\W_]", phrase)]
        hiding = [phrase for phrase in phrases if self._names.search(fold(phrase))]
        self._hiding = _any_of(hiding)
        self._refusing = _any_of([phrase for phrase in phrases if phrase not in hiding])

    def matches(self, text: str) -> bool:
        folded = fold(text)
        if self._refusing is not None and self._refusing.search(folded):
            return False
        if self._hiding is not None:
            folded = self._hiding.sub(" ", folded)
        return self._names.search(folded) is not None


def _any_of(phrases: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(_name_pattern(phrase) for phrase in phrases)) if phrases else None


def matcher_of(brand: Brand) -> BrandMatcher:
    return BrandMatcher(brand.name, brand.aliases, brand.exclude)


def add_brand(
    session: Session,
    name: str,
    now: datetime,
    *,
    aliases: Sequence[str] = (),
    exclude: Sequence[str] = (),
    is_rival: bool = False,
) -> Brand:
    """Keep a new brand; one of our own gets every kind of alert rule, the first one the first reply templates.

    Raises BrandExistsError, BrandError.
    """
    name = " ".join(name.split())
    BrandMatcher(name, aliases, exclude)
    if session.scalar(select(Brand.id).where(Brand.name == name)) is not None:
        raise BrandExistsError("brand exists already", name)
    brand = Brand(name=name, aliases=list(aliases), exclude=list(exclude), is_rival=is_rival, created_at=now)
    session.add(brand)
    session.flush()
    if not is_rival:
        add_first_templates(session)
        session.add_all(AlertRule(brand_id=brand.id, kind=kind, created_at=now) for kind in RuleKind)
        session.flush()
    return brand


def edit_brand(
    session: Session,
    brand: Brand,
    *,
    aliases: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    is_rival: bool | None = None,
) -> None:
    """Change what is given; what was collected before stays as it is."""
    new_aliases = brand.aliases if aliases is None else list(aliases)
    new_exclude = brand.exclude if exclude is None else list(exclude)
    BrandMatcher(brand.name, new_aliases, new_exclude)
    brand.aliases, brand.exclude = new_aliases, new_exclude
    if is_rival is not None:
        brand.is_rival = is_rival


def find_brands(session: Session) -> list[Brand]:
    """All brands, our own first."""
    return list(session.scalars(select(Brand).order_by(Brand.is_rival, Brand.id)))


def get_brand(session: Session, name: str) -> Brand:
    """The brand of that name. Raises BrandNotFoundError."""
    brand = session.scalar(select(Brand).where(Brand.name == " ".join(name.split())))
    if brand is None:
        raise BrandNotFoundError("no such brand", name)
    return brand


def remove_brand(session: Session, name: str) -> None:
    """Forget a brand and all that was collected about it. Raises BrandNotFoundError."""
    session.delete(get_brand(session, name))


def only_brand(session: Session, name: str | None) -> Brand:
    """The named brand, or the one of our own when there is just one. Raises BrandNotFoundError."""
    if name:
        return get_brand(session, name)
    own = [brand for brand in find_brands(session) if not brand.is_rival]
    if len(own) != 1:
        raise BrandNotFoundError(
            "name one of the brands", ", ".join(brand.name for brand in own) or "there is none yet"
        )
    return own[0]
