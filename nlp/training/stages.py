"""How fine-tuning goes: rounds of stages, after each of which their weights are averaged."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stage:
    """How long and how fast a stage learns, and what an epoch of it reads.

    ``public`` scales the public sets, ``patterns`` is the part of an epoch that is drawn from patterns. ``share`` is
    how much the weights at its end count in the mean of its round; what all stages leave to one belongs to those that
    the round began with.
    """

    name: str
    steps: int
    rate: float
    public: float
    patterns: float
    share: float


@dataclass(frozen=True, slots=True)
class Round:
    """Stages one after the other, whose weights are averaged at the end.

    ``layers`` is how many the network has from here on, where that changes: see :func:`nlp.training.network.grown`.
    """

    stages: tuple[Stage, ...]
    layers: int | None = None


ROUNDS = (
    Round(
        (
            Stage("fine-tuning", steps=2800, rate=1.0, public=1.0, patterns=0.15, share=0.5),
            # Patterns that are read less often than this are not learnt at all.
            Stage("patterns", steps=2800, rate=1.0, public=0.4, patterns=0.55, share=0.25),
            # Gently, of everything, so that the patterns do not cost the rest.
            Stage("settling", steps=1000, rate=0.4, public=1.0, patterns=0.25, share=0.25),
        )
    ),
    # The rounds from here on are named after the texts that were new when they were added; all read all texts.
    Round((Stage("forms of sentence", steps=4500, rate=0.6, public=1.0, patterns=0.5, share=0.35),)),
    Round(
        (
            Stage("words that decide", steps=5000, rate=0.6, public=1.0, patterns=0.5, share=0.2),
            Stage("gentle end", steps=1100, rate=0.4, public=1.0, patterns=0.25, share=0.3),
        )
    ),
    Round(
        (
            Stage("everyday facts", steps=5600, rate=0.5, public=2.0, patterns=0.5, share=0.1),
            Stage("everyday facts, longer", steps=8000, rate=0.6, public=1.5, patterns=0.45, share=0.0),
            Stage("last touch", steps=2800, rate=0.4, public=1.5, patterns=0.35, share=0.4),
        )
    ),
    Round(
        (
            Stage("Finglish in Persian letters", steps=2500, rate=0.5, public=1.5, patterns=0.4, share=0.25),
            Stage("more words that decide", steps=2400, rate=0.45, public=1.5, patterns=0.4, share=0.5),
        )
    ),
    Round((Stage("hard ones", steps=1500, rate=0.5, public=1.5, patterns=0.45, share=0.5),)),
    # Two layers more: what was new moved nothing any longer in four.
    Round(
        (
            Stage("English words", steps=4000, rate=0.6, public=1.5, patterns=0.45, share=0.3),
            Stage("settling once more", steps=900, rate=0.25, public=2.0, patterns=0.3, share=0.7),
        ),
        layers=6,
    ),
)
