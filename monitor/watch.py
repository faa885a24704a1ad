"""Begin to watch a brand: its name, its spellings and the sources that need no key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

from sqlalchemy.orm import Session

from monitor.brands import add_brand
from monitor.config import Settings
from monitor.models import Brand, Source
from monitor.recognise import web_address
from monitor.sealing import Seal
from monitor.sources import add_source


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """A source to be added; see :class:`monitor.models.Source`."""

    spider: str
    url: str
    matches_text: bool = True
    options: tuple[tuple[str, str], ...] = ()


def keyless_sources(name: str, *, site: str = "", search_engine: str = "") -> list[SourcePlan]:
    """The sources a brand has by default: news searches, and its own site and search engine where they are given.

    Raises SourceError for an address that is none.
    """
    exact = quote(f'"{name}"')
    plans = [
        SourcePlan("feed", f"https://news.google.com/rss/search?q={exact}&hl=fa&gl=IR&ceid=IR:fa"),
        SourcePlan("feed", f"https://www.bing.com/news/search?q={exact}&format=rss&setlang=fa"),
    ]
    if site:
        plans.append(SourcePlan("reviews", web_address(site), matches_text=False))
    if search_engine:
        plans.append(SourcePlan("search", search_url(search_engine, name), matches_text=False))
    return plans


def search_url(engine: str, query: str) -> str:
    """The address of page one for ``query`` at a SearXNG server. Raises SourceError."""
    base = web_address(engine).rstrip("/").removesuffix("/search")
    return f"{base}/search?{urlencode({'q': query, 'format': 'json', 'language': 'fa', 'pageno': 1})}"


def watch_brand(
    session: Session,
    settings: Settings,
    name: str,
    now: datetime,
    *,
    aliases: Sequence[str] = (),
    site: str = "",
    search_engine: str = "",
) -> Brand:
    """Add a brand with its keyless sources, all due at once. Raises BrandError, SourceError."""
    plans = keyless_sources(name, site=site, search_engine=search_engine)
    brand = add_brand(session, name, now, aliases=aliases)
    add_plans(session, settings, brand, plans, now)
    return brand


def add_plans(
    session: Session, settings: Settings, brand: Brand, plans: Sequence[SourcePlan], now: datetime
) -> list[Source]:
    """Add the planned sources to a brand. Raises SourceExistsError."""
    return [
        add_source(
            session,
            plan.spider,
            plan.url,
            now,
            interval=settings.collect_interval,
            brand_id=brand.id,
            options=dict(plan.options),
            matches_text=plan.matches_text,
            seal=Seal(settings.key()) if plan.options else None,
        )
        for plan in plans
    ]
