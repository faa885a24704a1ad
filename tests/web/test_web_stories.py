"""Stories split and merged by hand: on the page of a mention and from the command line."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from monitor.brands import add_brand
from monitor.cli import cli
from monitor.errors import MentionNotFoundError
from monitor.models import Case, Mention
from monitor.regrouping import merge_stories, split_story
from tests.web import sample


@pytest.fixture
def told(database):
    """Two copies of a story, another one, and one of another brand; their ids."""

    def fill(session):
        brand = add_brand(session, "نیلگون", sample.NOW)
        rival = add_brand(session, "Other", sample.NOW)
        made = [sample.make_mention(session, brand, f"text {n}", story=f"s{n // 2}") for n in range(3)]
        made.append(sample.make_mention(session, rival, "elsewhere", story="s9"))
        session.flush()
        return [mention.id for mention in made]

    with database.write() as session:
        return fill(session)


def stories(database, ids):
    with database.read() as session:
        found = {mention.id: mention.story for mention in session.scalars(select(Mention))}
    return [found[id] for id in ids]


def test_a_copy_is_made_a_story_of_its_own_and_put_back(reader_of, database, told):
    reader = reader_of()
    page = f"/mentions/{told[1]}"
    assert "It is a story of its own" in reader.read(page)
    reader.press(f"{page}/split", {"next": page}, page)
    assert "It is a story of its own now." in reader.read(page)
    assert len(set(stories(database, told[:3]))) == 3
    assert "It is a story of its own" not in reader.read(page)
    reader.press(f"{page}/merge", {"other": f"http://localhost/mentions/{told[0]}?x=1", "next": page}, page)
    assert "They are one story now." in reader.read(page)
    assert len(set(stories(database, told[:3]))) == 2


@pytest.mark.parametrize("other", ["", "nothing", "999", "rival"])
def test_what_is_no_mention_of_the_brand_changes_nothing(reader_of, database, told, other):
    reader = reader_of()
    page, before = f"/mentions/{told[0]}", stories(database, told)
    reader.press(f"{page}/merge", {"other": str(told[3]) if other == "rival" else other, "next": page}, page)
    assert "There is no such mention of this brand; nothing was changed." in reader.read(page)
    assert stories(database, told) == before


def test_viewers_are_not_asked(reader_of, told):
    reader = reader_of(role="viewer")
    assert "Is it the same story?" not in reader.read(f"/mentions/{told[0]}")


def test_cases_follow_their_stories(database, told):
    with database.write() as session:
        for number, id in enumerate((told[0], told[2])):
            mention = session.get(Mention, id)
            session.add(
                Case(
                    brand_id=mention.brand_id,
                    story=mention.story,
                    mention_id=id,
                    state="new",
                    opened_at=sample.NOW - sample.days(number),
                    due_at=sample.NOW,
                )
            )
        session.flush()
        merged = merge_stories(session, [told[0], told[2]])
        cases = {case.mention_id: case.story for case in session.scalars(select(Case))}
        assert cases == {told[2]: merged, told[0]: "s0"}
        alone = split_story(session, told[2])
        assert session.scalar(select(Case.story).where(Case.mention_id == told[2])) == alone
        with pytest.raises(MentionNotFoundError):
            merge_stories(session, [told[0], told[3]])


def test_the_command_line_does_the_same(database, settings, told, monkeypatch):
    monkeypatch.setenv("DIDBAN_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DIDBAN_SECRET_KEY", settings.secret_key)

    def run(*arguments):
        return CliRunner().invoke(cli, ["story", *map(str, arguments)])

    assert run("split", told[1]).exit_code == 0
    assert len(set(stories(database, told[:3]))) == 3
    assert run("merge", *told[:3]).exit_code == 0
    assert len(set(stories(database, told[:3]))) == 1
    assert run("merge", told[0]).exit_code == 2
    assert str(run("split", 999).exception) == "no such mention: 999"
