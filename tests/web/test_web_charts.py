"""The geometry of the gauge and of the trend."""

from datetime import date, timedelta

import pytest

from monitor.loss import LossScale
from monitor.overview import Day
from web.charts import gauge, trend


def test_the_gauge_has_a_field_for_each_band_of_the_study():
    steps = gauge(LossScale(), None)
    assert [(step.first, step.last, step.share) for step in steps] == [
        (0, 0, 0),
        (1, 2, 22),
        (3, 3, 59.2),
        (4, None, 70),
    ]
    assert [step.height for step in steps] == [3, 31.43, 84.57, 100]
    assert not any(step.active for step in steps)


@pytest.mark.parametrize(("negatives", "standing"), [(0, 0), (1, 1), (2, 1), (3, 3), (4, 4), (99, 4)])
def test_one_field_is_where_we_stand(negatives, standing):
    assert [step.first for step in gauge(LossScale(), negatives) if step.active] == [standing]


def test_two_results_can_go_further_than_their_band():
    reaches = [(step.first, step.reach, step.reach_height) for step in gauge(LossScale(), 2) if step.reach]
    assert reaches == [(1, 59.2, 84.57)]
    assert not any(step.reach for step in gauge(LossScale(), 1))


def test_a_table_of_ones_own_has_its_own_fields():
    steps = gauge(LossScale((0, 0, 10)), 1)
    assert [(step.first, step.last) for step in steps] == [(0, 1), (2, None)]
    assert [step.height for step in gauge(LossScale((0, 0)), 0)] == [3]


def days(*negatives):
    start = date(2026, 11, 1)
    return [Day(start + timedelta(place), count, None, True, False) for place, count in enumerate(negatives)]


def test_the_newest_day_stands_at_the_end_of_the_line_of_reading():
    left_to_right = trend(days(0, 1, 2, 4), right_to_left=False)
    assert [column.x for column in left_to_right] == [0, 25, 50, 75]
    assert [column.bar for column in left_to_right] == [0, 0.25, 0.5, 1]
    assert [column.x for column in trend(days(0, 1, 2, 4), right_to_left=True)] == [75, 50, 25, 0]


def test_every_seventh_day_from_today_back_is_dated():
    assert [place for place, column in enumerate(trend(days(*[0] * 30), right_to_left=True)) if column.labelled] == [
        1, 8, 15, 22, 29,
    ]  # fmt: skip


def test_nothing_to_draw_is_drawn_as_nothing():
    assert trend([], right_to_left=False) == []
