import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import Workbook

from monitor.errors import ImportFileError
from monitor.models import UnsubscribeEvent
from monitor.scoring import is_waiting, score_waiting
from monitor.sealing import Seal
from monitor.unsubscribe_files import find_columns, import_file, preview_file
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


def test_an_address_in_the_wrong_place_is_not_repeated(database, brand_id, now, tmp_path, import_text):
    result = import_text("email,date\nx@example.org,sara@example.org\n")
    assert [str(error) for error in result.errors] == ["row left out (not a date): 'export.csv:2'"]
    with pytest.raises(ImportFileError) as caught:
        import_file(database, brand_id, tmp_path / "export.csv", SEAL, now, {"reason": "why"})
    assert "there are: email, date" in str(caught.value)
    (tmp_path / "bare.csv").write_text("sara@example.org,2026-11-01\n")
    with pytest.raises(ImportFileError) as caught:
        import_file(database, brand_id, tmp_path / "bare.csv", SEAL, now, {"reason": "why"})
    assert "sara" not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    ["1405-08-20", "۱۴۰۵/۸/۲۰", "1405-08-20 00:00:00", "1405-08-20T00:00+03:30", "2026-11-10T20:30:00Z"],
)
def test_a_jalali_date_is_read_as_one_and_is_of_tehran(database, import_text, written):
    import_text(f"email,date\nx@example.org,{written}\n")
    assert [event.left_at for event in events(database)] == [datetime(2026, 11, 10, 20, 30, tzinfo=UTC)]


@pytest.mark.parametrize("written", ["1405-12-31", "0001-01-01T00:00:00+03:30", "1970-01-01", "9999-12-31"])
def test_a_date_that_cannot_be_true_is_a_bad_row(database, import_text, written):
    result = import_text(f"email,date\nx@example.org,{written}\ny@example.org,2026-11-01\n")
    assert (result.new, result.left_out) == (1, 1)


GOOD = "".join(f"p{number}@example.org,2026-11-01,fine\n" for number in range(10))


@pytest.mark.parametrize(
    ("bad", "lines"),
    [
        ('bad@example.org,2026-11-01,"they said\n', [2]),
        ('bad@example.org,2026-11-01,"they" said" so\n', [2]),
        ('bad@example.org,2026-11-01,"they said\nbad@example.org,2026-11-01,"and so, on"\n', [2]),
        (f"bad@example.org,2026-11-01,{'a' * 1_100_000}\n", [2]),
    ],
)
def test_a_line_that_cannot_be_read_loses_no_other(database, import_text, bad, lines):
    result = import_text(f"email,date,comment\n{bad}{GOOD}")
    assert [error.identity for error in result.errors] == [f"export.csv:{line}" for line in lines]
    assert result.new == 10 + bad.count("\n") - len(lines)


def test_words_of_several_lines_and_loose_quotation_marks_are_kept(database, import_text):
    text = (
        'email,date,comment\na@example.org,2026-11-01,"one\ntwo, ""three"""\nb@example.org,2026-11-02,"so" they say\n'
    )
    assert import_text(text).left_out == 0
    assert [event.comment for event in events(database)] == ['one\ntwo, "three"', "so they say"]


def test_a_file_whose_names_cannot_be_read_is_refused(import_text):
    with pytest.raises(ImportFileError, match="no table of text"):
        import_text('email,"date\nx@example.org,2026-11-01\n')


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


GETRESPONSE = """Email,Name,Campaign name,Removed on,Removal reason,Newsletter
g@example.org,G,offers,2026-11-02 10:00:00,Too many emails from you,Black Friday
"""
LISTMONK = """uuid,email,name,attributes,status,created_at,updated_at
6a6c,l@example.org,L,{},blocklisted,2026-01-01T00:00:00Z,2026-11-02T10:00:00Z
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GETRESPONSE, ("getresponse", "offers", "Black Friday", "too_many")),
        (LISTMONK, ("listmonk", "", "", "")),
        ("email,date,status\na@example.org,2026-11-01,unsubscribed\n", ("file", "", "", "")),
    ],
)
def test_the_exports_of_providers_are_recognised(database, import_text, text, expected):
    assert import_text(text).new == 1
    (event,) = events(database)
    assert (event.provider, event.list_name, event.campaign, event.reason) == expected
    assert event.door == "file"


@pytest.mark.parametrize(
    "text", ["email,date,status\na@example.org,2026-11-01,Subscribed\n", LISTMONK.replace("blocklisted", "enabled")]
)
def test_who_is_still_subscribed_is_left_out(import_text, text):
    result = import_text(text)
    assert (result.new, result.left_out) == (0, 1)
    assert "still subscribed" in str(result.errors[0])


def test_a_workbook_is_read_like_a_text(database, brand_id, now, tmp_path):
    book = Workbook()
    book.active.append(["ایمیل", "تاریخ", "توضیح"])
    book.active.append(["x@example.org", datetime(2026, 11, 1, 10, 0), "گران بود"])
    book.active.append(["nobody", "2026-11-01", None])
    path = tmp_path / "export.xlsx"
    book.save(path)
    result = import_file(database, brand_id, path, SEAL, now)
    assert (result.new, [str(error) for error in result.errors]) == (
        1,
        ["row left out (no e-mail address): 'export.xlsx:3'"],
    )
    assert events(database)[0].comment == "گران بود"


def test_a_workbook_with_a_damaged_sheet_is_refused(database, brand_id, now, tmp_path):
    book, whole, path = Workbook(), tmp_path / "whole.xlsx", tmp_path / "export.xlsx"
    book.active.append(["email", "date"])
    book.active.append(["x@example.org", "2026-11-01"])
    book.save(whole)
    with zipfile.ZipFile(whole) as packed, zipfile.ZipFile(path, "w") as damaged:
        for name in packed.namelist():
            part = packed.read(name)
            damaged.writestr(name, part[: len(part) // 2] if "sheet1" in name else part)
    with pytest.raises(ImportFileError, match=r"damaged workbook: '.*export\.xlsx'"):
        import_file(database, brand_id, path, SEAL, now)


@pytest.mark.parametrize(
    ("megabytes", "level"),
    # Packed hard it betrays itself by its small size; not packed at all it is simply too large.
    [(11, zipfile.ZIP_DEFLATED), (101, zipfile.ZIP_STORED)],
)
def test_a_workbook_that_unpacks_to_far_too_much_is_not_unpacked(
    database, brand_id, now, tmp_path, monkeypatch, megabytes, level
):
    path = tmp_path / "export.xlsx"
    with zipfile.ZipFile(path, "w", level) as packed:
        packed.writestr("xl/sharedStrings.xml", b"<si><t>a</t></si>" * (megabytes * 1_000_000 // 17))
    monkeypatch.setattr("openpyxl.load_workbook", lambda *_, **__: pytest.fail("it was unpacked"))
    with pytest.raises(ImportFileError, match=r"workbook is too large when unpacked; save it as CSV: '.*export\.xlsx'"):
        import_file(database, brand_id, path, SEAL, now)


def test_a_workbook_of_which_every_row_is_alike_is_none_of_those(database, brand_id, now, tmp_path, monkeypatch):
    monkeypatch.setattr("monitor.tables._XLSX_SMALL", 0)
    book = Workbook()
    book.active.append(["email", "date", "reason"])
    for _ in range(5000):
        book.active.append(["x@example.org", "2026-11-01", 0])
    path = tmp_path / "export.xlsx"
    book.save(path)
    assert import_file(database, brand_id, path, SEAL, now).new == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04 and then nothing", b"PK\x03\x04"])
def test_what_only_looks_like_a_workbook_is_refused(database, brand_id, now, tmp_path, content):
    path = tmp_path / "export.xlsx"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match="not a workbook"):
        import_file(database, brand_id, path, SEAL, now)


def test_a_workbook_without_rows_is_refused(database, brand_id, now, tmp_path):
    path = tmp_path / "export.xlsx"
    Workbook().save(path)
    with pytest.raises(ImportFileError, match="file is empty"):
        import_file(database, brand_id, path, SEAL, now)


def test_a_preview_keeps_nothing_and_says_what_is_missing(database, now, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("Kontakt;Am;Warum\nx@example.org;2026-11-01;Spam\n", encoding="utf-8")
    seen = preview_file(path, now)
    assert (seen.missing, seen.rows) == (["subscriber", "left_at"], [])
    seen = preview_file(path, now, {"subscriber": "Kontakt", "left_at": "am", "reason": "Warum"})
    assert not seen.missing
    assert [(data.subscriber, data.reason) for data in seen.rows] == [("x@example.org", "spam")]
    assert events(database) == []


def test_a_column_that_is_not_there_is_named(database, brand_id, now, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(ImportFileError, match=r"no column 'c' \(there are: a, b\)"):
        import_file(database, brand_id, path, SEAL, now, {"subscriber": "c"})


def test_rows_are_told_as_they_are_kept(database, brand_id, now, tmp_path):
    path, told = tmp_path / "export.csv", []
    lines = "".join(f"p{number}@example.org,2026-11-01\n" for number in range(4100))
    path.write_text(f"email,date\n{lines}", encoding="utf-8")
    import_file(database, brand_id, path, SEAL, now, progress=told.append)
    assert told == [2000, 2000, 100]


def test_an_import_cut_short_and_repeated_is_the_same(database, brand_id, now, tmp_path):
    path = tmp_path / "export.csv"
    lines = "".join(f"p{number}@example.org,2026-11-01\n" for number in range(4100))
    path.write_text(f"email,date\n{lines}", encoding="utf-8")

    def stop(_count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(database, brand_id, path, SEAL, now, progress=stop)
    assert len(events(database)) == 2000
    result = import_file(database, brand_id, path, SEAL, now)
    assert (result.new, result.known) == (2100, 2000)


COLUMNS = ("Email", "Date", "Campaign Name", "Audience", "Status")


@pytest.mark.parametrize(
    ("names", "mapping", "expected"),
    [
        (COLUMNS, {}, {"list_name": "Audience", "status": "Status"}),
        # What is named goes before what is recognised, and that looks on for another.
        (COLUMNS[:3], {"campaign": "campaign name"}, {"campaign": "Campaign Name"}),
        (("Email", "Date", "List", "Audience"), {"campaign": "List"}, {"list_name": "Audience", "campaign": "List"}),
        (COLUMNS[:3], dict.fromkeys(("list_name", "campaign"), "Campaign Name"), {
            "list_name": "Campaign Name", "campaign": "Campaign Name",
        }),
        (COLUMNS, {"status": "", "list_name": ""}, {}),
    ],
)  # fmt: skip
def test_what_is_named_goes_before_what_is_recognised(tmp_path, names, mapping, expected):
    found = find_columns(names, mapping, tmp_path / "export.csv")
    assert found == {"subscriber": "Email", "left_at": "Date", **expected}


def test_a_needed_field_that_is_said_to_have_no_column_is_missing(database, brand_id, now, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("email,date\nx@example.org,2026-11-01\n", encoding="utf-8")
    assert preview_file(path, now, {"left_at": ""}).missing == ["left_at"]
    with pytest.raises(ImportFileError, match="no column for left_at"):
        import_file(database, brand_id, path, SEAL, now, {"left_at": ""})
