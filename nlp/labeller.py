"""Language, sentiment and topic of texts in one pass: the classifier that the product works with."""

from collections.abc import Sequence
from pathlib import Path

from monitor.types import CommentLabels, Kind, Sentiment, Text, TextLabeller, TextLabels, Topic
from nlp.language import identify
from nlp.model import Model, load_model
from nlp.reasons import reasons_of
from nlp.sentiment import Classifier
from nlp.topics import classify_topics, topics_of


class Labeller:
    """Implements :class:`monitor.types.TextLabeller`. ``name`` changes whenever the weights do."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._classifier = Classifier(model)
        self.name = model.name

    def label(self, texts: Sequence[Text]) -> list[TextLabels]:
        sentiments, topics = self._sentiments_and_topics(texts)
        return [
            TextLabels(identify(text.text), sentiment, topic)
            for text, sentiment, topic in zip(texts, sentiments, topics, strict=True)
        ]

    def comments(self, comments: Sequence[str]) -> list[CommentLabels]:
        texts = [Text(comment, Kind.UNSUBSCRIBE) for comment in comments]
        model = self._model if self._model.own else load_model()
        reason_logits, topic_logits = model.run(texts, ["reason_logits", "topic_logits"])
        answers = zip(reasons_of(model, reason_logits), topics_of(model, topic_logits), strict=True)
        return [CommentLabels(reason, topic) for reason, (topic, _) in answers]

    def _sentiments_and_topics(self, texts: Sequence[Text]) -> tuple[list[Sentiment], list[Topic]]:
        if not self._model.own:
            return self._classifier.classify(texts), [topic for topic, _ in classify_topics(texts, self._model.path)]
        logits, topic_logits = self._model.run(texts, ["logits", "topic_logits"])
        probabilities = self._classifier.heed_headlines(texts, self._classifier.fold(logits))
        sentiments = self._classifier.answers(probabilities)
        return sentiments, [topic for topic, _ in topics_of(self._model, topic_logits)]


def load_labeller(path: Path | None = None) -> TextLabeller:
    """The labeller with the sentiment model in ``path``, or the bundled one.

    A model that knows no topics or reasons is helped out by the bundled one. Raises ModelError.
    """
    return Labeller(load_model(path))
