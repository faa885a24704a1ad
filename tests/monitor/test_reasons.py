import pytest

from monitor.reasons import map_reason, settle_reason
from monitor.types import ReasonCode


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("", (None, "")),
        ("Unspecified", (None, "")),
        ("None given.", (None, "")),
        ("Spammy content", (ReasonCode.SPAM, "")),
        ("Other", (ReasonCode.OTHER, "")),
        ("Spam", (ReasonCode.SPAM, "")),
        ("Did not signup for list", (ReasonCode.NEVER_SIGNED_UP, "")),
        ("Too many emails from you", (ReasonCode.TOO_MANY, "")),
        ("bad_experience", (ReasonCode.BAD_EXPERIENCE, "")),
        ("Other: the parcel was late", (None, "Other: the parcel was late")),
        ("دیر رسید", (None, "دیر رسید")),
        ("Too many emails and your support was rude", (None, "Too many emails and your support was rude")),
        ("Spam, spam, spam", (None, "Spam, spam, spam")),
        ("I never signed up for this mailing list", (ReasonCode.NEVER_SIGNED_UP, "")),
        ("قيمت", (ReasonCode.PRICE, "")),
        ("تعداد زیاد ایمیل‌ها", (ReasonCode.TOO_MANY, "")),
        ("تعداد زياد ايميل ها", (ReasonCode.TOO_MANY, "")),
        ("قیمت‌ها بالا و پشتیبانی بد بود", (None, "قیمت‌ها بالا و پشتیبانی بد بود")),
    ],
)
def test_provider_choices(choice, expected):
    assert map_reason(choice) == expected


@pytest.mark.parametrize(
    ("choice", "comment", "expected"),
    [
        ("Other", "the price is too high", (None, "the price is too high")),
        ("Other", "", (ReasonCode.OTHER, "")),
        ("Spam", "every single day", (ReasonCode.SPAM, "every single day")),
        ("", " late again ", (None, "late again")),
        ("late again", "", (None, "late again")),
    ],
)
def test_words_say_more_than_other(choice, comment, expected):
    assert settle_reason(choice, comment) == expected
