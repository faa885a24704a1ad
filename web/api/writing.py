"""The few things that programs may change, and the links that a sender's mails need."""

from typing import Any

from flask import abort

from monitor.leaving import Link, headers_of, make_link
from monitor.mentions import get_mention, relabel
from monitor.records import MentionRecord, SourceRecord, mention_record, source_record
from monitor.sealing import Seal
from monitor.sources import get_source, set_paused
from monitor.types import Label, Scope
from web.api.access import Door, needs
from web.api.asked import asked_brand
from web.api.schemas import LabelBody, LinkBody, LinkSchema, MentionSchema, SourceBody, SourceSchema
from web.scope import house, now, settings

blueprint = Door("writing", "What may be changed.")


@blueprint.route("/mentions/<int(min=1):mention_id>/label", methods=["PUT"])
@needs(Scope.WRITE)
@blueprint.arguments(LabelBody)
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.response(200, MentionSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def label(body: dict[str, Any], mention_id: int) -> MentionRecord:
    """A person's label, for every copy of the story."""
    with house().database.write() as writing:
        relabel(writing, mention_id, Label(body["label"]), now())
        found = get_mention(writing, mention_id)
        writing.refresh(found)
        return mention_record(found, settings().uncertain_below)


@blueprint.route("/sources/<int(min=1):source_id>", methods=["PATCH"])
@needs(Scope.WRITE)
@blueprint.arguments(SourceBody)
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.response(200, SourceSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def pause(body: dict[str, Any], source_id: int) -> SourceRecord:
    """Pause a source, or visit it again, at once."""
    with house().database.write() as writing:
        set_paused(writing, source_id, body["paused"], now())
        return source_record(get_source(writing, source_id))


@blueprint.route("/unsubscribe-links", methods=["POST"])
@needs(Scope.WRITE)
@blueprint.arguments(LinkBody)
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.response(200, LinkSchema)
@blueprint.alt_response(404, "NOT_FOUND")
@blueprint.alt_response(409, "CONFLICT")
def unsubscribe_link(body: dict[str, Any]) -> dict[str, Any]:
    """The unsubscribe link of one mail to one address, and its two mail headers. Nothing is kept."""
    base = settings().public_url
    if not base:
        abort(409, "Set public_url, the address at which readers reach the unsubscribe page.")
    link = Link(asked_brand(body).id, body["address"], body["list_name"], body["campaign"])
    url = make_link(Seal(settings().key()), base, link)
    return {"url": url, "headers": headers_of(url, body["mailto"])}
