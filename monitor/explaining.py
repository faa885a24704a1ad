"""The words that decided, for the negatives an alert is about to tell; kept with the mention."""

from collections.abc import Callable, Sequence

from sqlalchemy import select, update

from monitor.db import Database
from monitor.loss import certainly
from monitor.mentions import PERSON
from monitor.models import Mention
from monitor.types import Kind, Label, Text

# Words with their weights, the strongest first: by how much the log-odds of the label fall without each.
Explain = Callable[[Text], Sequence[tuple[str, float]]]

# More than two messages show; explaining costs forty times what labelling does.
_AT_ONCE = 20
_WORDS = 4
_SHOWN = 280
# A word that weighs less changes the odds by less than a fifth.
_LEAST_WEIGHT = 0.2


def explain_waiting(database: Database, explain: Explain, uncertain_below: float) -> int:
    """Find the deciding words of negatives that wait for the rules; of how many.

    The model reads outside of any transaction; words of a label that changed meanwhile are dropped.
    """
    with database.read() as session:
        waiting = list(
            session.scalars(
                select(Mention)
                .where(Mention.decided_at.is_(None), Mention.labelled_at.is_not(None), Mention.words.is_(None))
                .where(certainly(Label.NEGATIVE, uncertain_below), Mention.labelled_by != PERSON, ~Mention.history)
                .order_by(Mention.id)
                .limit(_AT_ONCE)
            )
        )
    if not waiting:
        return 0
    found = {mention.id: _deciding(explain(_shown(mention))) for mention in waiting}
    with database.write() as session:
        for mention in waiting:
            session.execute(
                update(Mention)
                .where(Mention.id == mention.id, Mention.labelled_at == mention.labelled_at)
                .values(words=found[mention.id])
            )
    return len(waiting)


def _shown(mention: Mention) -> Text:
    """What a message and a page show of it: in the whole of an article no single word weighs anything."""
    words = mention.text or mention.body[:_SHOWN]
    return Text(f"{mention.title}\n{words}" if mention.title else words, Kind(mention.kind))


def _deciding(words: Sequence[tuple[str, float]]) -> list[str]:
    """The few that spoke for the label, each once."""
    return list(dict.fromkeys(word for word, weight in words if weight >= _LEAST_WEIGHT))[:_WORDS]
