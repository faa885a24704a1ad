"""The choices that newsletter providers offer to those who leave, as our reason codes."""

from collections.abc import Mapping
from functools import lru_cache

from monitor.folding import fold
from monitor.types import ReasonCode

# Folded, by how they begin; anything else is the person's own words. None is a blank that has a name.
_CHOICES: Mapping[str, ReasonCode | None] = {
    "unspecified": None,
    "none given": None,
    "no reason": None,
    "not specified": None,
    "no longer interested": ReasonCode.NOT_RELEVANT,
    "i no longer want": ReasonCode.NOT_RELEVANT,
    "content not relevant": ReasonCode.NOT_RELEVANT,
    "not relevant": ReasonCode.NOT_RELEVANT,
    "not_interested": ReasonCode.NOT_RELEVANT,
    "lack_of_time": ReasonCode.TOO_MANY,
    "too many": ReasonCode.TOO_MANY,
    "frequency": ReasonCode.TOO_MANY,
    "email_address_change": ReasonCode.ADDRESS_CHANGE,
    "no longer your client": ReasonCode.NO_LONGER_CUSTOMER,
    "did not signup": ReasonCode.NEVER_SIGNED_UP,
    "did not sign up": ReasonCode.NEVER_SIGNED_UP,
    "never signed up": ReasonCode.NEVER_SIGNED_UP,
    "i never signed up": ReasonCode.NEVER_SIGNED_UP,
    "unsolicited": ReasonCode.NEVER_SIGNED_UP,
    "spam": ReasonCode.SPAM,
    "spammy content": ReasonCode.SPAM,
    "inappropriate content": ReasonCode.SPAM,
    "the emails are inappropriate": ReasonCode.SPAM,
    "the emails are spam": ReasonCode.SPAM,
    "email display problems": ReasonCode.DISPLAY,
}
# A choice with a few words behind it is still the choice; a sentence is not.
_LONGEST_CHOICE = 60


@lru_cache(maxsize=4096)
def map_reason(choice: str) -> tuple[ReasonCode | None, str]:
    """A provider's reason field as a code, or as the person's own words when it is no known choice."""
    folded = fold(choice).rstrip(".")
    if not folded:
        return None, ""
    if folded in set(ReasonCode):
        return ReasonCode(folded), ""
    for start, code in _CHOICES.items():
        # "Other: the offers never reach my city" is a choice and somebody's words in one field.
        if folded == start or (code is not None and folded.startswith(f"{start} ") and len(folded) < _LONGEST_CHOICE):
            return code, ""
    return None, choice.strip()


def settle_reason(choice: str, comment: str = "") -> tuple[ReasonCode | None, str]:
    """The reason and the words of a choice with a comment beside it: words say more than "other" does."""
    reason, words = map_reason(choice)
    said = comment.strip() or words
    return (None if reason is ReasonCode.OTHER and said else reason), said
