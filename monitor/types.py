"""Frozen values, enumerations and protocols that cross packages.

The dataclasses say what we were told; what we keep is in :mod:`monitor.models`. Times are aware and in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol


class Role(StrEnum):
    """What a person may do; each may also do what those before it may."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Whether this role is enough where ``needed`` is asked for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Way(StrEnum):
    """How a person's change came to us; ``link`` is that of a message, where nobody logs in."""

    PAGE = "page"
    COMMAND = "command"
    LINK = "link"
    API = "api"


class Label(StrEnum):
    """How a text speaks, from the brand's point of view."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Kind(StrEnum):
    """What a text is; the model may be told it."""

    SEARCH_RESULT = "search_result"
    ARTICLE = "article"
    REVIEW = "review"
    SOCIAL = "social"
    COMMENT = "comment"
    UNSUBSCRIBE = "unsubscribe"


# What people say of their own accord, each in words of their own.
OPINIONS = (Kind.REVIEW, Kind.SOCIAL, Kind.COMMENT)


class Language(StrEnum):
    """``fa-latn`` is Persian in Latin letters (Finglish)."""

    PERSIAN = "fa"
    ENGLISH = "en"
    FINGLISH = "fa-latn"
    OTHER = "other"


class Topic(StrEnum):
    """What a mention is about."""

    QUALITY = "quality"
    DELIVERY = "delivery"
    SUPPORT = "support"
    PRICE = "price"
    REFUND = "refund"
    APP = "app"
    TRUST = "trust"
    PRIVACY = "privacy"
    OTHER = "other"


class ReasonCode(StrEnum):
    """Why someone left a list."""

    TOO_MANY = "too_many"
    NOT_RELEVANT = "not_relevant"
    NO_LONGER_CUSTOMER = "no_longer_customer"
    NEVER_SIGNED_UP = "never_signed_up"
    SPAM = "spam"
    BAD_EXPERIENCE = "bad_experience"
    PRICE = "price"
    PRIVACY = "privacy"
    ADDRESS_CHANGE = "address_change"
    DISPLAY = "display"
    OTHER = "other"


class Door(StrEnum):
    """How we learned that somebody left; ``one_click`` never saw our question, so its blank says nothing."""

    PAGE = "page"
    ONE_CLICK = "one_click"
    HOOK = "hook"
    PULL = "pull"
    FILE = "file"


class SendingBasis(StrEnum):
    """Who said how many mails were sent."""

    PULL = "pull"
    FILE = "file"
    PERSON = "person"


class Stayed(StrEnum):
    """What became of a leaving that was taken back on our own page."""

    UNDONE = "undone"
    FEWER = "fewer"


class FollowUpState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class FollowUpOutcome(StrEnum):
    """How a follow-up ended; ``do_not_contact`` holds for ever."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    CAME_BACK = "came_back"
    NOT_NEEDED = "not_needed"
    DO_NOT_CONTACT = "do_not_contact"


class SourceState(StrEnum):
    """How a source's last fetch went."""

    NEW = "new"
    OK = "ok"
    EMPTY = "empty"
    BLOCKED = "blocked"
    CHANGED = "changed"
    NO_PREVIEW = "no_preview"
    FAILING = "failing"


# The spiders that give first pages of search results; a test holds this to what there is.
SEARCH_SPIDERS = frozenset({"search", "brave", "serpapi"})
# The kinds of sources that bring leavings: what they are connected with opens a list of people.
PULL_SPIDERS = frozenset({"mailchimp", "listmonk"})
# What stands for the files that were brought in; nobody visits it.
FILE_SPIDER = "file"


class Basis(StrEnum):
    """What a loss band was counted from."""

    SEARCH_RESULTS = "search_results"
    MENTIONS = "mentions"
    NONE = "none"


class RuleKind(StrEnum):
    """What may be told at once, the graver first: a mention is told by the first rule that fits."""

    BAND_CROSSED = "band_crossed"
    ABUSE = "abuse"
    REPEAT_AUTHOR = "repeat_author"
    PAGE_ONE = "page_one"
    NEW_NEGATIVE = "new_negative"
    SPIKE = "spike"
    EARLY_WARNING = "early_warning"
    REASON_RISE = "reason_rise"
    SOURCE_TROUBLE = "source_trouble"


class NoticeKind(StrEnum):
    """An alert that no rule asked for: the product speaks of itself."""

    CHANNEL_FAILED = "channel_failed"
    MAILER_FAILED = "mailer_failed"
    DIGEST = "digest"


class Period(StrEnum):
    """What a digest sums up."""

    DAY = "day"
    WEEK = "week"


class Act(StrEnum):
    """What a link of a message does, once it is confirmed on the page it leads to."""

    OPEN = "open"
    HANDLED = "handled"
    NOT_NEGATIVE = "not_negative"


class DeliveryState(StrEnum):
    """``withdrawn``: a person's correction came before it was sent."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class CaseState(StrEnum):
    """What the team has done about a negative story."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    IGNORED = "ignored"


class Cause(StrEnum):
    """Why somebody complained, as the team found out."""

    MISUSE = "misuse"
    OVERPROMISED = "overpromised"
    PRODUCT = "product"
    SERVICE = "service"
    OTHER = "other"


class Step(StrEnum):
    """Good complaint handling, in this order."""

    LISTEN = "listen"
    TAKE_SERIOUSLY = "take_seriously"
    ASK_CAUSE = "ask_cause"
    EXPLAIN = "explain"
    MAKE_GOOD = "make_good"
    GESTURE = "gesture"


class Scope(StrEnum):
    """What a token of a program lets it do; each is given by itself."""

    READ = "read"
    WRITE = "write"
    ADDRESSES = "addresses"
    METRICS = "metrics"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Sentiment:
    """``scores`` maps each label to its probability; ``score`` is that of ``label``."""

    label: Label
    score: float
    scores: dict[Label, float]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody left, with its probability."""

    code: ReasonCode
    score: float


@dataclass(frozen=True, slots=True)
class Text:
    """What a classifier is given; ``kind`` where it is known."""

    text: str
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class TextLabels:
    """What a classifier says of one text."""

    language: Language
    sentiment: Sentiment
    topic: Topic


@dataclass(frozen=True, slots=True)
class CommentLabels:
    """What a classifier says of the words of one person who left."""

    reason: Reason
    topic: Topic


class TextLabeller(Protocol):
    """Labels texts in the order given; :mod:`nlp.labeller` has the real one."""

    name: str

    def label(self, texts: Sequence[Text]) -> list[TextLabels]: ...

    def comments(self, comments: Sequence[str]) -> list[CommentLabels]: ...


@dataclass(frozen=True, slots=True)
class MentionData:
    """One public text as a spider found it.

    ``external_id`` is the site's own identifier, unique within the source's host; without one, ``url`` and the text
    identify it. ``rating`` runs from 0 to 1. ``source_id`` is None when a spider is run by hand.
    """

    kind: Kind
    url: str
    text: str
    title: str = ""
    external_id: str = ""
    author: str = ""
    published_at: datetime | None = None
    rating: float | None = None
    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class SearchResultData:
    """One organic result; ``position`` counts from 1."""

    position: int
    url: str
    title: str
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class SearchPageData:
    """The first page of results for one query at one moment.

    ``error`` is set when the engine gave no trustworthy page; ``results`` is empty then and says nothing.
    """

    query: str
    engine: str
    taken_at: datetime
    results: tuple[SearchResultData, ...] = ()
    error: str = ""
    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class ArticleData:
    """The main text of a page found in a feed or a search; ``error`` says why there is none.

    ``again_in`` is after how many seconds it may be asked for again, None when asking again would change nothing.
    """

    url: str
    text: str = ""
    title: str = ""
    published_at: datetime | None = None
    error: str = ""
    again_in: float | None = None


@dataclass(frozen=True, slots=True)
class RatingData:
    """A page's own aggregate rating, 0 to 1, over ``count`` ratings."""

    url: str
    rating: float
    count: int
    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class FetchReport:
    """How one fetch of one source went; the last item a spider yields for it.

    ``url`` is where it was read, which for a site is the feed that it names. ``warnings`` are entries that were left
    out, one line each. ``error`` is one line for the owner. ``retry_after`` is in seconds, as the site asked. ``etag``
    and ``last_modified`` go back with the next request.
    """

    source_id: int
    state: SourceState
    url: str = ""
    found: int = 0
    unchanged: bool = False
    warnings: tuple[str, ...] = ()
    error: str = ""
    etag: str = ""
    last_modified: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class RobotsData:
    """The robots.txt of an origin (``https://host:port``); ``text`` is empty when there is none."""

    origin: str
    text: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class SourceTask:
    """A source that is due, as a spider needs it; ``since`` is when it was read well last."""

    id: int
    spider: str
    url: str
    options: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnsubscribeData:
    """One person leaving one list once, as a provider told it.

    ``subscriber`` is an e-mail address or the provider's identifier; it is kept sealed, for a time, beside a keyed
    hash. ``comment`` is the person's own words, ``reason`` the provider's choice where it maps to a code.
    ``external_id`` is the provider's own name of this event.
    """

    subscriber: str
    left_at: datetime
    list_name: str = ""
    campaign: str = ""
    provider: str = ""
    reason: ReasonCode | None = None
    comment: str = ""
    external_id: str = ""
    segment: str = ""
    door: Door = Door.FILE
    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class SendingData:
    """How many mails of one campaign went to one list, as a provider counts them.

    ``external_id`` is the provider's own name of the campaign; without one, list, campaign and day identify it.
    """

    count: int
    sent_at: datetime
    list_name: str = ""
    campaign: str = ""
    provider: str = ""
    external_id: str = ""
    basis: SendingBasis = SendingBasis.PULL
    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One alert as one channel gets it.

    ``html`` is a whole document, right to left where the language is. ``data`` is the same for programs. ``key`` is
    equal when the same message is sent again, so that a receiver can drop the second.
    """

    subject: str
    text: str
    html: str
    data: dict[str, Any] = field(default_factory=dict)
    key: str = ""


class MessageSender(Protocol):
    """Sends one message to one address or raises :class:`monitor.errors.DeliveryError`."""

    def send(self, address: str, message: Message) -> None: ...
