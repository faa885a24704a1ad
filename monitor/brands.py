"""Brands: their names, and which texts are about them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from monitor.errors import BrandError, BrandExistsError, BrandNotFoundError
from monitor.folding import LATIN, PERSIAN, fold
from monitor.models import AlertRule, Brand
from monitor.replies import add_first_templates
from monitor.sources import read_anew
from monitor.types import RuleKind

# What Persian writes onto the end of a name, joined or behind a half-space: plural, possessive, copula, object.
_SUFFIXES = (
    "(?:ها|هایی|های|هایم|هایت|هایش|هایمان|هایتان|هایشان|هام|هات|هاش|هامون|هاتون|هاشون"
    "|م|ت|ش|مان|تان|شان|مون|تون|شون|ام|ات|اش|اند|ایم|اید|ی|ای|یی|یم|ید|ه|و|رو|را|ست|است|تر|ترین"
    "|یها|یهای|ییها|ییهای|یا|ییا|یه{})"
)
# As people talk: «فیلیموعه», «دیجی‌کالاس», «تپسیا».
_BEHIND_VOWELS = {"ا": "|س|عه", "و": "|س|عه", "ه": "|س", "ی": "|س|عه|ا"}
# Behind and before a half-space these make another word: «سامان‌دهی», «بی‌سامان». Else it joins a name to its neighbour.
_WORD_MAKERS = "(?:دهی|دهنده|ده|یافته|یابی|بخش|بخشی|پذیر|پذیری|گر|گری|گرا|گرایی|مند|مندی|وار|گاه|نامه)"
_WORD_BEGINNERS = "(?:بی|نا|هم|پر|کم)"
_BETWEEN = r"[\s\u200c_\-\u2010-\u2015]"
_GAP = f"{_BETWEEN}*"
# Joined endings make another word of a short name (مان + ی), so it takes them only behind a half-space. It is an ending
# itself behind one (خانه‌مان), and another word with another alef (آپ, اپ).
_SHORT = 4
# What «آ» is in texts and names that are compared here; folding would make it «ا». Nobody writes this letter.
_LONG_ALEF = "ڿ"
_ALEFS = f"[ا{_LONG_ALEF}]"
_APOSTROPHE = re.compile("['’‘ʼ`]")

# Of so many beginnings of names one expression can look for all; for more a table is faster.
_FEW = 40

# Letters of one script in a row, as the boundaries of names know them.
_RUN = re.compile(f"[{PERSIAN}]+|[{LATIN}]+")


def _folded(text: str) -> str:
    return fold(text.replace("ا\u0653", "آ").replace("آ", _LONG_ALEF))


def _parts(name: str) -> list[str]:
    return [part for part in re.split(f"{_BETWEEN}+", _APOSTROPHE.sub("'", _folded(name))) if part]


def _name_pattern(name: str) -> str:
    parts = _parts(name)
    is_short = sum(map(len, parts)) < _SHORT
    body = _GAP.join(_part_pattern(part, is_short) for part in parts)
    return f"{_before(parts[0][0], is_short)}{body}{_after(parts[-1][-1], is_short)}"


def _before(letter: str, is_short: bool) -> str:
    """What must not stand before a name that begins with ``letter``."""
    look = _boundary(letter, "(?<!{})")
    if letter < "\u0600":
        return look
    if is_short:
        return f"{look}(?<![{PERSIAN}]\u200c)"
    return f"{look}(?<!{_WORD_BEGINNERS}\u200c)"


def _after(letter: str, is_short: bool) -> str:
    """The endings that a name may take whose last letter is ``letter``, and what must not stand behind."""
    look = _boundary(letter, "(?!{})")
    if letter < "\u0600":
        return look
    endings = _SUFFIXES.format(_BEHIND_VOWELS.get(letter, ""))
    if is_short:
        return f"(?:\u200c{endings})?{look}(?!\u200c[{PERSIAN}])"
    return f"(?:\u200c?{endings})?{look}(?!\u200c{_WORD_MAKERS}(?![{PERSIAN}]))"


def _part_pattern(part: str, is_short: bool) -> str:
    """The apostrophe as telephones write it or left out; "and" for "&"; either alef."""
    if part == "&":
        return "(?:&(?:amp;)?|and)"
    pattern = f"{_APOSTROPHE.pattern}?".join(map(re.escape, part.split("'"))).replace("\\&", "&(?:amp;)?")
    return pattern if is_short else pattern.replace(_LONG_ALEF, "ا").replace("ا", _ALEFS)


def _boundary(letter: str, look: str) -> str:
    """A name ends where its own script ends: «اپlookoutرو» names lookout, "lookouts" does not."""
    if letter >= "\u0600":
        return look.format(f"[{PERSIAN}]")
    return look.format(f"[{LATIN}]")


class BrandMatcher:
    """Tells whether a text names a brand, in any spelling, never inside another word.

    ``exclude`` are phrases in which the name means something else: one that contains the name hides that one
    place; any other turns the whole text down. Raises BrandError for a name without a letter or digit.
    """

    def __init__(self, name: str, aliases: Iterable[str] = (), exclude: Iterable[str] = ()) -> None:
        self.names = (name, *aliases)
        for each in self.names:
            if not re.search(r"[^\W_]", each):
                raise BrandError("a brand's name needs a letter or a digit", each)
        self._exclude = [phrase for phrase in exclude if re.search(r"[^\W_]", phrase)]

    # Compiled when first used: of hundreds of brands a text names a few, and most are never asked.
    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(_name_pattern(each) for each in self.names))

    @cached_property
    def _excluded(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        """The phrases that hide one place, and those that turn the text down."""
        hiding = [phrase for phrase in self._exclude if self._pattern.search(_folded(phrase))]
        return _any_of(hiding), _any_of([phrase for phrase in self._exclude if phrase not in hiding])

    @property
    def has_excluded(self) -> bool:
        return bool(self._exclude)

    def matches(self, text: str) -> bool:
        return self._matches(_folded(text))

    def _matches(self, folded: str) -> bool:
        hiding, refusing = self._excluded
        if refusing is not None and refusing.search(folded):
            return False
        if hiding is not None:
            folded = hiding.sub(" ", folded)
        return self._pattern.search(folded) is not None


def _runs_of(beginnings: Iterable[str]) -> re.Pattern[str]:
    """The runs that begin with one of a few ``beginnings``; so most of a text is passed over at C's speed."""
    parts = (f"{_boundary(each[0], '(?<!{})')}{re.escape(each).replace('ا', _ALEFS)}" for each in beginnings)
    return re.compile(f"(?={'|'.join(parts)})(?:{_RUN.pattern})")


class _Name:
    """One spelling of one brand."""

    def __init__(self, brand: int, name: str) -> None:
        self.brand = brand
        self._name = name

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(_name_pattern(self._name))


class BrandIndex:
    """Which of many brands a text names: the same answers as a BrandMatcher each, without asking each.

    A name begins where a run of its script begins; so the beginnings of a text's runs, looked up in a table of the
    names' beginnings, leave few names to be tried, and each in one place only.
    """

    def __init__(self, matchers: Mapping[int, BrandMatcher]) -> None:
        self._matchers = dict(matchers)
        self._places = {brand: place for place, brand in enumerate(self._matchers)}
        # The beginning of a name -> the names with it; its first two letters -> how long such beginnings are.
        self._names: dict[str, list[_Name]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._always: set[int] = set()
        for brand, matcher in self._matchers.items():
            for name in matcher.names:
                self._add(_Name(brand, name), name)
        self._runs = _runs_of(self._names) if 0 < len(self._names) <= _FEW else _RUN

    def _add(self, name: _Name, text: str) -> None:
        beginning = _RUN.match(_parts(text)[0])
        if beginning is None:
            self._always.add(name.brand)
            return
        start = beginning[0].replace(_LONG_ALEF, "ا")
        self._names.setdefault(start, []).append(name)
        lengths = {*self._lengths.get(start[:2], ()), len(start)}
        self._lengths[start[:2]] = tuple(sorted(lengths))

    def find(self, text: str) -> list[int]:
        """The brands that ``text`` names, in the order they were given."""
        folded = _folded(text)
        found = {brand for brand in self._always if self._matchers[brand]._matches(folded)}
        for name, place in self._candidates(folded):
            if name.brand not in found and name.pattern.match(folded, place):
                # What is excluded depends on the whole text.
                matcher = self._matchers[name.brand]
                if not matcher.has_excluded or matcher._matches(folded):
                    found.add(name.brand)
        return sorted(found, key=self._places.__getitem__)

    def _candidates(self, folded: str) -> Iterator[tuple[_Name, int]]:
        lengths, names = self._lengths, self._names
        for run in self._runs.finditer(folded):
            letters = run[0].replace(_LONG_ALEF, "ا")
            for start in {letters[:2], letters[:1]}:
                for length in lengths.get(start, ()):
                    for name in names.get(letters[:length], ()):
                        yield name, run.start()


def _any_of(phrases: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(_name_pattern(phrase) for phrase in phrases)) if phrases else None


def index_of(brands: Iterable[Brand]) -> BrandIndex:
    """The index of ``brands`` by their ids; the last one is kept, since brands change rarely and texts come often."""
    return _index(tuple((brand.id, brand.name, tuple(brand.aliases), tuple(brand.exclude)) for brand in brands))


@lru_cache(maxsize=1)
def _index(brands: tuple[tuple[int, str, tuple[str, ...], tuple[str, ...]], ...]) -> BrandIndex:
    return BrandIndex({id: BrandMatcher(name, aliases, exclude) for id, name, aliases, exclude in brands})


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
    read_anew(session)
    if not is_rival:
        _make_own(session, brand, now)
    return brand


def _make_own(session: Session, brand: Brand, now: datetime) -> None:
    add_first_templates(session)
    session.add_all(AlertRule(brand_id=brand.id, kind=kind, created_at=now) for kind in RuleKind)
    session.flush()


def edit_brand(
    session: Session,
    brand: Brand,
    *,
    aliases: Sequence[str] | None = None,
    exclude: Sequence[str] | None = None,
    is_rival: bool | None = None,
    now: datetime | None = None,
) -> None:
    """Change what is given; what was collected before stays as it is.

    A rival that becomes our own gets what a new brand gets, unless it was our own before and has its rules still.
    """
    now = now or datetime.now(UTC)
    new_aliases = brand.aliases if aliases is None else list(aliases)
    new_exclude = brand.exclude if exclude is None else list(exclude)
    BrandMatcher(brand.name, new_aliases, new_exclude)
    added = [alias for alias in new_aliases if alias not in brand.aliases]
    brand.aliases, brand.exclude = new_aliases, new_exclude
    if added:
        since = brand.new_names | dict.fromkeys(added, now.isoformat())
        brand.new_names = {alias: since[alias] for alias in new_aliases if alias in since}
        read_anew(session)
    if is_rival is not None:
        becomes_own = brand.is_rival and not is_rival
        brand.is_rival = is_rival
        if becomes_own and not _has_rules(session, brand):
            _make_own(session, brand, now)


def was_looked_for(brand: Brand, text: str, then: datetime) -> bool:
    """Whether ``text``, which names a brand, does so by a name that was looked for ``then`` already."""
    if brand.created_at > then:
        return False
    new = {alias for alias, since in brand.new_names.items() if datetime.fromisoformat(since) > then}
    aliases = [alias for alias in brand.aliases if alias not in new]
    return not new or BrandMatcher(brand.name, aliases, brand.exclude).matches(text)


def _has_rules(session: Session, brand: Brand) -> bool:
    return session.scalar(select(AlertRule.id).where(AlertRule.brand_id == brand.id).limit(1)) is not None


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
