"""Brands and rivals on their page, and what the loss costs in money."""

import lxml.html
import pytest
from sqlalchemy import select

from monitor.brands import get_brand
from monitor.models import Brand
from monitor.money import Stakes, stakes_of
from tests.web import sample


def brand_of(reader, name):
    with reader.app.extensions["didban"].database.read() as session:
        return get_brand(session, name)


def test_a_rival_is_added_with_its_spellings_and_other_meanings(reader):
    reader.read("/brands/new?rival=1")
    answers = {"name": "Harbour", "aliases": "Harbor، هاربر", "exclude": "harbour bridge", "is_rival": "y"}
    reader.press("/brands/new", answers)
    rival = brand_of(reader, "Harbour")
    assert (rival.aliases, rival.exclude, rival.is_rival) == (["Harbor", "هاربر"], ["harbour bridge"], True)
    assert "Harbour" in reader.read("/brands")


def test_a_rival_stays_one_when_its_page_is_kept_as_it_was_opened(reader):
    def fields_of(path):
        form = lxml.html.fromstring(reader.get(path).text).xpath("//form[@method='post'][.//input[@name='aliases']]")[0]
        return dict(form.fields)

    given = fields_of("/brands/new?rival=1")
    assert given["is_rival"] == "y" and fields_of("/brands/new")["is_rival"] is None
    reader.press("/brands/new", {**given, "name": "Harbour", "aliases": "Harbor"})
    rival = brand_of(reader, "Harbour")
    assert rival.is_rival
    again = fields_of(f"/brands/{rival.id}")
    assert (again["is_rival"], again["aliases"]) == ("y", "Harbor")
    reader.press(f"/brands/{rival.id}", again)
    assert brand_of(reader, "Harbour").is_rival
    reader.press(f"/brands/{rival.id}", {"aliases": "Harbor"})
    assert not brand_of(reader, "Harbour").is_rival


def test_a_viewer_reads_what_a_brand_is_and_is_offered_no_form(reader_of):
    reader = reader_of(sample.fill, role="viewer")
    listing = reader.read("/brands")
    assert "Add a brand" not in listing and "Add a rival" not in listing
    page = lxml.html.fromstring(reader.get("/brands/1").text)
    assert page.xpath("//main//input[not(@disabled) and @type != 'hidden']") == []
    assert "Nilgoon" in page.text_content()
    reader.get("/brands/new", 403)


def test_a_name_that_cannot_be_is_asked_for_again(reader):
    page = reader.press("/brands/new", {"name": "", "aliases": "kept"}, status=422).text
    assert "Write the name people use for it." in page and "kept" in page


@pytest.mark.parametrize(
    ("path", "given", "place", "sentence"),
    [
        ("/brands/new", {"name": "!!!"}, "name", "needs a letter or a digit"),
        ("/brands/new", {"name": " نیلگون "}, "name", "This brand is watched already."),
        ("/brands/new", {"name": "Harbour", "aliases": "Harbor, !!!"}, "aliases", "needs a letter or a digit"),
        ("/brands/1", {"aliases": "Nilgoon, !!!"}, "aliases", "needs a letter or a digit"),
    ],
)
def test_what_was_typed_stands_there_again_beside_what_is_wrong(reader, path, given, place, sentence):
    answer = reader.press(path, {"exclude": "kept phrase", "leads": "۱٬۰۰۰", **given}, status=422)
    page = lxml.html.fromstring(answer.text)
    for name, value in {"exclude": "kept phrase", "leads": "۱٬۰۰۰", **given}.items():
        assert page.xpath(f"//form[@class='ask part']//input[@name='{name}']/@value") == [value.strip()]
    assert [sentence in error.text for error in page.xpath("//p[@class='field-error']")] == [True]
    assert page.xpath("//p[@class='field-error']/@id") == [f"{place}-error"]
    assert brand_of(reader, "نیلگون").aliases == ["Nilgoon"]


def test_with_three_figures_the_overview_says_what_is_at_stake(reader):
    brand = brand_of(reader, "نیلگون")
    assert "is at stake" not in reader.read("/")
    figures = {"leads": "۴۰۰", "closing_rate": "۱۲٫۵٪", "customer_value": "2,000,000", "currency": "toman"}
    reader.press(f"/brands/{brand.id}", figures)
    assert stakes_of(brand_of(reader, "نیلگون")) == Stakes(400, 12.5, 2_000_000, "toman")
    assert 'value="400"' in reader.read(f"/brands/{brand.id}")
    page = reader.read("/")
    # 400 × 12.5 % × 2,000,000 × 59.2 %, to two digits.
    assert "59,000,000" in page and "toman a month is at stake" in page


def test_a_figure_that_is_no_number_is_refused_and_nothing_is_lost(reader):
    brand = brand_of(reader, "نیلگون")
    page = reader.press(f"/brands/{brand.id}", {"leads": "many", "closing_rate": "120", "currency": "EUR"}, status=422)
    assert "This is not a number." in page.text and "Write a number from 0 to 100." in page.text
    assert 'value="many"' in page.text and 'value="EUR"' in page.text
    assert stakes_of(brand_of(reader, "نیلگون")) == Stakes()


def test_a_brand_is_forgotten_only_when_its_name_is_typed(reader):
    brand = brand_of(reader, "نیلگون")
    page = reader.press(f"/brands/{brand.id}/remove", {"name": "something else"}, status=422).text
    assert "This is not its name. Nothing was forgotten." in page and 'value="something else"' in page
    assert brand_of(reader, "نیلگون")
    reader.press(f"/brands/{brand.id}/remove", {"name": "نیلگون"})
    with reader.app.extensions["didban"].database.read() as session:
        assert session.scalar(select(Brand.id).where(Brand.name == "نیلگون")) is None


def test_a_brand_that_is_not_there_is_not_found(reader):
    reader.get("/brands/999", 404)
