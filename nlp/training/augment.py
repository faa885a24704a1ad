"""Other spellings of a text that must not change its label: noise for training, variants for measuring."""

import random
import re

_PERSIAN_WORD = re.compile(r"[آ-ی]{4,}")
_HALF_SPACE = "\u200c"
_SAME_SOUND = ["سصث", "زذضظ", "تط", "هح", "غق", "اآ"]
_SOUNDS = {letter: group for group in _SAME_SOUND for letter in group}
_TAGS = ["#نظر", "#تجربه", "#خرید", "#ایران", "#review", "#tehran", "#خبر", "#کالا"]
# For training; others than those above, so that the variants measure something.
_TRAINING_TAGS = (
    "تهران شیراز اصفهان مشهد تبریز بازار اقتصاد تکنولوژی موبایل سفر غذا رستوران مد لباس خودرو بانک بورس فوتبال هنر "
    "کتاب فیلم سلامت پزشکی آموزش دانشگاه کسب_و_کار استارتاپ مشتری برند محصول خدمات فروشگاه اینترنت روز امروز جمعه "
    "iran news food travel tech shop brand business life video photo today friday customer product store"
).split()
_LATIN_TO_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_TO_ARABIC = str.maketrans({"ی": "ي", "ک": "ك", "ه": "ه", "۴": "٤", "۵": "٥", "۶": "٦"})


def noisy(text: str, chooser: random.Random) -> str:
    """``text`` with one or two of the slips that people make; ``chooser`` decides which."""
    for _ in range(chooser.randint(1, 2)):
        text = chooser.choice(_SLIPS)(text, chooser)
    return text


def variants(text: str, chooser: random.Random) -> list[str]:
    """One variant of each kind that an owner may meet: letters, half-space, stretching, digits, marks, link, tag."""
    stretched = _stretch(text, chooser)
    return [
        text.translate(_TO_ARABIC),
        text.replace(_HALF_SPACE, ""),
        text.replace(_HALF_SPACE, " "),
        stretched,
        text.translate(_LATIN_TO_PERSIAN_DIGITS),
        _diacritics(text, chooser),
        f"{text} https://example.com/p/{chooser.randint(10, 99)}",
        f"@kala_{chooser.randint(1, 9)} {text}",
        f"{text} {chooser.choice(_TAGS)}",
    ]


def _stretch(text: str, chooser: random.Random) -> str:
    """One letter at the end of a word three to six times."""
    ends = [match.end() for match in re.finditer(r"[^\W\d_]{3,}(?=\s|$|[!.،؟])", text)]
    if not ends:
        return text
    place = chooser.choice(ends)
    return text[:place] + text[place - 1] * chooser.randint(2, 5) + text[place:]


def _diacritics(text: str, chooser: random.Random) -> str:
    places = [match.start() + 1 for match in _PERSIAN_WORD.finditer(text)]
    for place in sorted(chooser.sample(places, min(2, len(places))), reverse=True):
        text = text[:place] + chooser.choice("َُِّ") + text[place:]
    return text


def _swap_sound(text: str, chooser: random.Random) -> str:
    places = [place for place, letter in enumerate(text) if letter in _SOUNDS]
    if not places:
        return text
    place = chooser.choice(places)
    return text[:place] + chooser.choice(_SOUNDS[text[place]]) + text[place + 1 :]


def _drop_letter(text: str, chooser: random.Random) -> str:
    words = [match for match in re.finditer(r"[^\W\d_]{5,}", text)]
    if not words:
        return text
    word = chooser.choice(words)
    place = chooser.randrange(word.start() + 1, word.end())
    return text[:place] + text[place + 1 :]


def _swap_letters(text: str, chooser: random.Random) -> str:
    words = [match for match in re.finditer(r"[^\W\d_]{5,}", text)]
    if not words:
        return text
    place = chooser.randrange((word := chooser.choice(words)).start() + 1, word.end() - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _join_words(text: str, chooser: random.Random) -> str:
    places = [match.start() for match in re.finditer(r"(?<=[آ-ی]) (?=[آ-ی])", text)]
    if not places:
        return text
    place = chooser.choice(places)
    return text[:place] + text[place + 1 :]


def _open_half_spaces(text: str, chooser: random.Random) -> str:
    return text.replace(_HALF_SPACE, chooser.choice(" \u200c"))


def _double_letter(text: str, chooser: random.Random) -> str:
    words = [match.end() for match in re.finditer(r"[^\W\d_]{3,}", text)]
    if not words:
        return text
    place = chooser.choice(words)
    return text[:place] + text[place - 1] + text[place:]


def _drop_signs(text: str, chooser: random.Random) -> str:
    return re.sub(r"[.,،!؟?؛:«»\"()]+", " ", text)


def _add_tag(text: str, chooser: random.Random) -> str:
    tag = f"#{chooser.choice(_TRAINING_TAGS)}"
    return f"{text} {tag}" if chooser.random() < 0.7 else f"{tag} {text}"


_SLIPS = (
    _swap_sound,
    _drop_letter,
    _swap_letters,
    _join_words,
    _open_half_spaces,
    _open_half_spaces,
    _double_letter,
    _drop_signs,
    _add_tag,
    _add_tag,
)
