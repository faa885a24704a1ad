"""Which language a text is in: Persian, English, Finglish or another. Script first, then words and letter triples."""

import functools
import re
from pathlib import Path

from monitor.types import Language
from nlp.normalize import MOST_LETTERS, normalize

TABLE_PATH = Path(__file__).parent / "models" / "language" / "latin.tsv"

_ARABIC_SCRIPT = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06fc\u0750-\u077f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN_WORD = re.compile(r"[^\W\d_']+(?:'[^\W\d_]+)*")
_MARK = re.compile(r"<(?:url|user|email)>")
_WORD = re.compile(r"[^\W\d_]+")
_ACCENTED = re.compile(r"[ßãåæçèéêëìíîïñòóôõöøùúûüāăąćčďēęěğīıłńňőœřśşšťūůűźżžđ]")

# Letters that Persian has and Arabic lacks, and letters of Urdu, Kurdish, Pashto and others that Persian lacks.
_PERSIAN_LETTERS = re.compile(r"[پچژگ]")
_FOREIGN_LETTERS = re.compile(r"[ٹڈڑںھےۓڕێۆڵۇۋېټډړښڼځڅۍٻڀٺ]")
_PERSIAN_WORDS = frozenset(
    "و در به از که این است را با برای آن یک خود تا کرد بر هم نیز شد بود اما ما هر یا شده من باید دو اگر همه نه "
    "خیلی خوب بد عالی نیست هست دارد نداره داره کنم کرده میشه نمیشه بودم نبود چرا چی کی رو تو اون ولی فقط هیچ دیگه "
    "ممنون سلام واقعا اصلا بسیار بهتر بدون پس چه یه هنوز حتی وقتی بعد قبل سفارش کیفیت قیمت ایران شرکت".split()
)
_ARABIC_WORDS = frozenset(
    "في من على إلى الى هذا هذه التي الذي أن إن كان كانت لا ما لم لن قد عن مع كل بعد قبل هو هي ثم أو بين حتى ليس "
    "جدا شكرا كثير أنا نحن أنت والله يوم وقال".split()
)
_ARABIC_SIGNS = re.compile(r"(?:^|\s)(?:و|ب|ف|ل)?ال(?!ان|بته|کی|ک|گو)[ء-ي]{3,}|[ةإ]")
_ENGLISH_WORDS = frozenset(
    "the a an and or but of to in is it its was are were be been i you he she we they my your our their this that "
    "these those for with not no on at as by from have has had do does did don't doesn't didn't isn't wasn't "
    "can't won't will would can could should so very too just all any if then than there here what which who when "
    "where why how me him her them us about after before again out up down over more most some only own same such "
    "good bad great love never always ever best worst service order app price time day back got get now one two "
    "still even really because please thanks thank you new your first last also much many off i'm it's i've "
    "they're that's".split()
)
# What people say in a word or two, of which letter triples tell too little: «rude» would be «روده», "poor" «پر».
_ENGLISH_OPINIONS = frozenset(
    "adorable amazing ashamed awesome awful bad badly basic biased boring broken cheap clean cool crap daft damage "
    "damaged damn dead decent delayed dire dirty durable dynamic easy excellent fab fabulous fair fake fantastic fast "
    "faster fastest faulty favorite favourite fine fresh friendly garbage handmade happy hard hate helpful horrible "
    "junk lame late lazy mad mediocre meh mess miserable moderate nasty nice okay perfect polite poor pricey quick rad "
    "rapid rare refreshing reliable rubbish rude sad safe scam shabby shame sharp short slow smooth soft solid "
    "spam stylish terrible trash ugly unsafe useless weak weird".split()
)
_OTHER_WORDS = frozenset(
    "der die das und ist nicht ich wir ein eine mit für auf auch sehr den dem von zu wie aber oder noch nur bei sie es "
    "le les des est une pas pour dans avec vous nous je sur plus très mais qui ce cette sont aux du et "
    "el los las una por para con como pero muy más esta este del que es no se su lo al está fue "
    "il gli che non per sono della molto questo una con di ho "
    "bir ve bu için çok değil ama gibi daha ile olarak var yok ben sen ne mi da de kadar sonra iyi kötü güzel ürün "
    "o os da do em um uma não com para mas como foi muito "
    "het een van niet ik dat op te zijn voor maar wel ook yang dan ini itu tidak dengan untuk saya ada "
    "jest nie na się to że och att det som är på inte".split()
) - {"no", "me", "de", "da", "to", "do", "a", "va", "man", "ke", "o", "es", "se", "mi", "ne", "ho", "al", "bu",
     "sen", "ben", "bir", "var", "in", "ama", "on", "das", "dan", "op", "we", "dem", "die", "des", "est",
     "su", "te", "na", "os", "as", "is", "con"}  # fmt: skip
# A text whose Latin words are less known than this is in neither of our Latin-letter languages.
_LEAST_ODDS = 6


def identify(text: str) -> Language:
    """The language of ``text``, by its first MOST_LETTERS; one without letters (emoji, digits) is ``other``."""
    text = text[:MOST_LETTERS]
    plain = _MARK.sub(" ", normalize(text))
    arabic, latin = len(_ARABIC_SCRIPT.findall(plain)), len(_LATIN.findall(plain))
    letters = len(_LETTER.findall(plain))
    if not letters or max(arabic, latin) * 2 < letters:
        return Language.OTHER
    # A Persian sentence may be full of product names; a few Persian words in an English one are rarer than that.
    if arabic * 3 >= latin:
        return _arabic_script(text, plain)
    return _latin_script(plain.lower())


def pieces(word: str) -> list[str]:
    """A word and its letter triples, as the table names them."""
    framed = f"^{word}$"
    return [framed, *(framed[place : place + 3] for place in range(len(framed) - 2))]


def _arabic_script(text: str, plain: str) -> Language:
    words = _WORD.findall(plain)
    persian = 2 * len(_PERSIAN_LETTERS.findall(plain)) + 3 * sum(word in _PERSIAN_WORDS for word in words)
    foreign = 6 * len(_FOREIGN_LETTERS.findall(text))
    # The tell-tale letters of Arabic (ة إ) and its words are only there before normalisation.
    raw_words = _WORD.findall(text)
    arabic = 2 * len(_ARABIC_SIGNS.findall(text)) + 3 * sum(word in _ARABIC_WORDS for word in raw_words)
    return Language.OTHER if max(arabic, foreign) > persian else Language.PERSIAN


def _latin_script(plain: str) -> Language:
    words = _LATIN_WORD.findall(plain)
    table = _table()
    if not _ENGLISH_OPINIONS.isdisjoint(words) and _ENGLISH_WORDS.union(_ENGLISH_OPINIONS).issuperset(words):
        return Language.ENGLISH
    english = sum(word in _ENGLISH_WORDS for word in words)
    other = sum(word in _OTHER_WORDS for word in words) + len(_ACCENTED.findall(plain)) / 2
    finglish = sum(table.get(f"^{word}$", 0) > _LEAST_ODDS for word in words)
    if other > max(english, finglish):
        return Language.OTHER
    odds = sum(table.get(piece, 0) for word in words for piece in pieces(word)) - 20 * english
    return Language.FINGLISH if odds > 0 else Language.ENGLISH


@functools.lru_cache(maxsize=1)
def _table() -> dict[str, int]:
    """Log-odds in tenths; positive speaks for Finglish."""
    rows = (line.split("\t") for line in TABLE_PATH.read_text(encoding="utf-8").splitlines())
    return {piece: int(odds) for piece, odds in rows}
