import sys
import time

import pytest

from monitor.types import Kind, Label, Language, Sentiment, Text, TextLabels
from nlp.labeller import load_labeller
from nlp.language import identify
from nlp.normalize import MOST_LETTERS
from nlp.reasons import classify_reasons
from nlp.sentiment import load_classifier
from nlp.topics import classify_topics


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("غذا عالی بود، ممنون از ارسال سریع", "positive"),
        ("افتضاح بود، سرد و بی‌کیفیت، دیگه سفارش نمی‌دم", "negative"),
        ("kheili bad bood, poshtibani javab nemide", "negative"),
        ("aali bood, mersi, kheili razi hastam", "positive"),
        ("Great service, I love it", "positive"),
        ("Terrible app, it crashes all the time and support never answers", "negative"),
        ("زمان برگزاری مجمع عمومی عادی سالانه شرکت اعلام شد", "neutral"),
    ],
)
def test_plain_cases(classifier, text, label):
    assert classifier.classify([text])[0].label == label


@pytest.mark.parametrize("text", ["", "   ", "\u200c", "https://example.com"])
def test_a_text_with_nothing_to_read_is_neutral(classifier, text):
    assert classifier.classify([text])[0] == Sentiment(
        Label.NEUTRAL, 1.0, {Label.NEGATIVE: 0.0, Label.NEUTRAL: 1.0, Label.POSITIVE: 0.0}
    )


@pytest.mark.parametrize(("text", "label"), [("😡😡", "negative"), ("😍👏", "positive")])
def test_emoji_alone_are_answered(classifier, text, label):
    assert classifier.classify([text])[0].label == label


def test_answers_keep_their_order_and_do_not_depend_on_the_company_they_are_in(classifier):
    texts = ["عالی بود", "", "افتضاح بود " * 40, "خوب بود ولی گرون", Text("بد نبود", Kind.REVIEW)]
    together = classifier.classify(texts)
    for text, answer in zip(texts, together, strict=True):
        alone = classifier.classify([text])[0]
        assert alone.label == answer.label
        assert alone.score == pytest.approx(answer.score, abs=0.08)


def test_a_long_text_is_read_to_its_end(classifier):
    start = "این دستگاه را ماه پیش از فروشگاه خریدم. " * 40
    praise = classifier.classify([start + "عالی و بی‌نظیر است، بسیار راضی هستم. " * 30])[0]
    blame = classifier.classify([start + "افتضاح و خراب است، پولم را پس بدهید. " * 30])[0]
    assert praise.scores[Label.POSITIVE] > blame.scores[Label.POSITIVE]
    assert blame.label == "negative"


PAGE = """
این شرکت در سال ۱۳۸۵ در تهران تأسیس شده و هم‌اکنون در بیش از بیست شهر شعبه دارد.
در سال گذشته، حجم بازار این حوزه در کشور به حدود ۴۵ هزار میلیارد تومان رسید.
مطالب مرتبط: نرخ ارز امروز، ساعت کار بانک‌ها در نوروز، تقویم تعطیلات سال آینده."""


@pytest.mark.parametrize(
    ("headline", "label"),
    [
        ("مسمومیت ۴۰ نفر پس از خوردن غذای رستوران گلریز", "negative"),
        ("کلاهبرداری میلیاردی در شرکت گردشگری آسمان‌گشت", "negative"),
        ("ساعت کار شعبه‌های بانک نوین‌راه در ماه رمضان", "neutral"),
    ],
)
@pytest.mark.parametrize("kind", [Kind.ARTICLE, Kind.SEARCH_RESULT])
def test_ordinary_words_around_it_do_not_drown_a_headline(classifier, headline, label, kind):
    page = Text(headline + PAGE, kind)
    assert classifier.classify([page])[0].label == label
    assert load_labeller().label([page])[0].sentiment.label == label


def test_a_page_that_complains_is_negative_under_any_headline(classifier):
    page = "نظر کاربران درباره همراه‌پی\nبرنامه مدام قطع می‌شود، پولمان گم شد و هیچ‌کس جواب نمی‌دهد. افتضاح است."
    assert classifier.classify([Text(page, Kind.ARTICLE)])[0].label == "negative"


def test_of_a_book_the_beginning_is_read_and_the_rest_costs_nothing(classifier):
    headline = "کلاهبرداری این فروشگاه: پول را گرفت و کالا را نفرستاد. "
    page = headline * 200
    assert len(page) > MOST_LETTERS
    started = time.perf_counter()
    assert (
        classifier.probabilities([page + "عالی بود " * 400_000]).tolist() == classifier.probabilities([page]).tolist()
    )
    assert identify(page + " very good service" * 400_000) is Language.PERSIAN
    # Some tenths; read whole it would be minutes.
    assert time.perf_counter() - started < 10


def test_no_texts_no_answers(classifier):
    assert classifier.classify([]) == []
    assert classify_topics([]) == []
    assert classify_reasons([]) == []


def test_reasons_and_topics():
    codes = [reason.code for reason in classify_reasons(["هر روز ده تا ایمیل می‌فرستید", "too many emails", ""])]
    assert codes == ["too_many", "too_many", "other"]
    topics = [topic for topic, _ in classify_topics(["پیک سه ساعت دیر آورد، ارسال افتضاح", ""])]
    assert topics == ["delivery", "other"]


def test_the_labeller_says_everything_at_once():
    labeller = load_labeller()
    (labels,) = labeller.label([Text("سفارشم نرسید، پشتیبانی هم جواب نمی‌دهد. افتضاح", Kind.REVIEW)])
    assert isinstance(labels, TextLabels)
    assert (labels.language, labels.sentiment.label) == ("fa", "negative")
    assert labeller.name.startswith("didban-small@")


def test_no_torch_is_needed(classifier):
    assert "torch" not in sys.modules
