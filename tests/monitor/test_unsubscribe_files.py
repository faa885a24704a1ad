from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import ImportFileError
from monitor.models import UnsubscribeEvent
from monitor.scoring import is_waiting, score_waiting
from monitor.sealing import Seal
from monitor.unsubscribe_files import import_file
from monitor.unsubscribes import count_reasons
from tests.fakes import WordLabeller

SEAL = Seal("k")
MAILCHIMP = """Email Address,First Name,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON,UNSUB_REASON_OTHER
a@example.org,A,2026-11-01 10:00:00,November,No longer interested,
b@example.org,B,2026-11-02 10:00:00,November,Other,the price is too high
c@example.org,C,2026-11-03T10:00:00+03:30,November,,
not an address,D,2026-11-03 10:00:00,November,,
e@example.org,E,yesterday,November,,
f@example.org,F,2036-11-03 10:00:00,November,,
A@example.org ,A,2026-11-01 10:00:00,November,No longer interested,
"""


@pytest.fixture
def import_text(database, brand_id, now, tmp_path):
    def run(text, encoding="utf-8"):
        path = tmp_path / "export.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return import_file(database, brand_id, path, SEAL, now)

    return run


def events(database):
    with database.read() as session:
        return list(session.query(UnsubscribeEvent).order_by(UnsubscribeEvent.left_at))


def test_good_rows_are_kept_and_bad_ones_reported_by_line(database, import_text):
    result = import_text(MAILCHIMP)
    assert (result.new, result.known) == (3, 1)
    assert [str(error) for error in result.errors] == [
        "row left out (no e-mail address): 'export.csv:5'",
        "row left out (not a date: 'yesterday'): 'export.csv:6'",
        "row left out (a date in the future): 'export.csv:7'",
    ]


def test_the_same_file_twice_changes_nothing(database, import_text):
    import_text(MAILCHIMP)
    result = import_text(MAILCHIMP)
    assert (result.new, result.known) == (0, 4)
    assert len(events(database)) == 3


def test_a_blank_stays_blank_a_choice_is_kept_and_words_wait_for_the_model(database, import_text, now):
    import_text(MAILCHIMP)
    assert is_waiting(database, now)
    assert list(score_waiting(database, WordLabeller(), now)) == [1]
    assert [(event.reason, event.labelled_by) for event in events(database)] == [
        ("not_relevant", "provider"),
        ("price", "words"),
        ("", ""),
    ]
    assert not is_waiting(database, now)


def test_no_address_is_kept(database, import_text, settings):
    import_text(MAILCHIMP)
    database.close()
    kept = b"".join(path.read_bytes() for path in settings.data_dir.iterdir())
    assert b"a@example.org" not in kept
    assert events(database)[0].subscriber_hash == SEAL.hash("a@example.org")


def test_reasons_are_counted_in_a_period(database, import_text, brand_id):
    import_text(MAILCHIMP)
    since = datetime(2026, 11, 1, tzinfo=UTC)
    with database.read() as session:
        assert count_reasons(session, brand_id, since, since + timedelta(days=1)) == {"not_relevant": 1}
        assert count_reasons(session, brand_id, since, since + timedelta(days=9)) == {"": 2, "not_relevant": 1}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("ایمیل;تاریخ;توضیح\nx@example.org;2026-11-01;گران بود\n", "utf-8"),
        ("ایمیل\tتاریخ\tتوضیح\nx@example.org\t2026-11-01\tگران بود\n", "utf-16"),
        ("email,date,comment\nx@example.org,2026-11-01,گران بود\n", "windows-1256"),
        ("\ufeffemail|date|comment\n\nx@example.org|2026-11-01|گران بود\n", "utf-8"),
    ],
)
def test_encodings_and_separators_are_guessed(database, import_text, text, encoding):
    if encoding == "windows-1256":
        text = text.replace("گران بود", "كران بود")
    assert import_text(text, encoding).new == 1
    assert events(database)[0].comment.endswith("ران بود")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file is empty"),
        ("name,city\nx,y\n", "no column for subscriber"),
        ("email,city\nx@example.org,y\n", "no column for left_at"),
    ],
)
def test_a_file_that_is_no_export_is_refused(import_text, text, message):
    with pytest.raises(ImportFileError, match=message):
        import_text(text)


def test_a_file_that_is_not_there_is_refused(database, brand_id, now, tmp_path):
    with pytest.raises(ImportFileError, match="cannot read file"):
        import_file(database, brand_id, tmp_path / "none.csv", SEAL, now)
