"""ActiveCampaign webhooks: a form with the reason in it. ActiveCampaign does not sign."""

from monitor.payloads import Provider, address, form_of, moment, text
from monitor.reasons import settle_reason
from monitor.types import Door, UnsubscribeData


def read(body: bytes) -> list[UnsubscribeData]:
    fields = form_of(body)
    if fields.get("type") != "unsubscribe":
        return []
    reason, comment = settle_reason(text(fields.get("unsubscribe[reason]")))
    data = UnsubscribeData(
        subscriber=address(fields.get("contact[email]")),
        left_at=moment(fields.get("date_time")),
        list_name=text(fields.get("list[name]")) or text(fields.get("list")),
        campaign=text(fields.get("campaign[name]")) or text(fields.get("campaign[id]")),
        segment=text(fields.get("contact[tags]")),
        provider="activecampaign",
        reason=reason,
        comment=comment,
        door=Door.HOOK,
    )
    return [data]


PROVIDER = Provider(read)
