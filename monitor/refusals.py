"""Why a message or a call was not taken, in the words of a reader; the line of the error says more."""

import re
from collections.abc import Sequence
from typing import TypeVar

from monitor.wording import Words, isolated, say

Sentence = TypeVar("Sentence")

# The beginning of a line, and what it says; of several that fit the first counts.
REFUSALS: Sequence[tuple[str, str]] = (
    (r"the channel did not answer in time", say("The channel did not answer in time.")),
    (r"the channel cannot be reached", say("The channel could not be reached.")),
    (
        r"the channel did not accept the message \(status (?P<status>\d+)\)",
        say("The channel did not accept the message (code %(status)s)."),
    ),
    (
        r"the channel did not accept the message \((?P<line>.*)\)",
        say("The channel did not accept the message: %(line)s"),
    ),
    (r"the channel did not accept the message", say("The channel did not accept the message.")),
    (r"apprise does not know this kind of address", say("This kind of address is not known.")),
    (r"a (?:Bale|webhook's) address is (?P<example>\S+)", say("Such an address looks like %(example)s")),
    (r"one recipient a channel", say("A channel has one recipient: add the others as channels of their own.")),
    (r"the (?:channel|service)'s address cannot be used", say("The address is not written as it should be.")),
    (r"the service did not answer in time", say("The service did not answer in time.")),
    (r"the service cannot be reached", say("The service could not be reached.")),
    (
        r"the service did not accept it \(status (?P<status>\d+)\)",
        say("The service did not accept it (code %(status)s)."),
    ),
    (r"the service's host was not found", say("There is no such server.")),
    (
        r"address not allowed; list the host in allowed_hosts: '(?P<host>.*)'",
        say("%(host)s lies in a private network; it is called once allowed_hosts lists it."),
    ),
    (r"it waited too long", say("It waited too long and was erased.")),
    (r".* was kept under another key", say("It was kept under another secret key; restore the old one.")),
    (r"apprise failed|a bug stopped it", say("Something went wrong on our side; the log says more.")),
)


def first_fit(line: str, known: Sequence[tuple[str, Sentence]]) -> tuple[Sentence, dict[str, str]] | None:
    """The sentence that ``known`` has for a line, and the parts of the line that stand in it."""
    for beginning, sentence in known:
        if match := re.match(beginning, line):
            return sentence, match.groupdict()
    return None


def refusal(w: Words, line: str) -> str:
    """What a line says, in words; one without words as it is."""
    found = first_fit(line, REFUSALS)
    if found is None:
        return isolated(line)
    sentence, parts = found
    return w.say(sentence) % {name: isolated(_written(w, part)) for name, part in parts.items()}


def _written(w: Words, part: str) -> str:
    """A number in the digits of the language; any other text as it was found."""
    return w.digits(part) if part.isdecimal() else part
