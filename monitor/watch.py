"""Begin to watch a brand: its name, its spellings and the sources that need no key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode, urljoin

from sqlalchemy.orm import Session

from monitor.brands import add_brand
from monitor.config import Settings
from monitor.folding import fold
from monitor.models import Brand, Source
from monitor.recognise import news_search, web_address
from monitor.sealing import Seal
from monitor.sources import add_source

# Each spelling is a search of its own at every place.
_MOST_ALIASES = 3


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """A source to be added; see :class:`monitor.models.Source`."""

    spider: str
    url: str
    matches_text: bool = True
    options: tuple[tuple[str, str], ...] = ()


def keyless_sources(
    name: str, *, aliases: Sequence[str] = (), site: str = "", search_engine: str = ""
) -> list[SourcePlan]:
    """The sources a brand has by default: searches for its spellings, and the reviews and the feed of its site.

    Raises SourceError for an address that is none.
    """
    names = _searched(name, aliases)
    plans = [plan for each in names for plan in _news(each)]
    if site:
        page = web_address(site)
        plans.append(SourcePlan("reviews", page, matches_text=False))
        plans.append(SourcePlan("feed", urljoin(page, "/")))
    if search_engine:
        plans.extend(SourcePlan("search", search_url(search_engine, each), matches_text=False) for each in names)
    return plans


def _searched(name: str, aliases: Sequence[str]) -> list[str]:
    """The spellings that a search tells apart, the name first; of the others no more than a few."""
    spellings: dict[str, str] = {}
    for each in (name, *aliases):
        spellings.setdefault(re.sub(r"[\W_]+", "", fold(each)), each)
    return list(spellings.values())[: 1 + _MOST_ALIASES]


def _news(name: str) -> list[SourcePlan]:
    exact = f'"{name}"'
    return [
        SourcePlan("feed", news_search(exact)),
        SourcePlan("feed", f"https://www.bing.com/news/search?q={quote(exact)}&format=rss&setlang=fa"),
    ]


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
    plans = keyless_sources(name, aliases=aliases, site=site, search_engine=search_engine)
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
