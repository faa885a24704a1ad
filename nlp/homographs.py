"""Finglish words that spell two Persian ones: «bad» is «بعد» (after) or «بد» (bad), and what stands beside it tells.

In what people write «بعد» is the commoner of the two, so «بد» is what needs a sign. The rules were found on train rows.
"""

import re

WORDS = frozenset({"bad", "bade", "badi", "badam"})

# The words right before and right behind, if any; a number behind is one word.
_BEFORE = re.compile(r"([a-z]+|\d+)(?: (?:e|o|va))? $")
_AFTER = re.compile(r" (?:ham )?([a-z]+|\d+)")
_CLAUSE_END = re.compile(r"\s*(?:$|[^\w\s'\"(-])")
_REACH = 32

_VERY = frozenset(
    "kheili kheyli kheily khyli khili kheyly xeili xeyli xeyly enghad enqad enghadr inghad inghadr anghad anghadr "
    "cheghad cheghadr chqd besyar besiar besiyar vaghean vaqean aslan".split()
)
# «چند ساعت بعد»، «از این به بعد»، «قبل یا بعد»
_TIME = frozenset(
    "saat sat daghighe daqighe daqiqe dayqe min sanie saniye rooz ruz roz rooze ruze hafte hafteye mah maah mahe "
    "sal saal sale saale shab shabe sobh dafe dafeye daf'e jalase dore fasle be ya ghabl ghablo qabl az".split()
)
_OF_TIME = frozenset("e ye yek do se chand inke un oon".split())
_IS = frozenset(
    "bud bood bode bude boode budan boodan budesh nabud nabood nabode nabude nabudan nist nis nistan nistesh hast "
    "hastan shod shode shodan nashod mishe mishod beshe bashe bashan".split()
)
_HAPPENED = frozenset("dasht dashtam dashtan dashtim dare daram daran nadare nadasht nadaram oftad kard kardan".split())
# «بدقول»، «بدحساب»، «بدمزه»، «بد حرف زدن»
_JOINED = frozenset(
    "tar tarin ghol qol hesab akhlagh akhlaq akhlaghe akhlaqe maze mazze bu boo raftar raftari barkhord jens rang "
    "range shekl harf chap pokht pokhtan tarjome khat ghalegh begam".split()
)
_SAID_OF = frozenset(
    "keyfiat keyfiyat keifiat keyfiate keyfiyate khadamat khadamate tajrobe tajrobeye poshtibani poshtibaniye "
    "barkhord barkhorde hal hale haal halam halemun hes hesse ghaza ghazaye harf harfe adam adame buye booye boye "
    "na".split()
)
_COMES = frozenset("miad miyad miyaad nemiad nemiyad umad oomad omad oumad nayumad nayomad nayoomad miumad".split())


def meaning(word: str, text: str, start: int) -> str | None:
    """What ``word``, one of WORDS, is in Persian at ``start`` of ``text``; None where the tables know it rightly.

    ``text`` is normalised and in small letters.
    """
    end = start + len(word)
    found, following = _BEFORE.search(text[max(0, start - _REACH) : start]), _AFTER.match(text[end : end + _REACH])
    before, after = found[1] if found else "", following[1] if following else ""
    ends = _CLAUSE_END.match(text, end) is not None
    if word == "badam":
        return "بدم" if after in _COMES else None
    if word == "badi":
        return "بدی" if before and before not in _TIME and after in _IS | _HAPPENED else None
    if after == "az" or before in _TIME:
        return None
    if word == "bade":
        return "بده" if before in _VERY or ends or after == "ke" else None
    if before in _VERY:
        return "بد"
    if after in _OF_TIME or after.isdigit():
        return None
    return "بد" if ends or after in _IS | _JOINED or before in _SAID_OF else None
