"""Lines of errors in the reader's words."""

import ast
from pathlib import Path

import pytest
from flask import session
from markupsafe import escape

from monitor.errors import (
    CaseError,
    ConfigError,
    DeliveryError,
    FetchError,
    ImportFileError,
    ImportRowError,
    ParseError,
    PersonError,
    SourceExistsError,
)
from tests.web import sample
from web import create_app
from web.troubles import in_words


@pytest.fixture
def told(settings, database):
    app = create_app(settings, database, clock=lambda: sample.NOW)

    def tell(line, language="fa"):
        with app.test_request_context():
            session["language"] = language
            return str(in_words(line))

    return tell


@pytest.mark.parametrize(
    ("line", "persian"),
    [
        (FetchError("host not found", "https://a.example/"), "در این نشانی سایتی نیست."),
        (FetchError("no answer in time", "https://a.example/"), "سایت به‌موقع جواب نداد."),
        (FetchError("the site answered 403 Forbidden", "https://a.example/"), "(کد <bdi>۴۰۳</bdi>)"),
        (FetchError("the site answered 503 Service Unavailable", "https://a.example/"), "(کد <bdi>۵۰۳</bdi>)"),
        (FetchError("robots.txt forbids it", "https://a.example/"), "robots.txt"),
        (FetchError("address not allowed", "http://10.0.0.1/"), "شبکهٔ خصوصی"),
        (FetchError("a web page, not a feed", "https://a.example/"), "در این نشانی خوراک خبری نیست."),
        (
            ImportRowError("row left out (no e-mail address)", "left.csv:3"),
            '<bdi dir="ltr">left.csv</bdi>، ردیف ۳: نشانی ایمیل ندارد',
        ),
        (ImportRowError("row left out (not a date: 'soon')", "left.csv:4"), "<bdi>&#39;soon&#39;</bdi> تاریخ نیست"),
        (ImportRowError("row left out (of a new kind)", "left.csv:5"), "ردیف ۵: <bdi>of a new kind</bdi>"),
        (DeliveryError("the channel did not answer in time"), "کانال به‌موقع جواب نداد."),
        (DeliveryError("the channel did not accept the message (status 403)"), "نپذیرفت (کد <bdi>۴۰۳</bdi>)."),
        (DeliveryError("the channel did not accept the message"), "کانال پیام را نپذیرفت."),
        (DeliveryError("a Bale address is bale://TOKEN/CHAT"), "<bdi>bale://TOKEN/CHAT</bdi>"),
        (DeliveryError("the service did not accept it (status 401)"), "سرویس نپذیرفت (کد <bdi>۴۰۱</bdi>)."),
        (DeliveryError("address not allowed; list the host in allowed_hosts", "a:443"), "<bdi>a:443</bdi> در شبکهٔ"),
        (SourceExistsError("source exists already", "https://a.example/12"), "<bdi>https://a.example/12</bdi> در صفحهٔ"),
        (ParseError("not the page of an app (https://cafebazaar.ir/app/PACKAGE)", "x"), "/app/PACKAGE</bdi>"),
        (ParseError("the engine says: out of searches", "x"), "موتور جست‌وجو می‌گوید: <bdi>out of searches"),
        ("engines that did not answer: google, bing", "<bdi>google, bing</bdi>"),
        ("40 pages are listed, the 25 that changed last are read", "از <bdi>۴۰</bdi> صفحه، <bdi>۲۵</bdi> صفحه"),
        ("entry 3 left out, it has no link or no text", "کنار گذاشته شد"),
        ("… and 5 more", "و <bdi>۵</bdi> مورد دیگر"),
        (ImportFileError("no column 'Mail' (there are: a, b)", "x.csv"), "<bdi>Mail</bdi> ندارد؛ ستون‌هایش: <bdi>a, b"),
        (PersonError("the last admin stays one", "a@b.example"), "تنها مدیر"),
        (CaseError("template exists already", "A"), "پیش‌نویسی با این نام هست."),
        (ConfigError("loss_table is at least two percentages, not", (5.0,)), "دست‌کم دو سهم"),
    ],
)
def test_frequent_troubles_are_told_in_words_and_the_line_stays_on_hover(told, line, persian):
    said = told(line)
    assert persian in said.partition(">")[2]
    assert said.startswith(f'<span title="{escape(str(line))}">')


def test_a_line_without_words_stands_as_it_is_and_escaped(told):
    assert told("<b>") == '<span class="evidence" dir="auto">&lt;b&gt;</span>'
    assert "<b>" not in told(ImportRowError("row left out (not a date: '<b>')", "a.csv:3"))
    assert told("host not found: 'https://a.example/'", "en").endswith(">There is no site at this address.</span>")


def lines_of(*errors):
    """Each line that these errors are raised with, a 7 for what is filled in; those of made-up numbers aside."""
    for path in sorted((Path(__file__).parents[2] / "monitor").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in errors and call.args:
                line = filled_in(call.args[0])
                if line and not line.startswith(("no such", "no leaving")):
                    yield line


def filled_in(said):
    match said:
        case ast.Constant(str(text)):
            return text
        case ast.JoinedStr([ast.Constant(), *_] as parts):
            return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in parts)
    return ""


EVERYDAY = (
    "DeliveryError",
    "HookError",
    "HookRefusedError",
    "HookPayloadError",
    "MailerError",
    "ViewError",
    "FollowUpError",
    "TrialsBusyError",
)


def test_no_line_of_everyday_errors_is_without_words(told):
    lines = set(lines_of(*EVERYDAY))
    assert {"the channel cannot be reached", "there are 7 lists already"} <= lines
    assert [line for line in sorted(lines) if not told(line).startswith('<span title="')] == []
