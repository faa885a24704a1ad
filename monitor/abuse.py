"""Abusive and threatening words: a short list of our own in Persian, English and Finglish.

A word on the list says that somebody should look now; it judges nobody. The list holds what is abuse or a threat in
nearly every use, and leaves out what also has a harmless meaning in a complaint («عوضی» is the wrong parcel too).
"""

import re
from functools import cache

from monitor.folding import PERSIAN, fold

_PERSIAN = """
کثافت, بیشرف, بی شرف, بیناموس, بی ناموس, حرامزاده, حروم زاده, حرومزاده, پدرسگ, پدر سگ, پدرسوخته, مادرسگ,
بی پدر و مادر, کسکش, کس کش, کیری, کونی, جاکش, دیوث, لاشی, آشغال عوضی, بیشعور, بی شعور, گه خوردید, گه خوردی,
گوه خوردی, گوه خوردید, خفه شو, خفه شید, میکشمت, می کشمت, میکشمتون, می کشمتون, میکشیمتون, می کشیمتون,
آتیشتون میزنم, آتیشتون می زنم, آتشتان میزنم, آتشتان می زنم, خونتون رو میریزم, خونتون رو می ریزم, پیداتون میکنم,
پیداتون می کنم, آدرس خونتون رو دارم, بلایی سرتون میارم, سر به نیستتون
"""
_ENGLISH = """
fuck, fucking, fucked, fuckers, motherfucker, motherfuckers, bastard, bastards, asshole, assholes, bitch, bitches,
piece of shit, scumbag, scumbags, go to hell, burn in hell, i will kill you, i'll kill you, gonna kill you,
kill yourself, burn you down, burn your office, burn your shop, i know where you live, we know where you live,
you are dead, you're dead, watch your back, bomb your
"""
_FINGLISH = """
kesafat, bisharaf, bi sharaf, binamoos, binamus, bi namoos, haroomzade, haroomzadeh, haramzade, haramzadeh, pedarsag,
pedar sag, pedarsookhte, koskesh, kos kesh, kiri, kooni, jakesh, dayus, dayoos, lashi, bishoor, bi shoor,
goh khordid, gooh khordi, khafe sho, khafe shid, mikoshamet, mikoshametoon, atishetoon mizanam, peydatoon mikonam
"""
# A Persian word takes these endings without becoming another word.
_ENDINGS = "(?:ها|های|هایی|ا|ی|ید|ین|اید|ان|ه|م|ت|ش|مون|تون|شون)?"


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted(
        {fold(word) for group in (_PERSIAN, _ENGLISH, _FINGLISH) for word in group.replace("\n", " ").split(",")},
        key=len,
        reverse=True,
    )
    parts = [re.escape(word).replace(r"\ ", r"[\s\u200c]+") for word in words if word]
    persian = "|".join(part for part in parts if part[0] >= "\u0600")
    latin = "|".join(part for part in parts if part[0] < "\u0600")
    return re.compile(rf"(?<![{PERSIAN}])(?:{persian}){_ENDINGS}(?![{PERSIAN}])|(?<![a-z0-9])(?:{latin})(?![a-z0-9])")


def abusive_words(text: str) -> tuple[str, ...]:
    """The words of ``text`` that are abuse or a threat, each once, in the order they stand."""
    # Joined and half-spaced writings are one: «می‌کشمت», «می کشمت».
    folded = fold(text).replace("\u200c", " ")
    return tuple(dict.fromkeys(match[0] for match in _pattern().finditer(folded)))
