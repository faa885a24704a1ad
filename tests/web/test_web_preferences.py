"""Settings changed in the browser: at once, by admins, never over what the file gives."""

from dataclasses import replace

from monitor.preferences import current_settings
from web import create_app

PAGE = "/settings/general"
AS_THEY_ARE = {
    "language": "fa",
    "time_zone": "Asia/Tehran",
    "contact": "",
    "uncertain_below": "55",
    "loss_table": "0 22 22 59.2 70",
    "address_days": "90",
    "hook_days": "14",
    "page_name": "",
    "page_colour": "#2f5d50",
    "fewer_mails": "monthly",
}


def now_of(reader):
    house = reader.app.extensions["didban"]
    return current_settings(house.settings, house.database)


def test_a_change_counts_at_once(reader):
    changes = {"loss_table": "۰، ۱۰، ۲۰، ۳۰", "address_days": "۳۰", "uncertain_below": "60", "page_colour": "#102030"}
    reader.press(PAGE, AS_THEY_ARE | changes)
    found = now_of(reader)
    assert (found.loss_table, found.address_days, found.page_colour) == ((0, 10, 20, 30), 30, "#102030")
    assert found.uncertain_below == 0.6
    assert "Saved." in reader.read(PAGE) and 'value="0 · 10 · 20 · 30"' in reader.read(PAGE)
    assert "30" in reader.read("/")


def test_figures_are_written_in_the_readers_digits_and_read_back(reader_of):
    reader = reader_of(language="fa")
    before = now_of(reader)
    page = reader.read(PAGE)
    shown = {"loss_table": "۰ · ۲۲ · ۲۲ · ۵۹٫۲ · ۷۰", "uncertain_below": "۵۵", "address_days": "۹۰", "hook_days": "۱۴"}
    assert all(f'value="{figure}"' in page for figure in shown.values())
    reader.press(PAGE, AS_THEY_ARE | shown)
    assert now_of(reader) == before


def test_what_cannot_be_is_asked_for_again_and_nothing_is_kept(reader):
    before = now_of(reader)
    page = reader.press(PAGE, AS_THEY_ARE | {"address_days": "soon", "loss_table": ""}, status=422).text
    assert "This is not a number." in page and "This may not stay empty." in page and 'value="soon"' in page
    assert "loss_table" in reader.press(PAGE, AS_THEY_ARE | {"loss_table": "0 500"}, status=422).text
    for name in ("address_days", "uncertain_below"):
        assert "This may not stay empty." in reader.press(PAGE, AS_THEY_ARE | {name: " "}, status=422).text
    assert "page_colour" in reader.press(PAGE, AS_THEY_ARE | {"page_colour": "red"}, status=422).text
    assert now_of(reader) == before


def test_days_are_whole_and_a_line_has_no_breaks(reader):
    for name in ("address_days", "hook_days"):
        page = reader.press(PAGE, AS_THEY_ARE | {name: "30.7"}, status=422).text
        assert "Write a number without decimals." in page
    reader.press(PAGE, AS_THEY_ARE | {"contact": " https://x.example\r\nX-Other: 1 ", "page_name": "a\nb"})
    found = now_of(reader)
    assert (found.contact, found.page_name) == ("https://x.example X-Other: 1", "a b")


def test_what_the_file_gives_is_shown_and_stays(reader_of, settings, database):
    reader = reader_of()
    reader.app.extensions["didban"] = replace(reader.app.extensions["didban"], settings=replace(settings, hook_days=3))
    assert "set where Didban is installed" in reader.read(PAGE)
    reader.press(PAGE, AS_THEY_ARE | {"hook_days": "9"})
    assert now_of(reader).hook_days == 3


def test_only_admins_see_them(reader_of):
    reader_of(role="analyst").get(PAGE, 403)


def test_the_sample_has_none(settings, database):
    assert create_app(settings, database, is_sample=True).test_client().get(PAGE).status_code == 404
