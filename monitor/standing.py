"""Where everything stands: each brand's figure, its cases and sources, and how far the work is behind."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from monitor.brands import find_brands
from monitor.cases import count_open
from monitor.config import Settings
from monitor.lateness import find_lateness
from monitor.loss import LossScale, current_figure
from monitor.models import Brand
from monitor.sources import find_sources, is_in_trouble


def find_standing(session: Session, settings: Settings, now: datetime) -> dict[str, Any]:
    """What ``didban status --json`` and the API give, documented in docs/commands.md; rivals are left out."""
    lateness = find_lateness(session, now)
    return {
        "brands": [_stand(session, brand, settings, now) for brand in find_brands(session) if not brand.is_rival],
        "seconds_behind": {step: int(age.total_seconds()) for step, age in asdict(lateness).items()},
        "late": lateness.late_steps(),
    }


def _stand(session: Session, brand: Brand, settings: Settings, now: datetime) -> dict[str, Any]:
    scale = LossScale(settings.loss_table)
    figure = current_figure(session, brand.id, scale, settings.uncertain_below, now)
    open_cases, late_cases = count_open(session, brand.id, now)
    troubled = [source for source in find_sources(session, brand.id) if is_in_trouble(source)]
    known = figure.negatives is not None
    return {
        "brand": brand.name,
        "brand_id": brand.id,
        "basis": figure.basis,
        "negatives": figure.negatives,
        "results": figure.results,
        "uncertain": figure.uncertain,
        "band": scale.band(figure.negatives or 0) if known else None,
        "share_lost": figure.share,
        "share_reach": scale.reach(figure.negatives or 0) if known else None,
        "taken_at": figure.taken_at,
        "error": figure.error,
        "open_cases": open_cases,
        "late_cases": late_cases,
        "sources_in_trouble": [
            {"id": source.id, "url": source.url, "state": source.state, "error": source.error} for source in troubled
        ],
    }
