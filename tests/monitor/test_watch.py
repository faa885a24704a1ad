import pytest

from monitor.errors import BrandExistsError, SourceError
from monitor.models import Source
from monitor.watch import keyless_sources, search_url, watch_brand


def test_a_brand_begins_with_its_keyless_sources(database, settings, now):
    with database.write() as session:
        brand = watch_brand(
            session,
            settings,
            "دیدبان",
            now,
            aliases=["Didban", "دید‌بان", "DIDBAN", "Dideban", "Deedban", "Didbaan"],
            site="shop.example",
            search_engine="http://127.0.0.1:8888/",
        )
    with database.read() as session:
        sources = session.query(Source).order_by(Source.id).all()
    assert [(source.spider, source.matches_text) for source in sources] == [
        *[("feed", True)] * 8,
        ("reviews", False),
        ("feed", True),
        *[("search", False)] * 4,
    ]
    assert {source.brand_id for source in sources} == {brand.id}
    assert all(source.next_at == now for source in sources)
    urls = [source.url for source in sources]
    names = ("%D8%AF%DB%8C%D8%AF%D8%A8%D8%A7%D9%86", "Didban", "Dideban", "Deedban")
    assert [f"q=%22{name}%22" in url for name, url in zip(names, urls[:8:2], strict=True)] == [True] * 4
    assert urls[8:10] == ["https://shop.example", "https://shop.example/"]
    assert sources[10].url == (
        "http://127.0.0.1:8888/search?q=%D8%AF%DB%8C%D8%AF%D8%A8%D8%A7%D9%86&format=json&language=fa&pageno=1"
    )


def test_nothing_is_kept_of_a_brand_whose_site_is_no_address(database, settings, now):
    with pytest.raises(SourceError, match="not a web address: 'not an address'"), database.write() as session:
        watch_brand(session, settings, "A", now, site="not an address")
    with database.write() as session:
        watch_brand(session, settings, "A", now)
    with pytest.raises(BrandExistsError), database.write() as session:
        watch_brand(session, settings, "A", now)


@pytest.mark.parametrize("site", ["ftp://x.example/", "javascript:alert(1)", "https://"])
def test_only_web_addresses_are_watched(site):
    with pytest.raises(SourceError):
        keyless_sources("A", site=site)


@pytest.mark.parametrize("engine", ["https://s.example", "https://s.example/", "https://s.example/search"])
def test_the_address_of_page_one(engine):
    assert search_url(engine, "a b") == "https://s.example/search?q=a+b&format=json&language=fa&pageno=1"
