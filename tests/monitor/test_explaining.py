"""Which mentions get their deciding words when nothing else waits."""

from monitor.brands import add_brand
from monitor.explaining import explain_newest
from monitor.models import Brand, Mention
from tests.web.sample import NOW, make_mention


def explain(text):
    return [("bad", 2.0), ("very", 0.1)]


def test_the_negatives_read_first_get_their_words_a_few_at_a_time(database, brand_id):
    with database.write() as session:
        brand = session.get_one(Brand, brand_id)
        rival = add_brand(session, "Rival", NOW, is_rival=True)
        for number in range(4):
            make_mention(session, brand, f"bad {number}", label="negative", score=0.3, history=True)
        make_mention(session, brand, "not bad", label="positive")
        make_mention(session, brand, "bad, says a person", label="negative", labelled_by="person")
        make_mention(session, rival, "bad of a rival", label="negative")
    assert [explain_newest(database, explain) for _ in range(3)] == [3, 1, 0]
    with database.read() as session:
        words = {mention.text: mention.words for mention in session.query(Mention)}
    assert words == {
        **{f"bad {number}": ["bad"] for number in range(4)},
        "not bad": None,
        "bad, says a person": None,
        "bad of a rival": None,
    }


def test_what_is_explained_of_an_article_is_what_the_list_shows_of_it(database, brand_id):
    with database.write() as session:
        brand = session.get_one(Brand, brand_id)
        make_mention(session, brand, "کالا شکسته رسید و کسی جواب نداد. " * 500, label="negative", history=True)
    read = []
    explain_newest(database, lambda text: read.append(text.text) or [])
    assert [len(text) for text in read] == [420]
