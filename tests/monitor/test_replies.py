import pytest

from monitor.brands import add_brand
from monitor.cases import case_of, open_cases
from monitor.errors import CaseError
from monitor.facts import Negative
from monitor.models import Mention
from monitor.replies import draft, find_templates, get_template, remove_template, save_template


@pytest.fixture
def session(database):
    with database.write() as session:
        yield session


def test_a_draft_is_the_template_filled_in(session, now):
    brand = add_brand(session, "Lookout", now)
    mention = Mention(
        brand_id=brand.id, key="k", kind="review", url="u", text="t", title="Late", author="Sara {x}", seen_at=now,
        story="s",
    )  # fmt: skip
    session.add(mention)
    session.flush()
    open_cases(session, brand.id, [Negative(mention.id, "s", "t", "x", "u", 0.9)], now)
    template = save_template(session, "en", "A", "Dear {author}, about “{title}”: {offered} {unknown}\n{brand}")
    assert draft(template, case_of(session, mention)) == "Dear Sara {x}, about “Late”: {unknown}\nLookout"
    mention.author = ""
    assert draft(template, case_of(session, mention)).startswith("Dear, about")


def test_there_are_templates_to_begin_with_in_both_languages_once(session, now):
    for name in ("A", "B"):
        add_brand(session, name, now)
    assert [template.language for template in find_templates(session)] == ["en", "en", "fa", "fa"]
    assert len(find_templates(session, "fa")) == 2


def test_templates_are_changed_named_once_and_removed(session):
    first, second = (save_template(session, "fa", name, "text") for name in ("یک", "دو"))
    save_template(session, "en", "یک", "text")
    save_template(session, "fa", " سه ", "words", second.id)
    assert (second.name, second.text) == ("سه", "words")
    with pytest.raises(CaseError, match="template exists already"):
        save_template(session, "fa", "یک", "text", second.id)
    for name, text in (("", "x"), ("x", " "), ("x" * 101, "x"), ("x", "x" * 5001)):
        with pytest.raises(CaseError):
            save_template(session, "fa", name, text)
    remove_template(session, first.id)
    session.flush()
    with pytest.raises(CaseError, match="no such template"):
        get_template(session, first.id)
