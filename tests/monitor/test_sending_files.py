"""How many mails were sent, from an export of campaigns."""

import pytest

from monitor.errors import ImportFileError
from monitor.models import Sending
from monitor.sending_files import import_sendings

EXPORT = """Title,Subject,List,Send Date,Total Recipients,Unique Id
Autumn,Big sale,News,2026-10-28 09:30:00,"4,700",cb398d21d2
یلدا,شب یلدا,خبرنامه,2026-11-02,۹۰۰,
,,,2026-11-02,100,
Late,x,News,soon,100,
Next,x,News,2027-01-01,100,
None,x,News,2026-11-03,0,

"""


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "campaigns.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


def test_good_rows_are_kept_once_and_bad_ones_named(database, brand_id, now, export):
    result = import_sendings(database, brand_id, export, now)
    assert (result.new, result.known, result.left_out) == (2, 0, 4)
    assert [str(error) for error in result.errors] == [
        "row left out (neither a campaign nor a list): 'campaigns.csv:4'",
        "row left out (not a date: 'soon'): 'campaigns.csv:5'",
        "row left out (a date in the future): 'campaigns.csv:6'",
        "row left out (no number of mails: '0'): 'campaigns.csv:7'",
    ]
    assert import_sendings(database, brand_id, export, now).known == 2
    with database.read() as session:
        rows = session.query(Sending).order_by(Sending.count).all()
    assert [(row.campaign, row.list_name, row.count, row.basis) for row in rows] == [
        ("یلدا", "خبرنامه", 900, "file"),
        ("Autumn", "News", 4700, "file"),
    ]


def test_a_column_can_be_named_and_must_be_there(database, brand_id, now, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("Aussendung;Menge;Am\nHerbst;50;2026-11-01\n", encoding="utf-8")
    with pytest.raises(ImportFileError, match="no column for count"):
        import_sendings(database, brand_id, path, now)
    columns = {"count": "menge", "sent_at": "Am", "campaign": "Aussendung"}
    assert import_sendings(database, brand_id, path, now, columns).new == 1
    with pytest.raises(ImportFileError, match="no column for list_name"):
        import_sendings(database, brand_id, path, now, {**columns, "list_name": "nowhere"})


@pytest.mark.parametrize("count", ["9" * 40, "9" * 5000, str(2**31), "-5", "many"])
def test_what_is_no_count_costs_its_row_alone(database, brand_id, now, tmp_path, count):
    path = tmp_path / "campaigns.csv"
    path.write_text(f"title,sent,date\nA,{count},2026-11-01\nB,{2**31 - 1},2026-11-01\n", encoding="utf-8")
    result = import_sendings(database, brand_id, path, now)
    assert (result.new, [str(error) for error in result.errors]) == (
        1,
        [f"row left out (no number of mails: {count[:40]!r}): 'campaigns.csv:2'"],
    )
