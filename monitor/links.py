"""Links of messages that open a case or settle it without a login: signed, harmless on GET, settling once.

GET shows what the link would do (:func:`read_link`), POST does it (:func:`use_link`): mail servers fetch links before
people do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from monitor.cases import move_case, take_up
from monitor.errors import TokenError
from monitor.mentions import get_mention, relabel
from monitor.models import Mention, UsedLink
from monitor.sealing import Seal
from monitor.types import Act, CaseState, Label

VALID_FOR = timedelta(days=14)
_PURPOSE = "alert link"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link does, on which mention."""

    act: Act
    mention_id: int


def make_link(seal: Seal, public_url: str, act: Act, mention_id: int, alert_id: int, now: datetime) -> str:
    """The address of an act; the same in every channel's copy of one alert, so that it is used once in all."""
    # Whole days keep the address the same when the message is sent again.
    expires = int((now + VALID_FOR).timestamp()) // 86400
    token = seal.make_token(f"{act} {mention_id} {alert_id} {expires}", _PURPOSE)
    return f"{public_url.rstrip('/')}/act/{token}"


def link_to(seal: Seal, token: str, act: Act) -> str:
    """The token of another act beside this one, as the message has it too. Raises TokenError."""
    _, _, rest = seal.read_token(token, _PURPOSE).partition(" ")
    return seal.make_token(f"{act} {rest}", _PURPOSE)


def read_link(seal: Seal, token: str, now: datetime) -> Link:
    """What a link would do. Raises TokenError when it is not ours or too old."""
    act, mention_id, _, expires = seal.read_token(token, _PURPOSE).split(" ")
    if now.timestamp() >= (int(expires) + 1) * 86400:
        raise TokenError("a link that is too old")
    return Link(Act(act), int(mention_id))


def is_used(session: Session, seal: Seal, token: str) -> bool:
    """The link has done its act already."""
    return session.get(UsedLink, seal.hash(token, _PURPOSE)) is not None


def use_link(session: Session, seal: Seal, token: str, now: datetime) -> Mention:
    """Do what the link says, once, or open the case again; its mention. Raises TokenError, MentionNotFoundError."""
    link = read_link(seal, token, now)
    if is_used(session, seal, token):
        raise TokenError("a link that was used already")
    mention = get_mention(session, link.mention_id)
    # Those of long ago are too old to be used again anyway.
    session.execute(delete(UsedLink).where(UsedLink.used_at < now - VALID_FOR - timedelta(days=2)))
    if link.act != Act.OPEN:
        session.add(UsedLink(digest=seal.hash(token, _PURPOSE), used_at=now))
    if link.act == Act.NOT_NEGATIVE:
        relabel(session, mention.id, Label.NEUTRAL, now)
        return mention
    case = take_up(session, mention, now)
    if link.act == Act.HANDLED:
        move_case(session, case, CaseState.RESOLVED, now)
    elif case.state == CaseState.NEW:
        move_case(session, case, CaseState.ACKNOWLEDGED, now)
    return mention
