"""How far a long command is, as a terminal shows it: a real one, with the answers in a file."""

import json
import os
import pty
import subprocess
import sys

LINES = 600


def shown_by(arguments, text, out):
    """What stands on the terminal that is a command's standard error."""
    terminal, its_end = pty.openpty()
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "monitor", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=its_end, env=environ, text=True)
    os.close(its_end)
    process.stdin.write(text)
    process.stdin.close()
    shown = b""
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:
            # Linux says so when the other end has been closed.
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    assert process.wait() == 0
    return shown.decode()


def test_a_bar_counts_what_is_labelled_and_leaves_the_answers_alone(tmp_path):
    with (tmp_path / "answers").open("w+", encoding="utf-8") as out:
        shown = shown_by(["label"], "خیلی خوب بود\n" * LINES, out)
        out.seek(0)
        answers = [json.loads(line) for line in out]
    assert "labelling" in shown and f"{LINES}/?" in shown
    assert [answer["label"] for answer in answers] == ["positive"] * LINES


def test_without_a_terminal_there_is_no_bar():
    command = [sys.executable, "-m", "monitor", "label"]
    done = subprocess.run(command, input="خوب بود\n", capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_answers_come_while_a_file_is_being_read():
    command = [sys.executable, "-m", "monitor", "label"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write("خوب بود\n" * LINES)
        process.stdin.flush()
        # Not at its end yet.
        assert json.loads(process.stdout.readline())["label"] == "positive"
        process.stdin.close()
        assert len(process.stdout.readlines()) == LINES - 1
