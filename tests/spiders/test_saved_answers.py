"""Every saved answer beside the values it must give: adding one is adding two files."""

import json
from pathlib import Path

import pytest

from tests.spiders.visiting import plain, visit

DATA = Path(__file__).parent.parent / "data" / "spiders"
CASES = sorted(DATA.glob("*/*.expected.json"))


def given(values):
    """The values without what changes from run to run and without what was left at its default."""
    return [
        {
            key: part
            for key, part in plain(value).items()
            if key not in ("taken_at", "source_id") and part not in ("", None)
        }
        for value in values
    ]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.parent.name}-{case.name.split('.')[0]}" for case in CASES])
def test_a_saved_answer_gives_its_values(case):
    expected = json.loads(case.read_text(encoding="utf-8"))
    body = case.with_name(case.name.removesuffix(".expected.json")).read_bytes()
    values, requests, run = visit(
        case.parent.name,
        expected["url"],
        body,
        expected["content_type"],
        expected.get("options"),
        **expected.get("headers", {}),
    )
    assert given(values) == expected["values"]
    assert [request.url for request in requests] == expected.get("follows", [])
    report = run.report()
    assert report.state == expected["state"]
    assert list(report.warnings) == expected.get("warnings", [])
    assert report.error == expected.get("error", "")


def test_every_saved_answer_has_its_expectation():
    inputs = {path.name for path in DATA.glob("*/*") if not path.name.endswith(".expected.json")}
    assert inputs == {case.name.removesuffix(".expected.json") for case in CASES}
