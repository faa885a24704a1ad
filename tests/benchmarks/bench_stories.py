"""200,000 texts grouped into stories: time, and how often it is right on a labelled set with real-looking edits.

Labels come with the making: each story is written once, then copied as agencies and sites copy.
"""

import random
from time import perf_counter

import numpy as np

from monitor.shingles import group, signature

TEXTS = 200_000
LABELLED = 6_000
SECONDS = 600
FLOOR = 0.95

SUBJECTS = (
    "فروشگاه آرال,بانک سپیدار,شرکت هوانوردی نیلا,اپراتور رایان,خودروسازی پارسا,سامانه دانا,بیمه مهرگان,شرکت پویا".split(
        ","
    )
)
VERBS = "اعلام کرد,خبر داد,گفت,تاکید کرد,توضیح داد,تکذیب کرد,وعده داد,هشدار داد".split(",")
WORDS = (
    "قیمت ارسال مشتری سفارش تاخیر بازار تهران شهر مدیرعامل گزارش کاربران شبکه خدمات پشتیبانی بازگشت پول محصول کیفیت "
    "شکایت دادگاه قرارداد سرمایه سهام بورس افزایش کاهش کارخانه تولید واردات صادرات دلار نرخ قانون مجلس دولت وزارت "
    "بررسی نتیجه مرحله هفته ماه سال گذشته آینده برنامه طرح توسعه اشتغال کارگر کارمند اعتراض تجمع نشست خبری فناوری "
    "اینترنت نرم‌افزار سامانه اطلاعات امنیت نشت داده حمله سرور قطعی اختلال ترافیک مسیر پرواز بلیت مسافر فرودگاه هتل "
    "رستوران غذا دارو بیمارستان پزشک دانشگاه دانشجو مدرسه معلم کتاب فیلم جشنواره ورزش تیم بازی لیگ قهرمانی مربی"
).split()  # fmt: skip
PREFIXES = ("به گزارش خبرنگار ما، ", "به نقل از روابط عمومی، ", "خبرگزاری نمونه - ", "")
SUFFIXES = (" انتهای پیام", " بیشتر بخوانید", " /۱۲۰", "")


def write(chance):
    sentences = []
    for _ in range(chance.randint(2, 5)):
        words = chance.sample(WORDS, chance.randint(8, 14))
        words.insert(chance.randrange(len(words)), str(chance.randint(2, 9999)))
        sentences.append(f"{chance.choice(SUBJECTS)} {' '.join(words)} {chance.choice(VERBS)}.")
    return " ".join(sentences)


def copy(chance, text):
    """A copy as sites make them: other letters, half-spaces, words, frame, or an excerpt."""
    words = text.split()
    for _ in range(chance.randint(0, max(1, len(words) // 20))):
        place = chance.randrange(len(words))
        if not any(char.isdigit() for char in words[place]):
            words[place] = chance.choice(WORDS)
    copied = " ".join(words)
    if chance.random() < 0.4:
        copied = copied.replace("ی", "ي").replace("ک", "ك")
    if chance.random() < 0.3:
        copied = copied.replace("\u200c", chance.choice(("", " ")))
    if chance.random() < 0.3:
        copied = copied.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    if chance.random() < 0.2:
        copied = copied[: int(len(copied) * chance.uniform(0.7, 0.95))].rpartition(" ")[0] + "…"
    # The agency's own number in its last line is none of the story's.
    return f"{chance.choice(PREFIXES)}{copied}{chance.choice(SUFFIXES[:2] + SUFFIXES[3:])}"


def another_day(chance, text):
    """The same notice of another day: alike in words, another in its numbers, so another story."""
    words = [str(int(word) + chance.randint(1, 50)) if word.isdigit() else word for word in text.split()]
    return " ".join(words)


def labelled(chance, count):
    texts, stories = [], []
    story = 0
    while len(texts) < count:
        text = write(chance)
        for _ in range(chance.choice((1, 1, 2, 3, 6))):
            texts.append(copy(chance, text))
            stories.append(story)
        story += 1
        if chance.random() < 0.1:
            texts.append(another_day(chance, text))
            stories.append(story)
            story += 1
    shuffled = list(zip(texts, stories, strict=True))
    chance.shuffle(shuffled)
    return [text for text, _ in shuffled], [story for _, story in shuffled]


def pairs(groups):
    members = {}
    for row, name in enumerate(groups):
        members.setdefault(name, []).append(row)
    return {(one, other) for rows in members.values() for one in rows for other in rows if one < other}


def test_copies_are_found_and_nothing_else():
    texts, stories = labelled(random.Random(3), LABELLED)
    found = pairs(group(np.stack([signature(text) for text in texts]), texts.__getitem__))
    true = pairs(stories)
    precision, recall = len(found & true) / len(found), len(found & true) / len(true)
    print(f"\n{len(texts)} texts, {len(true)} true pairs: precision {precision:.3f}, recall {recall:.3f}")
    assert precision > FLOOR and recall > FLOOR


def test_two_hundred_thousand_texts_are_grouped_in_time():
    texts, _ = labelled(random.Random(4), TEXTS)
    begun = perf_counter()
    signatures = np.stack([signature(text) for text in texts])
    signed = perf_counter() - begun
    groups = group(signatures, texts.__getitem__)
    whole = perf_counter() - begun
    print(f"\n{len(texts)} texts: {whole:.0f} s ({signed:.0f} s for signatures), {len(set(groups))} stories")
    assert whole < SECONDS
