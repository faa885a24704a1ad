"""One spelling for texts that mean the same; pure, and applying it twice changes nothing more.

The output is meant for models, not for people: half-spaces are closed (``می‌خواهم`` and ``می خواهم`` become
``میخواهم``), links become ``<url>``, handles ``<user>``, addresses ``<email>``. Emoji stay, because they carry mood.
"""

import re
import unicodedata

# Of a longer text so much is read for its language and labels, from its beginning: a headline, its lead and some 1,800
# words. A page may have megabytes, and everything else waits while it is read.
MOST_LETTERS = 10_000

URL_MARK, USER_MARK, EMAIL_MARK = "<url>", "<user>", "<email>"

# Two rounds settle every text seen so far; more are only for adversarial mixtures of combining marks.
_MAX_ROUNDS = 6

_HALF_SPACE = "\u200c"
_LETTERS = {
    "ي": "ی", "ى": "ی", "ې": "ی", "ۍ": "ی", "ے": "ی", "ۓ": "ی",
    "ك": "ک", "ڪ": "ک", "ګ": "گ",
    "ة": "ه", "ۀ": "ه", "ۂ": "ه", "ە": "ه", "ہ": "ه", "ھ": "ه", "ۃ": "ه",
    "أ": "ا", "إ": "ا", "ٱ": "ا", "ۆ": "و", "ۇ": "و", "ۋ": "و",
    "٫": ".", "٬": ",", "۔": ".", "٪": "%", "«": '"', "»": '"', "“": '"', "”": '"', "„": '"',
    "‘": "'", "’": "'", "´": "'", "`": "'", "–": "-", "—": "-", "‑": "-", "−": "-", "•": "-", "▪": "-",
    # Old keyboards and converters write the half-space in these ways.
    "¬": _HALF_SPACE, "\u200d": _HALF_SPACE, "\u009d": _HALF_SPACE,
}  # fmt: skip
_DROPPED = [
    (0x00AD, 0x00AD), (0x0640, 0x0640), (0x0610, 0x061A), (0x061C, 0x061C), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06DC), (0x06DF, 0x06E8), (0x06EA, 0x06ED), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x2064), (0x2066, 0x2069), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0x1F3FB, 0x1F3FF),
    # The only letters that become marks on the letter before (see _MANY_SIGNS); Japanese, and half as wide.
    (0xFF9E, 0xFF9F),
]  # fmt: skip


def _build_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(a): b for a, b in _LETTERS.items()}
    for first, last in _DROPPED:
        table.update(dict.fromkeys(range(first, last + 1)))
    for digit in range(10):
        table[0x0660 + digit] = table[0x06F0 + digit] = str(digit)
    for space in "\t\n\r\x0b\x0c\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000":
        table[ord(space)] = " "
    return table


_TABLE = _build_table()
# Looking for a letter to change takes a tenth of the time of changing, and most texts have none in the second round.
_CHANGED = re.compile("[" + "".join(re.escape(chr(code)) for code in sorted(_TABLE)) + "]")
# Letters carry a mark or two. Unicode has the marks of a letter sorted, which Python does in a time that grows with the
# square of their number, and a post may be nothing but marks.
_MOST_MARKS = 8
_MANY_SIGNS = re.compile(rf"[^\w\s]{{{_MOST_MARKS + 1},}}")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>]+|\b(?:t\.me|bit\.ly|instagram\.com)/[^\s<>]+", re.IGNORECASE)
_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}\b")
_USER = re.compile(r"(?<![\w@])@\w{2,}")
# A single tag behind a text files it somewhere; several, or one within, are words of it.
_LAST_TAG = re.compile(r"(?<=[^\s#] )#\w[\w\u200c]*\s*$")
_LEAST_WORDS = 4
_HASH = re.compile(r"(?<!\w)#(?=\w)")
# A letter three times or more is stretched; two are normal spelling (ممنون، good). Digits are never touched.
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_REPEATED_SIGN = re.compile(r"([^\w\s<>])\1+")
_EZAFE = re.compile(r"(?<=ه)[\u200c ]ی(?![\w\u200c])")
_PREFIX = re.compile(r"(?<![\w\u200c])(ن?می)[ \u200c]+(?=[آ-ی]{2})")
_SUFFIX = re.compile(
    r"(?<=[آ-ی]{2})[ \u200c]+"
    r"(?=(?:ها|های|هایی|هایم|هایت|هایش|هام|هات|هاش|هامون|هاتون|هاشون|تر|ترین"
    r"|ام|ای|اند|ایم|اید|مان|تان|شان|مون|تون|شون)(?![\w\u200c]))"
)


def normalize(text: str) -> str:
    """Give ``text`` in the one spelling that the models read."""
    for _ in range(_MAX_ROUNDS):
        once = _one_round(text)
        if once == text:
            break
        text = once
    return text


def _one_round(text: str) -> str:
    if not text.isascii():
        text = _MANY_SIGNS.sub(_with_few_marks, _translated(text))
        text = _translated(unicodedata.normalize("NFKC", text))
    if "." in text or "@" in text or "://" in text:
        text = _EMAIL.sub(f" {EMAIL_MARK} ", _URL.sub(f" {URL_MARK} ", text))
        text = _USER.sub(f" {USER_MARK} ", text)
    if "#" in text:
        text = _HASH.sub("", _without_last_tag(text))
        text = text.replace("_", " ")
    text = _STRETCHED.sub(_shorten, text)
    text = _REPEATED_SIGN.sub(r"\1", text)
    if not text.isascii():
        text = _EZAFE.sub("", text)
        text = _SUFFIX.sub("", _PREFIX.sub(r"\1", text)).replace(_HALF_SPACE, "")
    return " ".join(text.split())


def _translated(text: str) -> str:
    return text.translate(_TABLE) if _CHANGED.search(text) else text


def _with_few_marks(signs: re.Match[str]) -> str:
    kept, marks = [], 0
    for sign in signs[0]:
        marks = marks + 1 if unicodedata.category(sign).startswith("M") else 0
        if marks <= _MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def _without_last_tag(text: str) -> str:
    rest = _LAST_TAG.sub("", text)
    return rest if text.count("#") == 1 and len(rest.split()) >= _LEAST_WORDS else text


def _shorten(match: re.Match[str]) -> str:
    """English doubles e and o inside a word (good, feel), so ``goood`` must not become ``god``."""
    letter = match[1]
    inside = match.end() < len(match.string) and match.string[match.end()].isalpha()
    return letter * 2 if letter in "eo" and inside else letter
