"""Mailchimp audience webhooks: a form; the survey's reason is not among its fields, a pull brings it later.

``data[reason]`` says how they left (manual or abuse), never why.
"""

from datetime import datetime, timedelta

from monitor.errors import HookRefusedError
from monitor.payloads import Call, Provider, address, check_age, check_equal, form_of, moment, sign, text
from monitor.types import Door, ReasonCode, UnsubscribeData

# Stated by Mailchimp.
_WINDOW = timedelta(seconds=300)


def check(call: Call, key: str, now: datetime) -> None:
    """``X-Mailchimp-Signature: t=<unix>,v1=<hex of HMAC(key, "<t>.<body>")>``."""
    given = dict(item.partition("=")[::2] for item in call.headers.get("x-mailchimp-signature", "").split(","))
    if "t" not in given or "v1" not in given:
        raise HookRefusedError("not signed")
    check_equal(sign(key.encode(), given["t"].encode() + b"." + call.body).hex(), given["v1"])
    check_age(given["t"], now, _WINDOW)


def read(body: bytes) -> list[UnsubscribeData]:
    fields = form_of(body)
    if fields.get("type") != "unsubscribe":
        return []
    data = UnsubscribeData(
        subscriber=address(fields.get("data[email]")),
        left_at=moment(fields.get("fired_at")),
        list_name=text(fields.get("data[list_id]")),
        campaign=text(fields.get("data[campaign_id]")),
        provider="mailchimp",
        reason=ReasonCode.SPAM if fields.get("data[reason]") == "abuse" else None,
        door=Door.HOOK,
    )
    return [data]


PROVIDER = Provider(read, check, key="the webhook's signing secret")
