"""What programs may read."""

from dataclasses import asdict
from typing import Any

from monitor.brands import find_brands
from monitor.exports import addresses_of
from monitor.listings import (
    CaseFilter,
    LeavingFilter,
    PageFilter,
    list_cases,
    list_leavings,
    list_mentions,
    list_search_pages,
)
from monitor.mention_list import MentionFilter
from monitor.mentions import get_mention
from monitor.models import SearchPage, UnsubscribeEvent
from monitor.records import (
    BrandRecord,
    MentionRecord,
    SourceRecord,
    UnsubscribeRecord,
    brand_record,
    case_record,
    mention_record,
    search_result_record,
    source_record,
    unsubscribe_record,
)
from monitor.sealing import Seal
from monitor.sources import find_sources
from monitor.standing import find_standing
from monitor.types import Scope
from web.api.access import Door, check, needs
from web.api.asked import asked_brand, asked_page, the_page
from web.api.schemas import (
    BrandQuery,
    BrandSchema,
    CaseQuery,
    CaseSchema,
    MentionQuery,
    MentionSchema,
    SearchPageQuery,
    SearchPageSchema,
    SourceSchema,
    StatusSchema,
    UnsubscribeQuery,
    UnsubscribeSchema,
    page_of,
)
from web.scope import db, now, settings

blueprint = Door("reading", "What is known.")


@blueprint.route("/status")
@needs(Scope.READ)
@blueprint.response(200, StatusSchema)
def status() -> dict[str, Any]:
    """Each brand's loss figure with its basis and band, its cases, and how far the work is behind."""
    return find_standing(db(), settings(), now())


@blueprint.route("/brands")
@needs(Scope.READ)
@blueprint.response(200, BrandSchema(many=True))
def brands() -> list[BrandRecord]:
    """Every brand, our own first, rivals after them."""
    return [brand_record(brand) for brand in find_brands(db())]


@blueprint.route("/sources")
@needs(Scope.READ)
@blueprint.arguments(BrandQuery, location="query")
@blueprint.response(200, SourceSchema(many=True))
def sources(query: dict[str, Any]) -> list[SourceRecord]:
    """The sources that serve a brand, and how each is doing."""
    return [source_record(source) for source in find_sources(db(), asked_brand(query).id)]


@blueprint.route("/mentions")
@needs(Scope.READ)
@blueprint.arguments(MentionQuery, location="query")
@blueprint.response(200, page_of(MentionSchema))
def mentions(query: dict[str, Any]) -> dict[str, Any]:
    """Mentions, each copy of a story by itself, by when they were found."""
    brand, place, label = asked_brand(query), asked_page(query), query.pop("label", "")
    wanted = MentionFilter(**query).called(label, settings().uncertain_below)
    found = list_mentions(brand.id, wanted).page(db(), *place)
    return the_page(found, lambda mention: mention_record(mention, settings().uncertain_below))


@blueprint.route("/mentions/<int(min=1):mention_id>")
@needs(Scope.READ)
@blueprint.response(200, MentionSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def mention(mention_id: int) -> MentionRecord:
    """One mention."""
    return mention_record(get_mention(db(), mention_id), settings().uncertain_below)


@blueprint.route("/search-pages")
@needs(Scope.READ)
@blueprint.arguments(SearchPageQuery, location="query")
@blueprint.response(200, page_of(SearchPageSchema))
def search_pages(query: dict[str, Any]) -> dict[str, Any]:
    """First pages of search results as they were at their moment, those that failed among them."""
    brand, place = asked_brand(query), asked_page(query)
    return the_page(list_search_pages(brand.id, PageFilter(**query)).page(db(), *place), _with_results)


def _with_results(page: SearchPage) -> dict[str, Any]:
    below = settings().uncertain_below
    results = [asdict(search_result_record(page, result, below)) for result in page.results]
    return {**asdict(search_result_record(page, None, below)), "results": results}


@blueprint.route("/unsubscribes")
@needs(Scope.READ)
@blueprint.arguments(UnsubscribeQuery, location="query")
@blueprint.response(200, page_of(UnsubscribeSchema))
def unsubscribes(query: dict[str, Any]) -> dict[str, Any]:
    """People who left and why; whom, only with the scope `addresses`."""
    if with_addresses := query.pop("addresses"):
        check(Scope.ADDRESSES)
    brand, place = asked_brand(query), asked_page(query)
    found = list_leavings(brand.id, LeavingFilter(**query)).page(db(), *place)
    addresses = addresses_of(db(), Seal(settings().key()), found[0]) if with_addresses else {}
    return the_page(found, lambda event: _leaving(event, addresses))


def _leaving(event: UnsubscribeEvent, addresses: dict[str, str]) -> UnsubscribeRecord:
    return unsubscribe_record(event, addresses.get(event.subscriber_hash))


@blueprint.route("/cases")
@needs(Scope.READ)
@blueprint.arguments(CaseQuery, location="query")
@blueprint.response(200, page_of(CaseSchema))
def cases(query: dict[str, Any]) -> dict[str, Any]:
    """What the team does about negative stories, by when they were opened."""
    brand, place = asked_brand(query), asked_page(query)
    state = query.pop("state", "")
    wanted = CaseFilter(states=(state,) if state else (), **query)
    return the_page(list_cases(brand.id, wanted).page(db(), *place), lambda case: case_record(case, now()))
