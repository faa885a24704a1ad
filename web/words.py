"""The codes of the product in the reader's words."""

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from monitor.types import (
    FILE_SPIDER,
    CaseState,
    Cause,
    DeliveryState,
    FollowUpOutcome,
    Kind,
    Label,
    Language,
    ReasonCode,
    Role,
    RuleKind,
    Scope,
    SendingBasis,
    SourceState,
    Step,
    Topic,
)

LABELS: Mapping[str, LazyString] = {
    Label.NEGATIVE: _("negative"),
    Label.NEUTRAL: _("neutral"),
    Label.POSITIVE: _("positive"),
}
UNCERTAIN = _("uncertain")
UNLABELLED = _("not labelled yet")

KINDS: Mapping[str, LazyString] = {
    Kind.SEARCH_RESULT: _("search result"),
    Kind.ARTICLE: _("article"),
    Kind.REVIEW: _("review"),
    Kind.SOCIAL: _("social post"),
    Kind.COMMENT: _("comment"),
}

LANGUAGES: Mapping[str, LazyString] = {
    Language.PERSIAN: _("Persian"),
    Language.ENGLISH: _("English"),
    Language.FINGLISH: _("Finglish"),
    Language.OTHER: _("another language"),
}

TOPICS: Mapping[str, LazyString] = {
    Topic.QUALITY: _("quality"),
    Topic.DELIVERY: _("delivery"),
    Topic.SUPPORT: _("support"),
    Topic.PRICE: _("price"),
    Topic.REFUND: _("refund"),
    Topic.APP: _("app and site"),
    Topic.TRUST: _("trust"),
    Topic.PRIVACY: _("privacy"),
    Topic.OTHER: _("other"),
}

ROLES: Mapping[str, LazyString] = {
    Role.VIEWER: _("viewer"),
    Role.ANALYST: _("analyst"),
    Role.ADMIN: _("admin"),
}
ROLE_MEANINGS: Mapping[str, LazyString] = {
    Role.VIEWER: _("reads all pages and changes nothing"),
    Role.ANALYST: _("also corrects labels and works on cases"),
    Role.ADMIN: _("also manages people, channels and settings"),
}
SCOPES: Mapping[str, LazyString] = {
    Scope.READ: _("read"),
    Scope.WRITE: _("change"),
    Scope.ADDRESSES: _("addresses"),
    Scope.METRICS: _("figures for monitoring"),
    Scope.FEED: _("feed of new negatives"),
}
SCOPE_MEANINGS: Mapping[str, LazyString] = {
    Scope.READ: _("brands, mentions, search results, cases, why people leave"),
    Scope.WRITE: _("labels, cases, pausing a source, unsubscribe links"),
    Scope.ADDRESSES: _("also sees the addresses of people who left"),
    Scope.METRICS: _("for Prometheus on another machine"),
    Scope.FEED: _("for a feed reader; needs a token of its own"),
}
ROLE_SENTENCES: Mapping[str, LazyString] = {
    Role.VIEWER: _("As a viewer you read all pages and change nothing."),
    Role.ANALYST: _("As an analyst you correct labels and work on cases; people and settings are for admins."),
    Role.ADMIN: _("As an admin you may do everything."),
}

CASE_STATES: Mapping[str, LazyString] = {
    CaseState.NEW: _("new"),
    CaseState.ACKNOWLEDGED: _("seen"),
    CaseState.ANSWERED: _("answered"),
    CaseState.RESOLVED: _("resolved"),
    CaseState.IGNORED: _("put aside"),
}

CAUSES: Mapping[str, LazyString] = {
    Cause.MISUSE: _("it was not used as it should be"),
    Cause.OVERPROMISED: _("more was promised than was true"),
    Cause.PRODUCT: _("the product"),
    Cause.SERVICE: _("the service"),
    Cause.OTHER: _("something else"),
}

STEPS: Mapping[str, LazyString] = {
    Step.LISTEN: _("We listened to the end"),
    Step.TAKE_SERIOUSLY: _("We said that we take it seriously"),
    Step.ASK_CAUSE: _("We asked for the cause"),
    Step.EXPLAIN: _("We explained, and promised what we can keep"),
    Step.MAKE_GOOD: _("We made it good"),
    Step.GESTURE: _("We added a gesture"),
}

REASONS: Mapping[str, LazyString] = {
    ReasonCode.TOO_MANY: _("too many e-mails"),
    ReasonCode.NOT_RELEVANT: _("not relevant"),
    ReasonCode.NO_LONGER_CUSTOMER: _("no longer a customer"),
    ReasonCode.NEVER_SIGNED_UP: _("never signed up"),
    ReasonCode.SPAM: _("spam"),
    ReasonCode.BAD_EXPERIENCE: _("bad experience"),
    ReasonCode.PRICE: _("price"),
    ReasonCode.PRIVACY: _("privacy"),
    ReasonCode.ADDRESS_CHANGE: _("address change"),
    ReasonCode.DISPLAY: _("does not display well"),
    ReasonCode.OTHER: _("other"),
    "": _("no answer"),
}

# What a reason says of the sender.
MEANINGS: Mapping[str, LazyString] = {
    ReasonCode.TOO_MANY: _("They may like you, but you write more often than they want to read."),
    ReasonCode.NOT_RELEVANT: _("The e-mails are about something other than what they came for."),
    ReasonCode.NO_LONGER_CUSTOMER: _(
        "They no longer need what you sell. There is nothing to repair; greet them once, three to six months later."
    ),
    ReasonCode.NEVER_SIGNED_UP: _("They do not remember that they agreed, or they never did."),
    ReasonCode.SPAM: _("To them the e-mail looked like one nobody asked for; their providers hear of it too."),
    ReasonCode.BAD_EXPERIENCE: _("Something went wrong between you. The next step may be a public review."),
    ReasonCode.PRICE: _("What you offer seems to cost more than it is worth to them."),
    ReasonCode.PRIVACY: _("They do not trust you with what you know of them. The next step may be a complaint."),
    ReasonCode.ADDRESS_CHANGE: _("They only moved to another address. There is nothing to repair."),
    ReasonCode.DISPLAY: _("They could not read the e-mail as it arrived."),
    ReasonCode.OTHER: _("It fits none of the reasons; their own words say more."),
    "": _("They gave no reason, and none is guessed."),
}

# The newsletter services by their own names.
PROVIDERS: Mapping[str, LazyString | str] = {
    "activecampaign": "ActiveCampaign",
    "brevo": "Brevo",
    "file": _("a file"),
    "generic": _("another sender"),
    "getresponse": "GetResponse",
    "klaviyo": "Klaviyo",
    "listmonk": "listmonk",
    "mailchimp": "Mailchimp",
    "mailgun": "Mailgun",
    "mautic": "Mautic",
    "page": _("our own page"),
    "postmark": "Postmark",
    "sendgrid": "SendGrid",
    "ses": "Amazon SES",
    "webhook": _("a signed hook"),
}

# Who counted the mails that were sent.
SENDING_BASES: Mapping[str, LazyString] = {
    SendingBasis.PULL: _("the newsletter service"),
    SendingBasis.FILE: _("a file"),
    SendingBasis.PERSON: _("typed by hand"),
}

# What a sender can do about a reason; the reasons missing here are nobody's fault.
ADVICE: Mapping[str, LazyString] = {
    ReasonCode.TOO_MANY: _("Send less often, or let people choose how often."),
    ReasonCode.NOT_RELEVANT: _("Split the list by interest, and send each part what it asked for."),
    ReasonCode.NEVER_SIGNED_UP: _("Ask for a confirmation at sign-up, and look at where these addresses come from."),
    ReasonCode.SPAM: _("Say at the top of each e-mail why it came, and make leaving easy."),
    ReasonCode.BAD_EXPERIENCE: _("Read their words; someone in support should call."),
    ReasonCode.PRICE: _("Tell what the price includes; offer those who leave a smaller plan."),
    ReasonCode.PRIVACY: _("Say plainly what you keep, and delete what you do not need."),
    ReasonCode.DISPLAY: _("Open the last e-mail on an old phone, right to left, with images off."),
}

# How a follow-up ended.
OUTCOMES: Mapping[str, LazyString] = {
    FollowUpOutcome.ANSWERED: _("they answered"),
    FollowUpOutcome.NO_ANSWER: _("no reply came"),
    FollowUpOutcome.CAME_BACK: _("they came back"),
    FollowUpOutcome.NOT_NEEDED: _("not needed"),
    FollowUpOutcome.DO_NOT_CONTACT: _("do not contact"),
}

SPIDERS: Mapping[str, LazyString] = {
    "feed": _("feed"),
    "reviews": _("page of reviews"),
    "search": _("search, page one"),
    "article": _("article page"),
    "appstore": _("App Store"),
    "bazaar": _("Cafe Bazaar"),
    "bluesky": _("Bluesky"),
    "brave": _("Brave search, page one"),
    "digikala": _("Digikala"),
    "discourse": _("Discourse forum"),
    "generic": _("page by selectors"),
    "googleplay": _("Google Play"),
    "hackernews": _("Hacker News"),
    "listmonk": _("listmonk"),
    "mailchimp": _("Mailchimp"),
    "mastodon": _("Mastodon"),
    "myket": _("Myket"),
    "reddit": _("Reddit"),
    "reddit_api": _("Reddit"),
    "serpapi": _("Google through SerpApi, page one"),
    "sitemap": _("sitemap of reviews"),
    "snappfood": _("Snappfood"),
    "telegram": _("Telegram channel"),
    "trustpilot": _("Trustpilot"),
    "wordpress": _("WordPress comments"),
    "youtube": _("YouTube comments"),
}

# What was asked in a search; one without a word here has its own name.
ENGINES: Mapping[str, LazyString] = {FILE_SPIDER: _("a file")}

# What a place asks for before it answers; one without a word here stands for itself.
OPTIONS: Mapping[str, LazyString] = {
    "api_key": _("Key of its interface"),
    "app_password": _("App password"),
    "user": _("Your name there"),
    "feed_token": _("Token of your feed"),
    "client_id": _("Number of your app there"),
    "client_key": _("Secret of your app there"),
}

SOURCE_STATES: Mapping[str, LazyString] = {
    SourceState.NEW: _("not visited yet"),
    SourceState.OK: _("in order"),
    SourceState.EMPTY: _("nothing there"),
    SourceState.BLOCKED: _("it turns us away"),
    SourceState.CHANGED: _("its pages have changed"),
    SourceState.NO_PREVIEW: _("no public preview"),
    SourceState.FAILING: _("no usable answer"),
}

# When each rule speaks.
RULES: Mapping[str, LazyString] = {
    RuleKind.BAND_CROSSED: _("the loss band changes"),
    RuleKind.ABUSE: _("somebody abuses or threatens"),
    RuleKind.REPEAT_AUTHOR: _("somebody complains again and again"),
    RuleKind.PAGE_ONE: _("a new negative result is on page one"),
    RuleKind.NEW_NEGATIVE: _("there is a new negative text"),
    RuleKind.SPIKE: _("there are more negatives than usual"),
    RuleKind.EARLY_WARNING: _("bad experiences rise among those who leave, before reviews"),
    RuleKind.REASON_RISE: _("more people leave for one reason"),
    RuleKind.SOURCE_TROUBLE: _("a source is in trouble"),
}

DIRECTIONS: Mapping[str, LazyString] = {"both": _("up or down"), "up": _("up"), "down": _("down")}
SENSITIVITIES: Mapping[str, LazyString] = {
    "1.5": _("at a small rise"),
    "2.0": _("at a clear rise"),
    "3.0": _("only at a great rise"),
}

DELIVERY_STATES: Mapping[str, LazyString] = {
    DeliveryState.WAITING: _("waiting"),
    DeliveryState.SENT: _("sent"),
    DeliveryState.FAILED: _("given up"),
    DeliveryState.WITHDRAWN: _("withdrawn after a correction"),
}


def word(words: Mapping[str, LazyString] | Mapping[str, LazyString | str], code: str) -> str:
    """The word for a code; a code without one, from a newer part of the product, stands for itself."""
    return str(words.get(code, code))
