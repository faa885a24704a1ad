"""The words that decided, of the negatives that an alert is about to tell and of those that are read first.

They are kept with the mention.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import select, update

from monitor.db import Database
from monitor.loss import certainly
from monitor.mentions import PERSON
from monitor.models import Brand, Mention
from monitor.types import Kind, Label, Text

# Words with their weights, the strongest first: by how much the log-odds of negative fall without each. None where the
# text is not read as negative: of an article the part that is shown may be about something else.
Explain = Callable[[Text], Sequence[tuple[str, float]]]

# More than two messages show; explaining costs forty times what labelling does.
_AT_ONCE = 20
# A round of the clock must stay short; four pages of the list.
_A_FEW = 3
_FIRST_PAGES = 100
_WORDS = 4
_SHOWN = 420
# A word that weighs less changes the odds by less than a fifth.
_LEAST_WEIGHT = 0.2


def explain_waiting(database: Database, explain: Explain, uncertain_below: float) -> int:
    """Find the deciding words of negatives that wait for the rules; of how many."""
    undecided = (
        select(Mention)
        .where(Mention.decided_at.is_(None), Mention.labelled_at.is_not(None), Mention.words.is_(None))
        .where(certainly(Label.NEGATIVE, uncertain_below), Mention.labelled_by != PERSON, ~Mention.history)
        .order_by(Mention.id)
        .limit(_AT_ONCE)
    )
    with database.read() as session:
        waiting = session.scalars(undecided).all()
    _explain(database, explain, waiting)
    return len(waiting)


def explain_newest(database: Database, explain: Explain) -> int:
    """Find the deciding words of a few more negatives, those on the first pages of the list; of how many.

    For when nothing else waits: history and what the model was not sure of have no words yet. Older ones never get
    any, for nobody reads them in turn and each costs what forty labels do.
    """
    waiting: list[Mention] = []
    with database.read() as session:
        for brand_id in session.scalars(select(Brand.id).where(~Brand.is_rival).order_by(Brand.id)).all():
            newest = (
                select(Mention.id)
                .where(Mention.brand_id == brand_id, Mention.label == Label.NEGATIVE)
                .order_by(Mention.said_at.desc())
                .limit(_FIRST_PAGES)
            )
            wordless = select(Mention).where(
                Mention.id.in_(newest), Mention.words.is_(None), Mention.labelled_by != PERSON
            )
            waiting += session.scalars(wordless.where(Mention.labelled_at.is_not(None)).limit(_A_FEW))
    _explain(database, explain, waiting[:_A_FEW])
    return len(waiting[:_A_FEW])


def _explain(database: Database, explain: Explain, mentions: Sequence[Mention]) -> None:
    """The model reads outside of any transaction; words of a label that changed meanwhile are dropped."""
    if not mentions:
        return
    found = {mention.id: _deciding(explain(_shown(mention))) for mention in mentions}
    with database.write() as session:
        for mention in mentions:
            session.execute(
                update(Mention)
                .where(Mention.id == mention.id, Mention.labelled_at == mention.labelled_at)
                .values(words=found[mention.id])
            )


def _shown(mention: Mention) -> Text:
    """What a message and a page show of it: in the whole of an article no single word weighs anything."""
    words = (mention.text or mention.body)[:_SHOWN]
    return Text(f"{mention.title}\n{words}" if mention.title else words, Kind(mention.kind))


def _deciding(words: Sequence[tuple[str, float]]) -> list[str]:
    """The few that spoke for the label, each once."""
    return list(dict.fromkeys(word for word, weight in words if weight >= _LEAST_WEIGHT))[:_WORDS]
