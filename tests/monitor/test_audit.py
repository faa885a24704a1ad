import pytest
from sqlalchemy import select

from monitor import audit
from monitor.audit import UNWATCHED, WATCHED, Actor, AuditFilter, act_as, find_entries, record
from monitor.brands import add_brand, edit_brand, get_brand, remove_brand
from monitor.channels import add_channel, edit_channel, get_channel, remove_channel
from monitor.label_history import take_back_label
from monitor.mentions import relabel
from monitor.models import AuditEntry, Base, Brand, LabelChange
from monitor.people import add_person, set_password
from monitor.sealing import Seal
from monitor.types import Label, Role, Way
from tests.web import sample

PASSWORD = "seven plain words for a test"


@pytest.fixture
def negar(now):
    act_as(Actor("Negar", Way.PAGE, now))
    yield
    act_as(None)


def entries(database):
    with database.read() as session:
        return [
            (entry.act, entry.kind, entry.thing, entry.before, entry.after)
            for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]


def test_every_table_is_watched_or_left_out_on_purpose():
    watched = {table.__tablename__ for table in WATCHED}
    assert not watched & UNWATCHED
    assert watched | UNWATCHED == set(Base.metadata.tables)


@pytest.mark.parametrize("table", WATCHED, ids=lambda table: table.__tablename__)
def test_what_is_watched_is_there_and_no_secret_is_shown(table):
    watch, columns = WATCHED[table], set(table.__table__.columns.keys())
    assert {*watch.shown, *watch.hidden} <= columns
    assert not {name for name in watch.shown if name.endswith(("hash", "secret", "key", "address", "codes"))}


def test_what_a_person_adds_changes_and_removes_is_written_down(database, now, negar):
    with database.write() as session:
        add_brand(session, "Nilgoon", now, aliases=["N"])
    with database.write() as session:
        edit_brand(session, get_brand(session, "Nilgoon"), aliases=["N", "Nil"])
    with database.write() as session:
        remove_brand(session, "Nilgoon")
    assert [entry for entry in entries(database) if entry[1] == "brands"] == [
        ("added", "brands", "Nilgoon", {}, {"aliases": ["N"]}),
        ("changed", "brands", "Nilgoon", {"aliases": ["N"]}, {"aliases": ["N", "Nil"]}),
        ("removed", "brands", "Nilgoon", {"aliases": ["N", "Nil"]}, {}),
    ]


def test_what_nobody_does_by_hand_is_not(database, now):
    with database.write() as session:
        add_brand(session, "Nilgoon", now)
        record(session, audit.CHANGED, Brand, 1, {}, {})
    assert entries(database) == []


def test_what_is_undone_leaves_no_entry(database, now, negar):
    with pytest.raises(RuntimeError), database.write() as session:
        add_brand(session, "Nilgoon", now)
        session.flush()
        raise RuntimeError
    assert entries(database) == []


def test_secrets_are_only_said_to_have_changed(database, now, negar):
    seal = Seal("k")
    with database.write() as session:
        add_channel(session, seal, "team", "mailto://user:geheim@host.example?to=a@b.example", "en", now)
        person = add_person(session, "a@b", "A", Role.ADMIN, PASSWORD, now)
        set_password(session, person, "another long password")
    with database.write() as session:
        channel = get_channel(session, "team")
        channel.address = seal.close("mailto://user:geheim2@host")
        edit_channel(session, channel, now, enabled=False)
        session.flush()
        remove_channel(session, "team")
    written = str(entries(database))
    assert "geheim" not in written and "gAAAA" not in written and "scrypt" not in written and PASSWORD not in written
    assert ("changed", "people", "a@b", {"password_hash": "…"}, {"password_hash": "…"}) in entries(database)
    assert (
        "changed", "channels", "team", {"address": "…", "enabled": True}, {"address": "…", "enabled": False},
    ) in entries(database)  # fmt: skip


def test_a_label_names_the_person_and_so_does_its_being_taken_back(database, now, negar):
    with database.write() as session:
        brand = add_brand(session, "Nilgoon", now)
        mention = sample.make_mention(session, brand, "text", label="negative")
    with database.write() as session:
        relabel(session, mention.id, Label.NEUTRAL, now)
        assert session.scalar(select(LabelChange.person)) == "Negar"
    with database.write() as session:
        take_back_label(session, mention.id, now)
    assert [entry[3:] for entry in entries(database) if entry[1] == "mentions"] == [
        ({"label": "negative"}, {"label": "neutral"}),
        ({"label": "neutral"}, {"label": "negative"}),
    ]


def test_the_log_is_narrowed_and_paged(database, now):
    with database.write() as session:
        people = [add_person(session, f"{name}@b", name, Role.ADMIN, PASSWORD, now) for name in "ab"]
    for number in range(7):
        person = people[number % 2]
        act_as(Actor(person.name, Way.PAGE, now, person.id))
        with database.write() as session:
            record(session, audit.CHANGED, Brand, f"thing {number}", {}, {"name": "x" * 300})
    act_as(None)
    with database.read() as session:
        first, after = find_entries(session, AuditFilter(), limit=4)
        rest, end = find_entries(session, AuditFilter(), after, limit=4)
        assert [entry.thing[-1] for entry in [*first, *rest]] == list("6543210") and end is None
        assert len(first[0].after["name"]) == 201
        of_b, _ = find_entries(session, AuditFilter(person_id=people[1].id))
        assert [entry.who for entry in of_b] == ["b"] * 3
        assert len(find_entries(session, AuditFilter(kind="brands", thing="thing 3"))[0]) == 1
        assert find_entries(session, AuditFilter(kind="cases"))[0] == []
