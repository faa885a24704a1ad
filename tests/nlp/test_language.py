import pytest

from nlp.language import identify


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("این محصول عالیه", "fa"),
        ("سفارشم بعد از سه روز نرسید", "fa"),
        ("كيفيت خوب نبود", "fa"),
        ("iPhone 13 Pro Max خریدم راضی‌ام", "fa"),
        ("گران", "fa"),
        ("The food was great and the delivery on time", "en"),
        ("worst app ever", "en"),
        ("not bad", "en"),
        *((word, "en") for word in ("Amazing", "bad", "rude", "garbage", "Poor", "sad", "safe", "too slow")),
        ("ghazash kheili khoob bood", "fa-latn"),
        ("sefaresham hanooz narside poshtibani javab nemide", "fa-latn"),
        ("kheyli bad", "fa-latn"),
        ("شكرا جزيلا على الخدمة الرائعة", "other"),
        ("یہ بہت اچھا ہے", "other"),
        ("Das Essen war sehr gut", "other"),
        ("Très bonne expérience", "other"),
        ("Ürün çok kötü, iade istiyorum", "other"),
        ("отличный сервис", "other"),
        ("很好", "other"),
        ("😂😂", "other"),
        ("", "other"),
        ("۱۲۳", "other"),
        ("https://example.com/some/english/words", "other"),
    ],
)
def test_it_tells_languages_apart(text, language):
    assert identify(text) == language
