"""Brevo marketing webhooks: a JSON object. Brevo does not sign and knows no reason."""

from monitor.payloads import Provider, address, json_object, moment, text, word
from monitor.types import Door, ReasonCode, UnsubscribeData

# Brevo's own documents name the event both ways.
_EVENTS = {"unsubscribe": None, "unsubscribed": None, "spam": ReasonCode.SPAM, "complaint": ReasonCode.SPAM}


def read(body: bytes) -> list[UnsubscribeData]:
    event = json_object(body)
    kind = word(event.get("event"))
    if kind not in _EVENTS:
        return []
    data = UnsubscribeData(
        subscriber=address(event.get("email")),
        left_at=moment(event.get("ts_event") or event.get("ts") or event.get("date_event")),
        list_name=text(event.get("list_id")),
        campaign=text(event.get("campaign_name")) or text(event.get("camp_id")),
        segment=text(event.get("segment_ids")) or text(event.get("tag")),
        provider="brevo",
        reason=_EVENTS[kind],
        # ``id`` is the webhook's, not the event's.
        door=Door.HOOK,
    )
    return [data]


PROVIDER = Provider(read)
