"""Stand-ins for what tests must steer: a classifier that reads one word, a channel that remembers."""

import signal
from time import sleep

from monitor.errors import DeliveryError
from monitor.types import CommentLabels, Label, Language, Reason, ReasonCode, Sentiment, TextLabels, Topic


class WordLabeller:
    """Negative when a text says "terrible", positive when it says "lovely"; unsure when it says "perhaps"."""

    name = "words"

    def label(self, texts):
        return [self._label(text.text) for text in texts]

    def _label(self, text):
        label = Label.NEGATIVE if "terrible" in text else Label.POSITIVE if "lovely" in text else Label.NEUTRAL
        score = 0.4 if "perhaps" in text else 0.9
        return TextLabels(Language.ENGLISH, Sentiment(label, score, {label: score}), Topic.OTHER)

    def comments(self, comments):
        return [
            CommentLabels(Reason(ReasonCode.PRICE, 0.8), Topic.PRICE)
            if "price" in comment
            else CommentLabels(Reason(ReasonCode.OTHER, 0.8), Topic.SUPPORT if "support" in comment else Topic.OTHER)
            for comment in comments
        ]


class Outbox:
    """Every channel in one: it keeps what it is sent; ``refusals`` of an address are raised first, one a message."""

    def __init__(self, **refusals):
        self.sent = []
        self.refusals = refusals

    def send(self, address, message):
        host = address.partition("://")[2].partition(".")[0]
        if refusals := self.refusals.get(host):
            refusal, seconds = refusals.pop(0), None
            if isinstance(refusal, tuple):
                refusal, seconds = refusal
            raise DeliveryError(refusal, permanent=refusal.startswith("never"), retry_after=seconds)
        self.sent.append((host, message))


def collect_deafly(settings, ids, share, told):
    """A collecting process that is busy and does not listen, for a while; it says that it is by a file."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    (settings.data_dir / "deaf").touch()
    sleep(20)
