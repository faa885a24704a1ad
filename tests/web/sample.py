"""An invented brand with everything the pages can show, for tests and for screenshots."""

from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from monitor.brands import add_brand
from monitor.followups import assign
from monitor.models import (
    Alert,
    AlertRule,
    Brand,
    Case,
    CaseNote,
    Channel,
    Delivery,
    LossReading,
    Mention,
    SearchPage,
    SearchResult,
    Source,
    UnsubscribeEvent,
)
from monitor.replies import add_first_templates
from monitor.types import (
    Basis,
    CaseState,
    DeliveryState,
    Kind,
    Label,
    Language,
    ReasonCode,
    RuleKind,
    SourceState,
    Step,
)

NOW = datetime(2026, 11, 22, 8, 10, tzinfo=UTC)
_numbers = count(1)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def make_source(session: Session, brand: Brand, spider: str, url: str, **values: object) -> Source:
    found = {
        "interval": 1800,
        "created_at": brand.created_at,
        "state": SourceState.OK,
        "state_since": brand.created_at,
        "found": 12,
        "checked_at": NOW - timedelta(minutes=14),
        "first_look_done_at": brand.created_at,
        "next_at": NOW + timedelta(minutes=16),
        "matches_text": False,
        **values,
    }
    source = Source(brand_id=brand.id, spider=spider, url=url, **found)
    session.add(source)
    session.flush()
    return source


def make_mention(session: Session, brand: Brand, text: str, **values: object) -> Mention:
    number = next(_numbers)
    found = {
        "key": f"key-{number}",
        "story": f"story-{number}",
        "kind": Kind.ARTICLE,
        "url": "https://khabar.example/1",
        "title": "",
        "seen_at": NOW - days(1),
        "label": Label.NEUTRAL,
        "score": 0.93,
        "language": Language.PERSIAN,
        "labelled_by": "didban-small",
        "labelled_at": NOW - days(1),
        "body_at": NOW - days(1),
        "decided_at": NOW - days(1),
        **values,
    }
    mention = Mention(brand_id=brand.id, text=text, **found)
    session.add(mention)
    session.flush()
    return mention


# Title, snippet, address, label, score; in rank order.
PAGE_ONE = (
    (
        "نیلگون | فروشگاه اینترنتی لوازم خانه",
        "خرید آنلاین لوازم خانه و آشپزخانه با ارسال یک‌روزه در تهران و کرج.",
        "https://nilgoon.example/",
        "neutral",
        0.97,
    ),
    (
        "نیلگون پول سفارش لغوشده را سه ماه است پس نداده",
        "سفارش را همان روز لغو کردم، سه ماه گذشته و هنوز از بازگشت وجه خبری نیست. پشتیبانی جواب تلفن نمی‌دهد.",
        "https://shekayat.example/nilgoon/refund",
        "negative",
        0.98,
    ),
    (
        "تجربهٔ خرید از نیلگون: بسته‌بندی تمیز، قیمت مناسب",
        "برای دومین بار از نیلگون خرید کردم و همه‌چیز سالم و سر وقت رسید.",
        "https://www.naghd.example/post/8812",
        "positive",
        0.95,
    ),
    (
        "Nilgoon (@nilgoon_shop) • Photos and videos",
        "42K followers. Home goods, new collections every Thursday.",
        "https://social.example/nilgoon_shop",
        "neutral",
        0.88,
    ),
    (
        "افزایش شکایت‌ها از فروشگاه نیلگون؛ کالای شکسته به‌جای نو",
        "گزارش‌های رسیده از خریداران نشان می‌دهد بخشی از ظرف‌های چینی شکسته تحویل شده است.",
        "https://khabar.example/economy/55120",
        "negative",
        0.94,
    ),
    (
        "نیلگون چیست؟ معنی نیلگون در لغت‌نامه",
        "نیلگون: به رنگ نیل، کبود، لاجوردی.",
        "https://vazhe.example/nilgoon",
        "neutral",
        0.99,
    ),
    (
        "Nilgoon kharid konim ya na? nazar shoma",
        "Man chand bar kharid kardam, gahi khube gahi na. Dir miad vali salem.",
        "https://goftogoo.example/t/nilgoon",
        "negative",
        0.49,
    ),
    (
        "نیلگون در نمایشگاه لوازم خانگی امسال حضور دارد",
        "غرفهٔ نیلگون با تخفیف ویژهٔ بازدیدکنندگان در سالن ۳۸.",
        "https://namayesh.example/news/1405/nilgoon",
        "neutral",
        0.91,
    ),
    (
        "از نیلگون خرید نکنید، نه پشتیبانی دارد نه گارانتی",
        "جاروبرقی بعد از دو هفته سوخت. گفتند گارانتی فقط برای خرید حضوری است.",
        "https://forum.example/t/dont-buy",
        "negative",
        0.99,
    ),
    (
        "نقد و بررسی سرخ‌کن نیلگون مدل N20",
        "کیفیت ساخت خوب، صدای کم، دستورپخت فارسی. ارزش خرید دارد.",
        "https://www.mag.example/review/n20",
        "positive",
        0.96,
    ),
)

# Days ago, copies, kind, language, author, title, text, address.
NEGATIVES = (
    (
        0.12,
        1,
        Kind.SOCIAL,
        "fa-latn",
        "sara_k",
        "",
        "Az nilgoon ye service chini kharidam 3 tash shekaste bood, poshtibani ham goft be ma marboot nist!! "
        "vaghean dige kharid nemikonam",
        "https://social.example/p/19923",
    ),
    (
        0.3,
        4,
        Kind.ARTICLE,
        "fa",
        "",
        "افزایش شکایت‌ها از فروشگاه نیلگون؛ کالای شکسته به‌جای نو",
        "گزارش‌های رسیده از خریداران نشان می‌دهد بخشی از ظرف‌های چینی این فروشگاه شکسته تحویل شده و "
        "درخواست تعویض آن‌ها بی‌پاسخ مانده است. سخنگوی فروشگاه به پرسش خبرنگار ما پاسخ نداد.",
        "https://khabar.example/economy/55120",
    ),
    (
        1.4,
        1,
        Kind.REVIEW,
        "fa",
        "مریم",
        "سه ماه بدون پاسخ",
        "سفارش را همان روز لغو کردم، سه ماه گذشته و هنوز پولم برنگشته. هر بار می‌گویند ۷۲ ساعت دیگر.",
        "https://shekayat.example/nilgoon/refund",
    ),
    (
        2.2,
        1,
        Kind.REVIEW,
        "en",
        "Daniel P.",
        "Arrived broken, nobody answers",
        "Two of the six plates were in pieces. I wrote to support three times and got the same canned reply each time.",
        "https://reviews.example/nilgoon/4411",
    ),
    (
        4.6,
        2,
        Kind.ARTICLE,
        "fa",
        "",
        "از نیلگون خرید نکنید، نه پشتیبانی دارد نه گارانتی",
        "جاروبرقی بعد از دو هفته سوخت. گفتند گارانتی فقط برای خرید حضوری است و هزینهٔ ارسال برگشت هم با خودتان.",
        "https://forum.example/t/dont-buy",
    ),
    (
        6.1,
        1,
        Kind.COMMENT,
        "fa",
        "رضا ت.",
        "",
        "قیمت‌ها هر هفته بالا می‌رود ولی کیفیت بسته‌بندی هر ماه بدتر می‌شود.",
        "https://mag.example/review/n20#c12",
    ),
    (8.0, 1, Kind.REVIEW, "fa", "نگار", "", "ارسال یک‌روزه نه روز طول کشید.", "https://reviews.example/nilgoon/4390"),
    (
        8.4,
        1,
        Kind.REVIEW,
        "fa",
        "ح. مرادی",
        "",
        "رنگ ملافه با عکس سایت هیچ شباهتی نداشت و مرجوع هم نکردند.",
        "https://reviews.example/nilgoon/4386",
    ),
    (11.0, 1, Kind.SOCIAL, "fa", "", "", "اپ نیلگون باز هم موقع پرداخت بسته شد.", "https://social.example/p/18811"),
    (12.2, 1, Kind.REVIEW, "fa", "", "", "پشتیبانی جواب نداد.", "https://reviews.example/nilgoon/4360"),
    (12.6, 1, Kind.REVIEW, "fa", "", "", "جنس پلاستیک بود نه چوب.", "https://reviews.example/nilgoon/4359"),
    (
        12.9,
        1,
        Kind.SOCIAL,
        "fa",
        "",
        "",
        "تخفیفش الکی بود، قیمت را اول بالا برده بودند.",
        "https://social.example/p/18702",
    ),
    (17.5, 1, Kind.REVIEW, "fa", "", "", "دیر رسید.", "https://reviews.example/nilgoon/4310"),
    (22.3, 1, Kind.REVIEW, "fa", "", "", "شمارهٔ تماس سایت کار نمی‌کند.", "https://reviews.example/nilgoon/4290"),
    (26.0, 1, Kind.REVIEW, "fa", "", "", "یک تکه کم بود.", "https://reviews.example/nilgoon/4270"),
)

COMMENTS = (
    (0.4, ReasonCode.TOO_MANY, "هر روز دو تا ایمیل می‌فرستید، دیگر باز نمی‌کنم."),
    (1.1, ReasonCode.BAD_EXPERIENCE, "بعد از ماجرای بازگشت وجه دیگر نمی‌خواهم از شما خبری بشنوم."),
    (1.9, ReasonCode.NOT_RELEVANT, "I bought one kettle. I do not need weekly news about carpets."),
    (2.5, ReasonCode.TOO_MANY, "kheili ziad email midid"),
    (3.2, ReasonCode.NEVER_SIGNED_UP, "من هیچ‌وقت ثبت‌نام نکرده‌ام، نشانی مرا از کجا آورده‌اید؟"),
    (5.0, ReasonCode.PRICE, "قیمت‌ها برایم زیاد شده."),
    (4.1, ReasonCode.TOO_MANY, "روزی دو تا ایمیل زیاد است، هفته‌ای یکی بس بود."),
    (5.6, ReasonCode.BAD_EXPERIENCE, "پشتیبانی جواب ایمیل نمی‌دهد."),
    (6.3, ReasonCode.DISPLAY, "متن‌ها در گوشی من چپ‌به‌راست و به‌هم‌ریخته است."),
)

# How many left for each reason in the last 30 days and in the 30 before.
LEFT = {
    ReasonCode.TOO_MANY: (14, 9),
    ReasonCode.BAD_EXPERIENCE: (15, 2),
    ReasonCode.NOT_RELEVANT: (7, 8),
    ReasonCode.NEVER_SIGNED_UP: (4, 4),
    ReasonCode.PRICE: (3, 5),
    ReasonCode.DISPLAY: (1, 0),
    "": (6, 7),
}


def fill(session: Session) -> Brand:
    """The brand Nilgoon after six weeks of watching, and a second brand of the same house."""
    brand = add_brand(session, "نیلگون", NOW - days(24), aliases=["Nilgoon"])
    add_brand(session, "Nilgoon Kids", NOW - days(3))
    sources = _add_sources(session, brand)
    _add_negatives(session, brand, sources)
    _add_other_mentions(session, brand, sources)
    add_page_one(session, brand, sources["search"], PAGE_ONE)
    _add_readings(session, brand)
    _add_unsubscribes(session, brand)
    _add_alerts(session, brand)
    _add_cases(session, brand)
    add_brand(session, "کاشانه", NOW - days(24), is_rival=True)
    return brand


def _add_sources(session: Session, brand: Brand) -> dict[str, Source]:
    return {
        "search": make_source(
            session, brand, "search", "https://searx.nilgoon.example/search?q=نیلگون&format=json", found=10
        ),
        "feed": make_source(
            session,
            brand,
            "feed",
            "https://khabar.example/feed/economy.xml",
            found=40,
            warnings=["entry 7: no address", "entry 31: not a date: 'دیروز'"],
        ),
        "reviews": make_source(
            session,
            brand,
            "reviews",
            "https://reviews.example/nilgoon",
            state=SourceState.BLOCKED,
            state_since=NOW - days(2.2),
            failures=9,
            found=0,
            error="the site answered 403 Forbidden to https://reviews.example/nilgoon",
            next_at=NOW + timedelta(hours=11),
        ),
        "forum": make_source(session, brand, "feed", "https://forum.example/latest.rss", found=25),
        "blog": make_source(session, brand, "feed", "https://www.naghd.example/rss", paused=True, found=3),
    }


def _add_negatives(session: Session, brand: Brand, sources: dict[str, Source]) -> None:
    for number, (ago, copies, kind, language, author, title, text, url) in enumerate(NEGATIVES):
        for copy in range(copies):
            make_mention(
                session,
                brand,
                text,
                title=title,
                kind=kind,
                author=author,
                language=language,
                url=url if copy == 0 else f"https://copy{copy}.example/{number}",
                story=f"negative-{number}",
                label=Label.NEGATIVE,
                score=0.96 - number / 100,
                published_at=NOW - days(ago + copy / 50),
                seen_at=NOW - days(min(ago, 24) - 0.05),
                source_id=sources["feed"].id,
                topic="delivery",
            )


def _add_other_mentions(session: Session, brand: Brand, sources: dict[str, Source]) -> None:
    make_mention(
        session,
        brand,
        "بسته‌بندی عالی بود و یک روز زودتر رسید، ممنون.",
        kind=Kind.REVIEW,
        label=Label.POSITIVE,
        author="الهام",
        url="https://reviews.example/nilgoon/4400",
        source_id=sources["reviews"].id,
        seen_at=NOW - days(0.5),
    )
    make_mention(
        session,
        brand,
        "Bad nist, vali behtar az in ham hast.",
        kind=Kind.COMMENT,
        label=Label.NEGATIVE,
        score=0.41,
        language=Language.FINGLISH,
        url="https://goftogoo.example/t/nilgoon#4",
        seen_at=NOW - days(0.9),
    )
    make_mention(
        session,
        brand,
        "نیلگون شعبهٔ تازه‌ای در اصفهان باز کرد.",
        title="شعبهٔ تازهٔ نیلگون در اصفهان",
        source_id=sources["feed"].id,
        url="https://khabar.example/city/55301",
        seen_at=NOW - days(1.2),
    )


def add_page_one(
    session: Session, brand: Brand, source: Source, results: tuple[tuple[str, str, str, str, float], ...]
) -> SearchPage:
    """A first page of results, each with its mention."""
    page = SearchPage(
        brand_id=brand.id,
        source_id=source.id,
        query=brand.name,
        engine="searxng",
        taken_at=NOW - timedelta(hours=2, minutes=6),
        decided_at=NOW - timedelta(hours=2),
    )
    session.add(page)
    for position, (title, snippet, url, label, score) in enumerate(results, start=1):
        mention = make_mention(
            session,
            brand,
            snippet,
            title=title,
            url=url,
            kind=Kind.SEARCH_RESULT,
            label=label,
            score=score,
            seen_at=NOW - days(9),
            published_at=NOW - days(45),
            source_id=source.id,
            history=True,
        )
        page.results.append(SearchResult(mention=mention, position=position, title=title, snippet=snippet))
    session.flush()
    return page


def _add_readings(session: Session, brand: Brand) -> None:
    for ago in range(24, -1, -1):
        failed = ago in (14, 15)
        negatives = 1 if ago > 16 else (2 if ago > 9 else (4 if ago in (5, 6) else 3))
        session.add(
            LossReading(
                brand_id=brand.id,
                taken_at=NOW - days(ago) - timedelta(hours=2),
                basis=Basis.SEARCH_RESULTS,
                negatives=None if failed else negatives,
                results=None if failed else 10,
                share=None if failed else (0.0, 22.0, 22.0, 59.2, 70.0)[negatives],
            )
        )
    session.flush()


def _add_unsubscribes(session: Session, brand: Brand) -> None:
    number = 0
    said = {code: [row for row in COMMENTS if row[1] == code] for code in LEFT}
    for code, (recent, before) in LEFT.items():
        for place in range(recent + before):
            number += 1
            words = said[code][place] if place < len(said[code]) else None
            ago = words[0] if words else (1 + place if place < recent else 31 + (place - recent))
            session.add(
                UnsubscribeEvent(
                    brand_id=brand.id,
                    key=f"u{number}",
                    subscriber_hash=f"h{number}",
                    list_name="خبرنامهٔ هفتگی",
                    campaign="تخفیف پاییز" if number % 2 else "",
                    provider="file",
                    left_at=NOW - days(ago),
                    comment=words[2] if words else "",
                    recorded_at=NOW,
                    reason=code,
                    reason_score=1.0 if words is None else 0.43 if "پشتیبانی" in words[2] else 0.9,
                    labelled_by="provider" if words is None else "didban-small",
                    labelled_at=NOW,
                )
            )
    _add_former_customers(session, brand)
    session.flush()


def _add_former_customers(session: Session, brand: Brand) -> None:
    """One to greet today, one whose time has not come; and somebody's work on the newest grave leaving."""
    for ago in (95, 70):
        session.add(
            UnsubscribeEvent(
                brand_id=brand.id,
                key=f"former{ago}",
                subscriber_hash=f"former{ago}",
                list_name="خبرنامهٔ هفتگی",
                provider="file",
                left_at=NOW - days(ago),
                recorded_at=NOW,
                reason=ReasonCode.NO_LONGER_CUSTOMER,
                reason_score=1.0,
                labelled_by="provider",
                labelled_at=NOW,
            )
        )
    session.flush()
    grave = session.query(UnsubscribeEvent).filter_by(reason=ReasonCode.BAD_EXPERIENCE)
    newest = grave.order_by(UnsubscribeEvent.left_at.desc()).first()
    assign(session, newest.id, "سارا", NOW + days(1), NOW)


def _add_cases(session: Session, brand: Brand) -> None:
    """One that is late, one in hand, one answered in time, one put aside."""
    add_first_templates(session)
    plan = (
        (1, CaseState.NEW, 30, None),
        (2, CaseState.ACKNOWLEDGED, 5, None),
        (9, CaseState.RESOLVED, 90, 80),
        (10, CaseState.IGNORED, 200, None),
    )
    for number, state, opened, answered in plan:
        story = f"negative-{number}"
        mention = session.query(Mention).filter_by(brand_id=brand.id, story=story).order_by(Mention.id).first()
        case = Case(
            brand_id=brand.id,
            story=story,
            mention_id=mention.id,
            state=state,
            owner="سارا" if state == CaseState.ACKNOWLEDGED else "",
            steps=[Step.LISTEN] if state == CaseState.ACKNOWLEDGED else [],
            opened_at=NOW - timedelta(hours=opened),
            due_at=NOW - timedelta(hours=opened - 24),
            answered_at=None if answered is None else NOW - timedelta(hours=answered),
            closed_at=NOW - timedelta(hours=20) if state in (CaseState.RESOLVED, CaseState.IGNORED) else None,
        )
        session.add(case)
        session.flush()
    session.add(CaseNote(case_id=2, author="سارا", text="تلفنی حرف زدیم؛ شمارهٔ سفارش را می‌فرستد.", created_at=NOW))
    session.flush()


def _add_alerts(session: Session, brand: Brand) -> None:
    rules = {rule.kind: rule for rule in session.query(AlertRule).filter_by(brand_id=brand.id)}
    mail = Channel(name="ایمیل بازاریابی", address="sealed", language="fa", created_at=NOW - days(24))
    chat = Channel(name="Telegram on-call", address="sealed", language="en", created_at=NOW - days(24))
    told = [{"id": 1, "title": row[5], "text": row[6], "url": row[7], "score": 0.9} for row in NEGATIVES[1:5]]
    new = Alert(
        rule_id=rules[RuleKind.NEW_NEGATIVE].id,
        brand_id=brand.id,
        kind=RuleKind.NEW_NEGATIVE,
        key="a",
        facts={"mentions": told[:1], "count": 1},
        created_at=NOW - timedelta(hours=7),
    )
    band = Alert(
        rule_id=rules[RuleKind.BAND_CROSSED].id,
        brand_id=brand.id,
        kind=RuleKind.BAND_CROSSED,
        key="b",
        facts={
            "basis": "search_results",
            "negatives": 3,
            "share": 59.2,
            "negatives_before": 2,
            "share_before": 22.0,
            "mentions": told,
            "count": 5,
        },
        created_at=NOW - days(9),
    )
    new.deliveries = [
        Delivery(channel=mail, state=DeliveryState.SENT, attempts=1, next_at=NOW, sent_at=NOW - timedelta(hours=7)),
        Delivery(
            channel=chat,
            state=DeliveryState.WAITING,
            attempts=3,
            next_at=NOW + timedelta(minutes=25),
            error="message not accepted: the channel did not answer within 10 s",
        ),
    ]
    band.deliveries = [
        Delivery(channel=mail, state=DeliveryState.SENT, attempts=2, next_at=NOW, sent_at=NOW - days(9)),
        Delivery(
            channel=chat,
            state=DeliveryState.FAILED,
            attempts=12,
            next_at=NOW,
            error="message not accepted: chat not found",
        ),
    ]
    session.add_all([new, band])
    session.flush()
