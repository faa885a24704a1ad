"""Rules and channels: switched, told, tried; and the links of messages."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from monitor.cases import case_of
from monitor.errors import DeliveryError
from monitor.links import make_link
from monitor.models import AlertRule, Channel, Mention
from monitor.sealing import Seal
from monitor.types import Act, RuleKind
from tests.web import sample
from web import alerts


def rule_of(database, kind):
    with database.read() as session:
        return session.scalar(select(AlertRule).where(AlertRule.kind == kind, AlertRule.brand_id == 1))


@pytest.mark.parametrize("kind", list(RuleKind))
def test_every_kind_of_rule_has_its_page_and_its_month(reader, database, kind):
    rule = rule_of(database, kind)
    if rule is None:
        reader.press("/alerts/rules", {"kind": kind}, page="/alerts")
        rule = rule_of(database, kind)
        assert rule.enabled is False
    page = reader.read(f"/alerts/rules/{rule.id}?replay=1")
    assert "had the rule been alone" in page or "It would have stayed silent." in page


def test_a_rule_is_switched(reader, database):
    rule = rule_of(database, "new_negative")
    answer = reader.press(f"/alerts/rules/{rule.id}/switch", {"next": "/alerts"}, page="/alerts")
    assert answer.headers["Location"] == "/alerts#rules"
    assert rule_of(database, "new_negative").enabled is False
    reader.press(f"/alerts/rules/{rule.id}/switch", {"on": "1"}, page="/alerts")
    assert rule_of(database, "new_negative").enabled is True


def test_what_a_rule_is_told_is_kept_and_can_be_emptied(reader, database):
    rule = rule_of(database, "new_negative")
    form = {"kinds": ["review", "social"], "sources": ["1"], "words": "گران، refund", "score_floor": "80"}
    answer = reader.press(f"/alerts/rules/{rule.id}", {**form, "reach_floor": "3", "direction": "up"})
    assert answer.headers["Location"].endswith("?replay=1")
    assert rule_of(database, "new_negative").options == {
        "kinds": ["review", "social"],
        "sources": [1],
        "words": ["گران", "refund"],
        "score_floor": 0.8,
        "reach_floor": 3,
    }
    assert 'value="گران, refund"' in reader.read(f"/alerts/rules/{rule.id}")
    reader.press(f"/alerts/rules/{rule.id}", {"reach_floor": "1"})
    assert rule_of(database, "new_negative").options == {}


def test_the_figures_of_a_rule_are_written_in_the_readers_digits_and_read_back(reader_of, database):
    reader = reader_of(sample.fill, language="fa")
    rule = rule_of(database, "new_negative")
    reader.press(f"/alerts/rules/{rule.id}", {"score_floor": "۸۰", "reach_floor": "۳"})
    assert rule_of(database, "new_negative").options == {"score_floor": 0.8, "reach_floor": 3}
    page = reader.read(f"/alerts/rules/{rule.id}")
    assert 'value="۸۰"' in page and 'value="۳"' in page


def test_a_spike_is_told_how_easily_it_speaks(reader, database):
    rule = rule_of(database, "spike")
    reader.press(f"/alerts/rules/{rule.id}", {"sensitivity": "3.0", "least": "9", "spacing": ""})
    assert rule_of(database, "spike").options == {"sensitivity": 3.0, "least": 9}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"score_floor": "۷۵٪"}, {"score_floor": 0.75}),
        ({"score_floor": "75.5 %"}, {"score_floor": 0.755}),
        ({"score_floor": "٪۷۵٫۵"}, {"score_floor": 0.755}),
        ({"reach_floor": "1,000"}, {"reach_floor": 1000}),
        ({"reach_floor": "۱٬۰۰۰"}, {"reach_floor": 1000}),
        ({"reach_floor": "", "score_floor": ""}, {}),
    ],
)
def test_the_figures_of_a_rule_are_read_as_people_type_them(reader, database, typed, kept):
    rule = rule_of(database, "new_negative")
    edit_options(database, rule.id, {"score_floor": 0.6, "reach_floor": 2})
    reader.press(f"/alerts/rules/{rule.id}", {"score_floor": "", "reach_floor": "1"} | typed)
    assert rule_of(database, "new_negative").options == kept


def edit_options(database, rule_id, options):
    with database.write() as session:
        session.get(AlertRule, rule_id).options = options


@pytest.mark.parametrize(
    ("kind", "name", "typed", "line"),
    [
        ("new_negative", "score_floor", "high", "This is not a number."),
        ("new_negative", "score_floor", "٪", "This is not a number."),
        ("new_negative", "score_floor", "120", "Write a number from 0 to 100."),
        ("new_negative", "words", "refund, ***", "A word needs a letter or a digit."),
        ("spike", "least", "2.5", "Write a number without decimals."),
        ("spike", "least", "nan", "Write a number from 0 to 100,000."),
        ("source_trouble", "hours", "99999999999", "Write a number from 1 to 8,760."),
        ("source_trouble", "spacing", "99999999999", "Write a number from 0 to 8,760."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_kept(reader, database, kind, name, typed, line):
    rule = rule_of(database, kind)
    page = unescape(reader.press(f"/alerts/rules/{rule.id}", {name: typed}, status=422).text)
    field = re.search(rf'<div class="field[^"]*has-error">(?:(?!</div>).)*<input id="{name}".*?>', page, re.DOTALL)[0]
    assert f'<p class="field-error" id="{name}-error" dir="auto">{line}</p>' in field
    assert f'value="{typed}"' in field and f'{name}-error" aria-invalid="true"' in field
    assert page.count("has-error") == 1 and "Saved." not in page
    assert rule_of(database, kind).options == {}


def test_a_form_that_is_refused_shows_what_was_typed_and_chosen(reader, database):
    rule = rule_of(database, "new_negative")
    kept = {"kinds": ["social"], "words": ["refund"], "score_floor": 0.8, "reach_floor": 3}
    edit_options(database, rule.id, kept)
    form = {"kinds": ["review"], "sources": ["1"], "words": " گران، late", "score_floor": "75٪", "reach_floor": "many"}
    page = unescape(reader.press(f"/alerts/rules/{rule.id}", form, status=422).text)
    assert all(f'value="{form[name]}"' in page for name in ("words", "score_floor", "reach_floor"))
    chosen = re.findall(r'name="(kinds|sources|languages|topics)" value="(\w+)" checked', page)
    assert chosen == [("kinds", "review"), ("sources", "1")]
    assert rule_of(database, "new_negative").options == kept


def test_the_choices_of_a_form_that_is_refused_stay_too(reader, database):
    rule = rule_of(database, "spike")
    form = {"sensitivity": "3.0", "least": "many"}
    assert '<option value="3.0" selected>' in reader.press(f"/alerts/rules/{rule.id}", form, status=422).text


def test_the_figures_that_a_rule_does_not_take_are_not_read(reader, database):
    rule = rule_of(database, "new_negative")
    reader.press(f"/alerts/rules/{rule.id}", {"hours": "many", "reach_floor": "2"})
    assert rule_of(database, "new_negative").options == {"reach_floor": 2}


def test_the_line_about_a_figure_is_in_the_readers_language(reader_of, database):
    reader = reader_of(sample.fill, language="fa")
    rule = rule_of(database, "source_trouble")
    form = {"hours": "۹۹۹۹۹۹", "spacing": "۲٫۵"}
    page = reader.press(f"/alerts/rules/{rule.id}", form, status=422).text
    assert 'id="hours-error" dir="auto">عددی از ۱ تا ۸٬۷۶۰ بنویسید.' in page and 'value="۹۹۹۹۹۹"' in page
    assert 'id="spacing-error" dir="auto">عددی بدون اعشار بنویسید.' in page and 'value="۲٫۵"' in page


def test_a_count_from_before_there_was_a_most_is_shown_as_the_most(reader, database):
    rule = rule_of(database, "source_trouble")
    edit_options(database, rule.id, {"hours": 99999999999})
    assert 'name="hours" inputmode="numeric" autocomplete="off" value="8760"' in reader.read(f"/alerts/rules/{rule.id}")


def test_an_option_without_sense_is_said_in_a_line(reader, database):
    rule = rule_of(database, "new_negative")
    reader.press(f"/alerts/rules/{rule.id}", {"kinds": "whim", "next": f"/alerts/rules/{rule.id}"})
    assert "This could not be saved." in reader.read(f"/alerts/rules/{rule.id}")


def test_a_rule_is_removed_and_missing(reader, database):
    rule = rule_of(database, "spike")
    reader.press(f"/alerts/rules/{rule.id}/remove", page="/alerts")
    assert rule_of(database, "spike") is None
    reader.get(f"/alerts/rules/{rule.id}", 404)
    reader.press("/alerts/rules", {"kind": "whim"}, page="/alerts", status=400)


SENT = []


class Sender:
    def send(self, address, message):
        if address.startswith("bad"):
            raise DeliveryError("message not accepted: chat not found")
        SENT.append(address)


def test_a_channel_is_tried_and_its_address_never_shown(reader, database, settings, monkeypatch):
    monkeypatch.setattr(alerts, "ChannelSender", Sender)
    with database.write() as session:
        good, bad = session.scalars(select(Channel).order_by(Channel.id))
        good.address, bad.address = (Seal(settings.key()).close(text) for text in ("good://secret", "bad://secret"))
        names = good.name, bad.name
    reader.press("/alerts/channels/test", {"channel": names[0], "next": "/alerts"}, page="/alerts")
    page = reader.read("/alerts")
    assert f"{names[0]} accepted the message." in page and "secret" not in page
    assert SENT == ["good://secret"]
    reader.press("/alerts/channels/test", {"channel": names[1], "next": "/alerts"}, page="/alerts")
    page = reader.read("/alerts")
    assert "The channel did not accept the message." in page and "chat not found" in page and "secret" not in page


def test_a_channel_is_switched(reader, database):
    with database.read() as session:
        name = session.scalar(select(Channel.name).limit(1))
    reader.press("/alerts/channels/switch", {"channel": name}, page="/alerts")
    with database.read() as session:
        assert session.scalar(select(Channel.enabled).where(Channel.name == name)) is False
    reader.press("/alerts/channels/switch", {"channel": "nowhere", "next": "/alerts"}, page="/alerts")
    assert "This could not be saved." in reader.read("/alerts")


@pytest.fixture
def link(database, settings):
    def make(act, story="negative-1"):
        with database.read() as session:
            number = session.scalar(select(Mention.id).where(Mention.story == story).order_by(Mention.id).limit(1))
        address = make_link(Seal(settings.key()), "http://localhost", act, number, 1, sample.NOW)
        return address.removeprefix("http://localhost")

    return make


def state(database, story="negative-1"):
    with database.read() as session:
        mention = session.scalar(select(Mention).where(Mention.story == story).limit(1))
        found = case_of(session, mention)
        return mention.label, found and found.state


@pytest.mark.parametrize(
    ("act", "question", "result"),
    [
        (Act.HANDLED, "Is this handled?", ("negative", "resolved")),
        (Act.NOT_NEGATIVE, "Is this not negative?", ("neutral", "new")),
    ],
)
def test_a_link_asks_first_and_acts_once(reader, database, link, act, question, result):
    path = link(act)
    assert question in reader.read(path) and question in reader.read(path)
    assert state(database) == ("negative", "new")
    answer = reader.press(path, page=path)
    assert answer.headers["Location"].endswith("/cases/1")
    assert state(database) == result
    assert "has done its work" in reader.read(path, 410)
    assert "has done its work" in reader.press(path, page="/", status=410).text


def test_the_link_to_a_case_shows_it_as_often_as_asked_and_lets_it_be_handled(reader, database, link):
    path = link(Act.OPEN)
    assert "Take up this case?" in reader.read(path)
    assert state(database) == ("negative", "new")
    assert reader.press(path, page=path).headers["Location"].endswith("/cases/1")
    assert state(database) == ("negative", "acknowledged")
    page = reader.read(path)
    assert "Take up this case?" not in page
    (handled,) = re.findall('<form method="post" action="(/act/[^"]+)"', page)
    assert handled == link(Act.HANDLED)
    reader.press(handled, page=path)
    assert state(database) == ("negative", "resolved")
    assert 'action="/act/' not in reader.read(path)


def test_a_link_without_a_case_leads_to_the_overview(reader, link):
    path = link(Act.NOT_NEGATIVE, "negative-6")
    assert reader.press(path, page=path).headers["Location"] == "/?brand=1"


def test_a_changed_link_says_so(reader, link):
    assert "has done its work" in reader.read(link(Act.OPEN)[:-4] + "AAAA", 410)


def test_a_rule_for_a_source_that_is_no_longer_watched_is_off_and_says_so(reader, database):
    rule = rule_of(database, "new_negative")
    reader.press(f"/alerts/rules/{rule.id}", {"sources": ["1"]})
    reader.press("/sources/1/remove", {"next": "/sources"}, "/sources")
    assert "“there is a new negative text” was for it alone and is off now." in reader.read("/sources")
    assert "It was for sources that are no longer watched" in reader.read(f"/alerts/rules/{rule.id}")
    assert rule_of(database, "new_negative").enabled is False
    reader.press(f"/alerts/rules/{rule.id}/switch", {"on": "1"}, page="/alerts")
    assert "It was for sources" not in reader.read(f"/alerts/rules/{rule.id}")
