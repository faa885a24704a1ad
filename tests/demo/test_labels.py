"""The model that ships reads the ten results as any person would, with or without the page behind them."""

import pytest

from monitor.config import Settings
from monitor.types import Kind, Text
from nlp.labeller import load_labeller
from web.demo import content


@pytest.fixture(scope="module")
def labeller():
    return load_labeller()


@pytest.mark.parametrize("part", ["body", "snippet"])
def test_the_results_are_labelled_as_meant(labeller, part):
    pages = {article.path: article for article in content.articles()}
    rows = content.search_rows()
    words = {row.path: "\n".join(pages[row.path].body) if part == "body" else row.snippet for row in rows}
    texts = [Text(f"{pages[row.path].title}\n{words[row.path]}", Kind.SEARCH_RESULT) for row in rows]
    found = {row.path: labels.sentiment for row, labels in zip(rows, labeller.label(texts), strict=True)}
    assert {path: sentiment.label for path, sentiment in found.items()} == {row.path: row.label for row in rows}
    assert min(sentiment.score for sentiment in found.values()) > Settings().uncertain_below
