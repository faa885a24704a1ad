import pytest

from monitor.brands import add_brand, get_brand
from monitor.errors import BrandError
from monitor.money import Stakes, set_stakes, stakes_of


def test_the_share_of_those_who_would_have_bought_is_at_stake():
    assert Stakes(400, 12.5, 2_000_000, "تومان").at_stake(59.2) == pytest.approx(400 * 0.125 * 2_000_000 * 0.592)
    assert Stakes(400, 12.5, 2_000_000).at_stake(0) == 0


@pytest.mark.parametrize("stakes", [Stakes(), Stakes(400, 12.5), Stakes(leads=400, customer_value=5)])
def test_without_all_three_figures_nothing_is_said(stakes):
    assert stakes.at_stake(59.2) is None


@pytest.mark.parametrize(
    "values", [{"leads": -1}, {"closing_rate": 101}, {"customer_value": float("nan")}, {"leads": float("inf")}]
)
def test_a_figure_that_cannot_be_is_refused(values):
    with pytest.raises(BrandError, match=next(iter(values))):
        Stakes(**values)


def test_they_are_kept_with_the_brand(database, now):
    with database.write() as session:
        set_stakes(add_brand(session, "A", now), Stakes(1, 2, 3, "EUR"))
    with database.read() as session:
        assert stakes_of(get_brand(session, "A")) == Stakes(1, 2, 3, "EUR")
