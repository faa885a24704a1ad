"""The board of cases, one case, and a story settled from the overview."""

import re
from html import unescape

import lxml.html
import pytest
from sqlalchemy import delete, select
from werkzeug.datastructures import MultiDict

from monitor.cases import get_case
from monitor.models import Case, Mention, ReplyTemplate
from monitor.types import CaseState
from tests.web import sample


def case(database, number):
    with database.read() as session:
        return session.get(Case, number)


def test_the_board_begins_with_what_is_late(reader):
    page = reader.read("/cases")
    assert page.index("افزایش شکایت‌ها") < page.index("سه ماه بدون پاسخ")
    assert "late: due" in page and "due <time" in page and "سارا" in page
    assert "از نیلگون خرید نکنید" not in page


@pytest.mark.parametrize(("view", "count"), [("waiting", 2), ("answered", 0), ("resolved", 1), ("ignored", 1)])
def test_each_list_of_the_board_holds_its_own(reader, view, count):
    assert reader.read(f"/cases?view={view}").count('id="case-') == count


def test_an_unknown_list_or_case_is_missing(reader):
    for path in ("/cases?view=x", "/cases/77"):
        assert "There is nothing at this address." in reader.read(path, 404)


def test_a_long_board_goes_on_without_loss(reader_of):
    def fill(session):
        sample.fill(session)
        for number in range(30):
            mention = sample.make_mention(session, session.get(Case, 1).mention.brand, f"text {number}")
            due = sample.NOW + sample.days(number // 3)
            session.add(
                Case(
                    brand_id=1,
                    story=mention.story,
                    mention_id=mention.id,
                    state="new",
                    steps=[],
                    opened_at=sample.NOW,
                    due_at=due,
                )
            )

    reader = reader_of(fill)
    first = reader.read("/cases")
    second = reader.read(first.split('class="more"><a class="button" href="')[1].split('"')[0])
    assert first.count('id="case-') == 25 and second.count('id="case-') == 7
    resolved = reader.read("/cases?view=resolved&after=9999999999999999-1")
    assert resolved.count('id="case-') == 1


def test_a_case_shows_what_was_said_and_what_was_done(reader):
    page = reader.read("/cases/2")
    assert "هر بار می‌گویند ۷۲ ساعت دیگر" in page and "تلفنی حرف زدیم" in page
    assert "مریم عزیز، ممنون که نوشتید" in page and "نیلگون</textarea>" in page
    assert page.count(" checked>") == 1


def test_a_state_can_be_taken_back(reader, database):
    reader.press("/cases/2/state", {"state": "resolved", "next": "/cases/2"}, page="/cases/2")
    assert case(database, 2).answered_at == case(database, 2).closed_at == sample.NOW
    page = reader.read("/cases/2")
    assert "Noted: resolved." in page and 'name="state" value="acknowledged"' in page
    reader.press("/cases/2/take-back", {"state": "acknowledged"})
    found = case(database, 2)
    assert (found.state, found.answered_at, found.closed_at) == ("acknowledged", None, None)


def test_an_answer_taken_for_new_by_mistake_stays_in_time(reader, database):
    with database.write() as session:
        get_case(session, 2).answered_at = sample.NOW - sample.days(1)
        get_case(session, 2).state = "answered"
    reader.press("/cases/2/state", {"state": "new", "next": "/cases/2"}, page="/cases/2")
    assert case(database, 2).answered_at is None
    (at,) = re.findall('name="at" value="([^"]*)"', reader.read("/cases/2"))
    reader.press("/cases/2/take-back", {"state": "answered", "at": at})
    assert case(database, 2).answered_at == sample.NOW - sample.days(1)
    for bad in ("soon", ",soon,", ",,,", "0001-01-01T00:00:00+23:00,,"):
        reader.press("/cases/2/take-back", {"state": "answered", "at": bad}, status=400)


def undo_from(reader, page):
    """Press "Undo" above the page, as it stands there."""
    (form,) = lxml.html.fromstring(reader.get(page).text).cssselect(".note form")
    reader.client.post(form.get("action"), data=dict(form.form_values()))


STOOD = [
    ("new", None, None, None),
    ("acknowledged", 2, None, None),
    ("answered", 3, 1, None),
    ("resolved", 5, 4, 3),
    ("ignored", 3, None, 2),
]


@pytest.mark.parametrize("stood", STOOD, ids=[stood[0] for stood in STOOD])
@pytest.mark.parametrize("state", [*CaseState, "handled", "many"])
def test_what_is_taken_back_stands_as_it_stood(reader, database, stood, state):
    before = (stood[0], *(ago and sample.NOW - sample.days(ago) for ago in stood[1:]))
    with database.write() as session:
        found = get_case(session, 2)
        found.state, found.acknowledged_at, found.answered_at, found.closed_at = before
        mention_id = found.mention_id
    if state == "many":
        reader.press("/mentions/handled", {"mention": [mention_id], "next": "/mentions"}, "/mentions")
    elif state == "handled":
        reader.press(f"/cases/of/{mention_id}/handled", {"next": "/mentions"})
    else:
        reader.press("/cases/2/state", {"state": state, "next": "/mentions"})
    undo_from(reader, "/mentions")
    found = case(database, 2)
    assert (found.state, found.acknowledged_at, found.answered_at, found.closed_at) == before


@pytest.mark.parametrize("step", ["state", "take-back"])
def test_an_unknown_state_is_refused(reader, step):
    reader.press(f"/cases/2/{step}", {"state": "eaten"}, status=400)


def test_what_the_team_does_is_kept(reader, database):
    form = {"owner": " نرگس ", "due_in": "72", "cause": "service", "offered": "ارسال دوباره", "step": ["make_good"]}
    reader.press("/cases/2", form)
    found = case(database, 2)
    assert (found.owner, found.cause, found.offered, found.steps) == ("نرگس", "service", "ارسال دوباره", ["make_good"])
    assert found.due_at == sample.NOW + sample.days(3)
    reader.press("/cases/2", {"owner": "x", "due_in": "5", "cause": "whim"})
    assert case(database, 2).due_at == found.due_at and case(database, 2).cause == "service"


def form_of(page):
    """What the form of a case holds, as a browser would send it."""
    (form,) = [form for form in lxml.html.document_fromstring(page).forms if "was_owner" in form.fields]
    return form.form_values()


def with_(fields, **typed):
    """The same fields after somebody has typed into some; steps are ticked and unticked by a list."""
    steps = typed.pop("step", None)
    kept = [(name, typed.get(name, value)) for name, value in fields if name != "step" or steps is None]
    return MultiDict([*kept, *(("step", step) for step in steps or ())])


def test_two_who_change_other_things_of_a_case_both_keep_theirs(reader, database):
    both = form_of(reader.read("/cases/2"))
    ticked = case(database, 2).steps
    assert reader.client.post("/cases/2", data=with_(both, owner="نرگس", step=[*ticked, "explain"])).status_code == 303
    later = with_(both, offered="A refund\r\nand a call", due_in="72", cause="service", step=["listen"])
    assert reader.client.post("/cases/2", data=later).status_code == 303
    found = case(database, 2)
    assert (found.owner, found.offered, found.cause) == ("نرگس", "A refund\nand a call", "service")
    assert found.due_at == sample.NOW + sample.days(3) and found.steps == ["listen", "explain"]
    # What stands there in other ends of lines is no change.
    again = form_of(reader.read("/cases/2"))
    with database.write() as session:
        get_case(session, 2).offered = "A voucher"
    reader.client.post("/cases/2", data=with_(again, offered="A refund\r\nand a call"))
    assert case(database, 2).offered == "A voucher"


def test_where_two_change_the_same_of_a_case_nothing_is_lost(reader, database):
    both = form_of(reader.read("/cases/2"))
    first = {"owner": "Sara", "due_in": "24", "cause": "product", "offered": "A voucher"}
    reader.client.post("/cases/2", data=with_(both, **first))
    before = case(database, 2)
    answer = reader.client.post("/cases/2", data=with_(both, owner="نرگس", due_in="72", offered="A refund"))
    assert answer.status_code == 409
    after = case(database, 2)
    assert (after.owner, after.due_at, after.offered) == ("Sara", before.due_at, "A voucher")
    page = unescape(answer.text)
    assert "Nothing is saved yet" in page and page.count("Somebody has changed this meanwhile") == 3
    assert "“<bdi>Sara</bdi>”" in page and "“<bdi>A voucher</bdi>”" in page
    typed = dict(form_of(page))
    assert (typed["owner"], typed["due_in"], typed["offered"].strip()) == ("نرگس", "72", "A refund")
    # What only the first one has changed is not taken back by the second.
    assert typed["cause"] == "product"
    assert reader.client.post("/cases/2", data=with_(form_of(page))).status_code == 303
    found = case(database, 2)
    assert (found.owner, found.offered, found.cause) == ("نرگس", "A refund", "product")
    assert found.due_at == sample.NOW + sample.days(3)


def test_what_cannot_be_kept_is_said_in_a_line(reader):
    reader.press("/cases/2", {"owner": "x" * 101, "next": "/cases/2"})
    assert "This could not be saved." in reader.read("/cases/2")


def test_a_note_is_added(reader):
    answer = reader.press("/cases/2/notes", {"text": "Called again.", "next": "/cases/2"})
    assert answer.headers["Location"] == "/cases/2#notes"
    assert "Called again." in reader.read("/cases/2")


def test_a_story_is_handled_from_the_overview_and_taken_back(reader, database):
    first = select(Mention.id).where(Mention.story == "negative-0").limit(1)
    with database.read() as session:
        number = session.scalar(first)
    assert "Az nilgoon" in reader.read("/")
    reader.press(f"/cases/of/{number}/handled", {"next": "/#negatives"})
    with database.read() as session:
        found = session.scalar(select(Case).where(Case.story == "negative-0"))
    assert (found.state, found.mention_id) == ("resolved", number)
    page = reader.read("/")
    assert "Noted: handled." in page and "Az nilgoon" not in page
    reader.press(f"/cases/{found.id}/take-back", {"state": "new"})
    assert "Az nilgoon" in reader.read("/")
    assert case(database, found.id).answered_at is None


def test_when_all_is_settled_the_overview_says_so(reader, database):
    with database.write() as session:
        for mention in session.scalars(select(Mention).where(Mention.story.startswith("negative-"))):
            mention.story = "negative-1"
        session.execute(delete(Case).where(Case.story != "negative-1"))
        session.get(Case, 1).state = "resolved"
    assert "Everything negative of the last 30 days is settled." in reader.read("/")


def test_the_overview_says_how_much_was_answered_in_time(reader):
    page = reader.read("/")
    assert "1 of 2 cases answered in time" in page and "half of them within 10 hours" in page
    assert "2 cases are open" in page and "1 of them is late" in page
    assert "Compared with rivals" in page


def test_drafts_are_the_teams_own(reader, database):
    form = {"language": "en", "name": "Short", "text": "Thank you, {author}."}
    reader.press("/cases/replies", form, page="/cases/replies")
    assert "Thank you, {author}." in reader.read("/cases/replies")
    with database.read() as session:
        number = session.scalar(select(ReplyTemplate.id).where(ReplyTemplate.name == "Short"))
    reader.press("/cases/replies", {**form, "text": "Thanks.", "template_id": number}, page="/cases/replies")
    assert "Thank you, {author}." not in reader.read("/cases/replies")
    reader.press(f"/cases/replies/{number}/remove", page="/cases/replies")
    assert "Short" not in reader.read("/cases/replies")
    reader.press("/cases/replies", {**form, "language": "xx"}, page="/cases/replies", status=400)


def drafts_with(page):
    """The forms of the drafts that are open because of what is wrong in them, by the number of the draft."""
    forms = lxml.html.fromstring(page).xpath("//details[@open]/form")
    return {form.fields.get("template_id"): form for form in forms}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "Write a name by which you know it."),
        ({"text": ""}, "This may not stay empty."),
        ({"name": "x" * 101}, "This is too long."),
        ({"name": "Making good"}, "There is a draft of this name already."),
    ],
)
def test_a_draft_that_cannot_be_kept_stands_there_again(reader, database, change, sentence):
    form = {"language": "en", "name": "Short", "text": "A long draft, {author}.\r\nYours", **change}
    with database.read() as session:
        number = str(session.scalar(select(ReplyTemplate.id).where(ReplyTemplate.name == "Heard, and on it")))
    # A new one, one that is there, and one that somebody has removed meanwhile.
    for given, place in (({}, None), ({"template_id": number}, number), ({"template_id": "999"}, None)):
        page = reader.press("/cases/replies", {**form, **given}, page="/cases/replies", status=422).text
        ((template_id, shown),) = drafts_with(page).items()
        assert template_id == place and sentence in shown.text_content()
        assert (shown.fields["name"], shown.fields["language"]) == (form["name"].strip(), "en")
        assert shown.fields["text"].splitlines() == form["text"].splitlines()
    with database.read() as session:
        assert session.get(ReplyTemplate, int(number)).name == "Heard, and on it"


def test_a_draft_that_is_gone_is_a_new_one_with_its_words(reader):
    form = {"language": "en", "name": "Short", "text": "Kept", "template_id": "999"}
    page = reader.press("/cases/replies", form, page="/cases/replies", status=422).text
    assert "no such template" in page and drafts_with(page)[None].fields["text"] == "Kept"
