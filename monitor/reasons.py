"""The choices that newsletter providers offer to those who leave, as our reason codes."""

from collections.abc import Mapping
from functools import lru_cache

from monitor.folding import fold
from monitor.types import ReasonCode

# What the forms of Mailchimp, GetResponse, E-goi and Sentori call their choices, and what a Persian form may call them.
# None is a blank that has a name.
_LABELS: Mapping[ReasonCode | None, str] = {
    None: "unspecified | none given | no reason | not specified | بدون دلیل | بدون پاسخ",
    ReasonCode.NOT_RELEVANT: (
        "no longer interested | i no longer want to receive these emails | not relevant | content not relevant | "
        "content is not relevant | not_interested | محتوای نامرتبط | مرتبط نبودن محتوا | بی‌ربط بودن محتوا"
    ),
    ReasonCode.TOO_MANY: (
        "too many emails | too many emails in general | too many emails from you | too many in general | "
        "too many from you | frequency | lack_of_time | "
        "ایمیل‌های زیاد | تعداد زیاد ایمیل | تعداد زیاد ایمیل‌ها | زیاد بودن ایمیل‌ها"
    ),
    ReasonCode.ADDRESS_CHANGE: "email_address_change | تغییر ایمیل | تغییر نشانی ایمیل | تغییر آدرس ایمیل",
    ReasonCode.NO_LONGER_CUSTOMER: "no longer your client | دیگر مشتری نیستم | دیگر مشتری شما نیستم",
    ReasonCode.NEVER_SIGNED_UP: (
        "did not signup | did not signup for list | did not sign up | did not sign up for list | never signed up | "
        "i never signed up | i never signed up for this mailing list | unsolicited | عضو نشده بودم | هرگز عضو نشده‌ام"
    ),
    ReasonCode.SPAM: (
        "spam | spammy content | inappropriate content | the emails are inappropriate | the emails are spam | "
        "the emails are spam and should be reported | هرزنامه | اسپم | محتوای نامناسب"
    ),
    ReasonCode.BAD_EXPERIENCE: "تجربهٔ بد | تجربه بد",
    ReasonCode.PRICE: "قیمت | قیمت بالا",
    ReasonCode.PRIVACY: "حریم خصوصی",
    ReasonCode.DISPLAY: "email display problems | مشکل نمایش ایمیل",
    ReasonCode.OTHER: "سایر | دلیل دیگر | دلایل دیگر",
}


def _plain(choice: str) -> str:
    return fold(choice).replace("\u200c", " ").rstrip(".")


_CHOICES: Mapping[str, ReasonCode | None] = {
    _plain(label): code for code, labels in _LABELS.items() for label in labels.split(" | ")
}


@lru_cache(maxsize=4096)
def map_reason(choice: str) -> tuple[ReasonCode | None, str]:
    """A provider's reason field as a code, or as the person's own words when it is not exactly a known choice.

    A sentence that begins like a choice is a sentence: the model reads it, and people can.
    """
    plain = _plain(choice)
    if not plain:
        return None, ""
    if plain in set(ReasonCode):
        return ReasonCode(plain), ""
    return (_CHOICES[plain], "") if plain in _CHOICES else (None, choice.strip())


def settle_reason(choice: str, comment: str = "") -> tuple[ReasonCode | None, str]:
    """The reason and the words of a choice with a comment beside it: words say more than "other" does."""
    reason, words = map_reason(choice)
    said = comment.strip() or words
    return (None if reason is ReasonCode.OTHER and said else reason), said
