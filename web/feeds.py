"""New negatives for any feed reader; the token in its address opens this and nothing else, and can be revoked."""

from uuid import UUID

from flask import Blueprint, Response, abort, current_app, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from monitor.atom import Entry, Feed, write_atom
from monitor.models import Brand
from monitor.overview import NegativeStory, find_negative_stories
from monitor.sealing import Seal
from monitor.types import Language, Scope
from web.api.access import good_token, let_compare
from web.filters import excerpt
from web.scope import db, now, own_brands, settings
from web.security import outside_link

blueprint = Blueprint("feeds", __name__, url_prefix="/feeds")
blueprint.after_request(let_compare)

_MOST = 50
_TITLE = 120
_TAGS = {Language.PERSIAN: "fa", Language.ENGLISH: "en", Language.FINGLISH: "fa-Latn"}


@blueprint.app_template_global()
def feed_address(secret: str, brand: Brand) -> str:
    """The address to give to a feed reader; it tells of one brand."""
    return f"{_base()}{url_for('feeds.negatives', token=secret, brand=brand.id)}"


def _base() -> str:
    return (settings().public_url or request.url_root).rstrip("/")


@blueprint.get("/negatives.atom")
def negatives() -> Response:
    """Negative stories of the last 30 days that the team has not settled, by their newest telling, newest first."""
    token = good_token(request.args.get("token", ""))
    if token is None or Scope.FEED not in token.scopes:
        abort(404)
    asked = request.args.get("brand", type=int)
    brand = next((brand for brand in own_brands() if brand.id == asked), None)
    if brand is None:
        abort(404)
    stories = find_negative_stories(db(), brand.id, settings().uncertain_below, now(), _MOST)
    with force_locale(settings().language):
        title = _("%(brand)s: new negatives", brand=brand.name)
    feed = Feed(
        id=_id(f"negatives {brand.id}"),
        title=title,
        # Without its token: readers pass feeds on, and show where they are from.
        address=f"{_base()}{url_for('feeds.negatives', brand=brand.id)}",
        page=f"{_base()}{url_for('dashboard.overview_page', brand=brand.id)}",
        language=settings().language,
        updated_at=stories[0].said_at if stories else brand.created_at,
        entries=[_entry(story) for story in stories],
    )
    return Response(write_atom(feed), content_type="application/atom+xml; charset=utf-8")


def _entry(story: NegativeStory) -> Entry:
    return Entry(
        id=_id(f"mention {story.mention_id}"),
        title=excerpt(story.title or story.text, _TITLE),
        text=story.text,
        url=outside_link(story.url),
        author=story.author,
        language=_TAGS.get(Language(story.language), "") if story.language else "",
        said_at=story.said_at,
    )


def _id(what: str) -> UUID:
    """The same for the same thing, and another one in another house."""
    seal: Seal = current_app.extensions["didban_seal"]
    return UUID(hex=seal.hash(what, "feed")[:32], version=5)
