import pytest

from monitor.errors import ModelError
from nlp.labels import map_labels


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["negative", "neutral", "positive"], "-0+"),
        (["POS", "NEG", "NEU"], "+-0"),
        (["HAPPY", "SAD"], "+-"),
        (["LABEL_0", "LABEL_1"], "-+"),
        (["LABEL_0", "LABEL_1", "LABEL_2"], "-0+"),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], "--0++"),
        (["Very Negative", "Negative", "Neutral", "Positive", "Very Positive"], "--0++"),
        (["recommended", "no_idea", "not_recommended"], "+0-"),
    ],
)
def test_it_understands_the_usual_names(names, expected):
    signs = {"negative": "-", "neutral": "0", "positive": "+"}
    labels = map_labels(dict(enumerate(names)), "model")
    assert "".join(signs[label] for label in labels) == expected


@pytest.mark.parametrize("names", [["cat", "dog"], ["LABEL_0"], [f"LABEL_{n}" for n in range(7)], ["neutral"], []])
def test_other_labels_are_an_error_that_names_the_model(names):
    with pytest.raises(ModelError, match="are not sentiments: 'some/model'"):
        map_labels(dict(enumerate(names)), "some/model")
