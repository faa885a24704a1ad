"""didban label."""

import json
import re
import sys
from collections.abc import Iterator
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import click

from monitor.cli.context import echo_json, settings_of
from monitor.cli.progress import counting
from monitor.errors import ImportRowError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.types import Text

_BATCH = 256
# «{اسم} عزیز» is a text.
_JSON = re.compile(r"\s*\{\s*(?:[\"}]|$)")


@click.command()
# A byte that is not UTF-8 stays in its line as half a letter, for _read_line to find: it spoils no other line.
# Windows begins a file with a byte order mark, which is no letter of its first line.
@click.argument("file", type=click.File(encoding="utf-8-sig", errors="surrogateescape"), default="-")
@click.option("--task", type=click.Choice(["sentiment", "reason", "topic"]), default="sentiment", show_default=True)
@click.option("--explain", is_flag=True, help="Add the words that decided the sentiment, with their weights.")
@click.pass_context
def label(context: click.Context, file: IO[str], task: str, explain: bool) -> None:
    """Label texts, one a line: plain, or a JSON object with "text" and, when known, "kind".

    Each comes back as a JSON object. A line that cannot be read is reported and the rest go on.
    """
    if explain and task != "sentiment":
        raise click.UsageError("--explain goes with --task sentiment: of the other tasks nothing tells the words apart")
    settings = settings_of(context)
    failures = 0
    lines = enumerate(file, 1)
    name = getattr(file, "name", "<stdin>")
    # On a terminal the answers themselves show how far it is.
    with counting("labelling", hidden=sys.stdout.isatty()) as advance:
        while batch := list(islice(lines, _BATCH)):
            rows: list[tuple[dict[str, Any], Text]] = []
            for number, line in batch:
                try:
                    rows.append(_read_line(line, f"{name}:{number}"))
                except ImportRowError as e:
                    click.echo(f"didban: {e}", err=True)
                    failures += 1
            for answer in _answers(task, rows, settings, explain):
                echo_json(answer)
            advance(len(batch))
    context.exit(1 if failures else 0)


def _read_line(line: str, where: str) -> "tuple[dict[str, Any], Text]":
    """The object to be given back and the text in it. Raises ImportRowError."""
    from monitor.types import Kind, Text

    line = line.rstrip("\r\n")
    _check_letters(line, where)
    if not _JSON.match(line):
        return {"text": line}, Text(line)
    try:
        row = json.loads(line)
        kind = row.get("kind")
        # Halves of letters in JSON's own spelling ("\ud83d") could not be printed either.
        _check_letters(json.dumps(row, ensure_ascii=False), where)
        if not isinstance(row["text"], str):
            raise ImportRowError('"text" is no text', where)
        return row, Text(row["text"], Kind(kind) if kind else None)
    except KeyError as e:
        raise ImportRowError('no "text" in line', where) from e
    # A line may be nothing but brackets.
    except (ValueError, RecursionError) as e:
        raise ImportRowError("line cannot be read", where) from e


def _check_letters(text: str, where: str) -> None:
    """Raises ImportRowError for halves of letters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ImportRowError("line is not UTF-8", where) from None


def _answers(
    task: str, rows: "list[tuple[dict[str, Any], Text]]", settings: "Settings", explain: bool
) -> Iterator[dict[str, Any]]:
    from pathlib import Path

    from nlp.language import identify

    path = Path(settings.model) if settings.model else None
    texts = [text for _, text in rows]
    for (row, text), found in zip(rows, _classify(task, texts, path), strict=True):
        answer = {**row, "language": identify(text.text), **found}
        if task == "sentiment":
            answer["certain"] = found["score"] >= settings.uncertain_below
        if explain:
            from nlp.explain import explain as explain_text

            answer["words"] = explain_text(text, path)
        yield answer


def _classify(task: str, texts: "list[Text]", path: Any) -> list[dict[str, Any]]:
    if task == "reason":
        from nlp.reasons import classify_reasons

        return [{"label": each.code, "score": each.score} for each in classify_reasons([text.text for text in texts])]
    if task == "topic":
        from nlp.topics import classify_topics

        return [{"label": topic, "score": score} for topic, score in classify_topics(texts)]
    from nlp.sentiment import load_classifier

    return [
        {"label": each.label, "score": each.score, "scores": each.scores}
        for each in load_classifier(path).classify(texts)
    ]
