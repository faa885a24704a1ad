"""Lines of errors in the reader's words."""

import pytest
from flask import session

from monitor.errors import FetchError, ImportRowError
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
    ],
)
def test_frequent_troubles_are_told_in_words_and_the_line_stays_on_hover(told, line, persian):
    said = told(line)
    assert persian in said.partition(">")[2]
    assert said.startswith('<span title="') and str(line).partition(":")[0] in said


def test_a_line_without_words_stands_as_it_is_and_escaped(told):
    assert told("<b>") == '<span class="evidence" dir="auto">&lt;b&gt;</span>'
    assert "<b>" not in told(ImportRowError("row left out (not a date: '<b>')", "a.csv:3"))
    assert told("host not found: 'https://a.example/'", "en").endswith(">There is no site at this address.</span>")
