"""How much is said of a brand, beside its rivals."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.brands import find_brands
from monitor.models import Brand, Mention
from monitor.overview import PERIOD


@dataclass(frozen=True, slots=True)
class Voice:
    """How many texts of the last 30 days are about a brand, and how many in a hundred of all that were counted."""

    brand_id: int
    name: str
    is_rival: bool
    texts: int
    share: float


def share_of_voice(session: Session, brand: Brand, now: datetime) -> list[Voice]:
    """The brand, then its rivals, loudest first; nothing without a rival, or when nobody was spoken of."""
    rivals = [other for other in find_brands(session) if other.is_rival]
    if not rivals:
        return []
    counts = {
        each.id: session.scalar(
            select(func.count()).where(Mention.brand_id == each.id, Mention.said_at >= now - PERIOD)
        )
        or 0
        for each in (brand, *rivals)
    }
    total = sum(counts.values())
    if not total:
        return []
    rivals.sort(key=lambda rival: -counts[rival.id])
    return [
        Voice(each.id, each.name, each.is_rival, counts[each.id], 100 * counts[each.id] / total)
        for each in (brand, *rivals)
    ]
