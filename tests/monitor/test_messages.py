import subprocess
import sys
from pathlib import Path

import pytest

from monitor.messages import render
from monitor.types import RuleKind

MENTION = {"id": 1, "title": "<b>عنوان</b>", "text": "متن\nدوم", "url": "javascript:alert(1)"}


def band(before, share, negatives):
    return {"negatives": negatives, "share": share, "share_before": before, "mentions": [MENTION], "count": 12}


def test_a_band_crossed_in_persian_digits():
    message = render(RuleKind.BAND_CROSSED, "دیدبان", band(22.0, 59.2, 3), "fa")
    assert message.subject == "دیدبان: نتیجهٔ منفی تازه، پلهٔ ریزش از ۲۲٪ به ۵۹٫۲٪"
    assert "تا ۵۹٫۲٪" in message.text
    assert "و ۱۱ مورد دیگر" in message.text


def test_a_band_crossed_in_english():
    message = render(RuleKind.BAND_CROSSED, "Lookout", band(22.0, 59.2, 3), "en")
    assert message.subject == "Lookout: new negative results, loss band from 22 % to 59.2 %"
    assert "3 negative results on page one of the search: up to 59.2 % of prospects may turn away." in message.text
    assert "and 11 more" in message.text


def test_a_band_left_for_good_says_so():
    message = render(RuleKind.BAND_CROSSED, "Lookout", band(22.0, 0.0, 0), "en")
    assert "fewer negative results" in message.subject
    assert "No negative result is left" in message.text


@pytest.mark.parametrize("language", ["fa", "en"])
def test_foreign_text_is_escaped_and_only_web_addresses_are_links(language):
    message = render(RuleKind.NEW_NEGATIVE, "B & C", {"mentions": [MENTION], "count": 1}, language)
    assert "<b>عنوان" not in message.html
    assert "href" not in message.html
    assert "B &amp; C" in message.html


def test_a_text_without_a_title_is_told_by_itself():
    mention = {**MENTION, "title": "", "url": "https://e.example/"}
    message = render(RuleKind.NEW_NEGATIVE, "B", {"mentions": [mention], "count": 3}, "en")
    assert message.subject == "B: 3 new negative texts"
    assert message.text.count("متن دوم") == 1
    assert 'href="https://e.example/"' in message.html


def test_both_catalogues_are_full_and_compiled():
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-m", "tests.translations", "--check"], cwd=root, check=True)
