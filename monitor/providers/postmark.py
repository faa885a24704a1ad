"""Postmark subscription-change webhooks: a JSON object. Postmark does not sign and knows no reason."""

from monitor.payloads import Provider, address, json_object, moment, text
from monitor.types import Door, ReasonCode, UnsubscribeData


def read(body: bytes) -> list[UnsubscribeData]:
    event = json_object(body)
    complained = event.get("SuppressionReason") == "SpamComplaint"
    # A bounce, or a removal by the sender, is nobody leaving.
    left = event.get("SuppressSending") is True and (complained or event.get("Origin") == "Recipient")
    if event.get("RecordType") != "SubscriptionChange" or not left or event.get("SuppressionReason") == "HardBounce":
        return []
    data = UnsubscribeData(
        subscriber=address(event.get("Recipient")),
        left_at=moment(event.get("ChangedAt")),
        list_name=text(event.get("MessageStream")),
        campaign=text(event.get("Tag")),
        provider="postmark",
        reason=ReasonCode.SPAM if complained else None,
        door=Door.HOOK,
    )
    return [data]


PROVIDER = Provider(read)
