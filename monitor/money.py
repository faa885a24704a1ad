"""What a loss band costs in money."""

from dataclasses import dataclass

from monitor.errors import BrandError
from monitor.models import Brand

LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Stakes:
    """``leads`` a month, ``closing_rate`` in percent, ``customer_value`` in ``currency``; None is not known."""

    leads: float | None = None
    closing_rate: float | None = None
    customer_value: float | None = None
    currency: str = ""

    def __post_init__(self) -> None:
        for name in ("leads", "customer_value"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= LARGEST:
                raise BrandError(f"{name} is zero or more, not", value)
        if self.closing_rate is not None and not 0 <= self.closing_rate <= 100:
            raise BrandError("closing_rate lies between 0 and 100 percent, not", self.closing_rate)

    def at_stake(self, share: float) -> float | None:
        """Up to how much a month is lost with ``share`` percent of the prospects; None unless all three are known."""
        if self.leads is None or self.closing_rate is None or self.customer_value is None:
            return None
        return self.leads * self.closing_rate / 100 * self.customer_value * share / 100


def stakes_of(brand: Brand) -> Stakes:
    return Stakes(brand.leads, brand.closing_rate, brand.customer_value, brand.currency)


def set_stakes(brand: Brand, stakes: Stakes) -> None:
    brand.leads, brand.closing_rate = stakes.leads, stakes.closing_rate
    brand.customer_value, brand.currency = stakes.customer_value, stakes.currency
