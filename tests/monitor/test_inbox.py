"""The writer of calls lives on, whatever becomes of one of them."""

import pytest

from monitor.errors import StorageError
from monitor.hooks import add_hook
from monitor.inbox import Inbox, ReceivedCall
from monitor.models import HookEvent
from monitor.sealing import Seal


@pytest.fixture
def call(database, brand_id, now):
    with database.write() as session:
        hook_id = add_hook(session, Seal("a key for tests"), brand_id, "brevo", "", now).id
    return lambda key: ReceivedCall(hook_id, key, "application/json", "x", now)


def test_calls_are_kept_again_once_there_is_a_connection(crowded, call):
    inbox = Inbox(crowded)
    with crowded.read() as taken:
        taken.connection()
        with pytest.raises(StorageError, match="connection timed out"):
            inbox.keep(call("1"))
    inbox.keep(call("2"), timeout=5)
    with crowded.read() as session:
        assert [event.key for event in session.query(HookEvent)] == ["2"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_bug_in_the_writer_calls_are_kept_again(database, call, monkeypatch):
    inbox = Inbox(database)
    with monkeypatch.context() as patched, pytest.raises(StorageError, match="too slow"):
        patched.setattr(inbox, "_write", lambda calls: 1 / 0)
        inbox.keep(call("1"), timeout=0.5)
    inbox.keep(call("2"), timeout=5)
    with database.read() as session:
        assert [event.key for event in session.query(HookEvent)] == ["2"]
