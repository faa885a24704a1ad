"""The shapes of what goes in and out; the fields out are those of monitor.records."""

import re
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from monitor.leaving import LONGEST_COMMENT
from monitor.mention_list import NO_CASE, UNCERTAIN
from monitor.moments import in_our_time
from monitor.types import (
    Basis,
    CaseState,
    Cause,
    Door,
    Kind,
    Label,
    Language,
    ReasonCode,
    SourceState,
    Stayed,
    Step,
    Topic,
)
from web.ids import LARGEST_ID

MOST_ROWS = 200
_KINDS = [kind.value for kind in Kind if kind is not Kind.UNSUBSCRIBE]
# No text has control characters for a reason.
_ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
_PART = r'[^@\s,;<>"\x00-\x1f\x7f-\x9f]+'
_ADDRESS = f"^{_PART}@{_PART}$"
_ADDRESS_OR_NONE = f"^({_PART}@{_PART})?$"
# JSON can spell half a letter, which no database keeps and no answer can be written with.
_HALF = re.compile("[\ud800-\udfff]")
_OUR_TIME = "^(199[0-9]|20[0-9][0-9])-"


def _about(help: str) -> dict[str, str]:
    return {"description": help} if help else {}


class _Form(validate.Regexp):
    """The whole text is of this form, which is documented; Python's own ``$`` would let one more line break pass."""

    def __call__(self, value: Any) -> Any:
        if self.regex.fullmatch(value) is None or _HALF.search(value):
            raise ValidationError(self.error)
        return value


def _text(help: str, longest: int, least: int = 0, form: str = _ONE_LINE, **more: Any) -> fields.String:
    checks = [_Form(form), validate.Length(min=least, max=longest)]
    return fields.String(validate=checks, metadata=_about(help), **more)


def _one_of(values: Any, help: str, **more: Any) -> fields.String:
    chosen = [getattr(value, "value", value) for value in values]
    return fields.String(validate=validate.OneOf(chosen), metadata=_about(help), **more)


def _id(help: str, **more: Any) -> fields.Integer:
    return fields.Integer(validate=validate.Range(min=1, max=LARGEST_ID), metadata=_about(help), **more)


class Moment(fields.AwareDateTime):
    """In UTC; some at the two ends of the calendar cannot be brought there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return super()._deserialize(value, attr, data, **kwargs).astimezone(UTC)
        except OverflowError as e:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE) from e


def _moment(help: str, **more: Any) -> Moment:
    return Moment(format="iso", default_timezone=UTC, metadata=_about(help), **more)


def _moment_of_ours(help: str) -> Moment:
    """One that is kept: every page must be able to say it, on both calendars."""
    return Moment(
        format="iso",
        default_timezone=UTC,
        validate=_check_our_time,
        metadata={**_about(help), "pattern": _OUR_TIME},
    )


def _check_our_time(moment: datetime) -> None:
    try:
        in_our_time(moment)
    except ValueError as e:
        raise ValidationError("Not a moment from 1990 to 2099.") from e


def _said(help: str, **more: Any) -> fields.String:
    return fields.String(metadata=_about(help), **more)


def _count(help: str, **more: Any) -> fields.Integer:
    return fields.Integer(metadata=_about(help), **more)


class TrueOrFalse(fields.Boolean):
    """JSON's own, not the many other spellings that marshmallow takes."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class WholeNumber(fields.Integer):
    """JSON's own: 1.0 is one, "1" and true are none."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String()
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String()
    errors = fields.Dict(metadata={"description": "What is wrong with which field, by place and name."})


class BrandSchema(Schema):
    id = _count("")
    name = _said("")
    aliases = fields.List(fields.String(), metadata={"description": "Other spellings."})
    # Schema.exclude is marshmallow's own.
    excluded = fields.List(
        fields.String(),
        attribute="exclude",
        data_key="exclude",
        metadata={"description": "Phrases in which the name means something else."},
    )
    is_rival = fields.Boolean()
    created_at = _moment("Since when it is watched.")


class SourceSchema(Schema):
    id = _count("")
    brand_id = _count("Null for one that serves every brand.", allow_none=True)
    spider = _said("The kind of source.")
    url = _said("")
    paused = fields.Boolean()
    interval = _count("Seconds between two visits.")
    state = _one_of(SourceState, "How the last visit went.")
    state_since = _moment("")
    error = _said("One line for the owner; empty when all is well.")
    warnings = _count("Entries that the last visit left out.")
    found = _count("Entries that the last visit found.")
    failures = _count("Visits in a row that failed.")
    checked_at = _moment("The last visit.", allow_none=True)
    next_at = _moment("The next visit.")


class MentionSchema(Schema):
    id = _count("")
    brand_id = _count("")
    source_id = _count("Null when the source was removed.", allow_none=True)
    kind = _one_of(_KINDS, "What the text is.")
    url = _said("Where it stands.")
    title = _said("")
    text = _said("As found.")
    author = _said("Empty when unknown.")
    rating = fields.Float(allow_none=True, metadata={"description": "The author's own, 0 to 1."})
    published_at = _moment("As the site says; null when it does not.", allow_none=True)
    seen_at = _moment("When it was found.")
    story = _said("Equal for texts that tell the same.")
    language = _one_of(Language, "", allow_none=True)
    label = _one_of(Label, "From the brand's point of view; null while it waits for one.", allow_none=True)
    score = fields.Float(allow_none=True, metadata={"description": "The probability of the label, 0 to 1."})
    certain = fields.Boolean(metadata={"description": "Whether the label counts: by a person, or sure enough."})
    topic = _one_of(Topic, "", allow_none=True)
    words = fields.List(fields.String(), metadata={"description": "The words that decided, where they are known."})
    labelled_by = _said("`person`, or the name of the model.", allow_none=True)
    labelled_at = _moment("", allow_none=True)


class SearchResultSchema(Schema):
    position = _count("1 to 10.")
    title = _said("")
    snippet = _said("")
    url = _said("")
    mention_id = _count("")
    label = _one_of(Label, "That of the mention behind it.", allow_none=True)
    score = fields.Float(allow_none=True)
    certain = fields.Boolean()


class SearchPageSchema(Schema):
    page_id = _count("")
    brand_id = _count("")
    source_id = _count("Null when the search was removed.", allow_none=True)
    query = _said("")
    engine = _said("")
    taken_at = _moment("")
    error = _said("Why the page says nothing: a gap, never zero negatives. Empty when it was read.")
    results = fields.List(fields.Nested(SearchResultSchema))


class UnsubscribeSchema(Schema):
    id = _count("")
    brand_id = _count("")
    left_at = _moment("")
    list_name = _said("")
    campaign = _said("")
    segment = _said("")
    provider = _said("Who told us.")
    door = _one_of((*Door, ""), "How we learned of it.")
    reason = _one_of(ReasonCode, "Null where nothing was said: a blank is never guessed.", allow_none=True)
    reason_score = fields.Float(allow_none=True)
    reason_by = _said("`subscriber`, `provider`, `person`, or the name of the model.", allow_none=True)
    comment = _said("Their own words.")
    stayed = _one_of(Stayed, "How the leaving was taken back; null when it was not.", allow_none=True)
    address = _said("Null unless it was asked for, may be seen and is still kept.", allow_none=True)


class CaseSchema(Schema):
    id = _count("")
    brand_id = _count("")
    state = _one_of(CaseState, "")
    late = fields.Boolean(metadata={"description": "Not answered, and its time is over."})
    owner = _said("")
    cause = _one_of(Cause, "Why somebody complained, as the team found out.", allow_none=True)
    offered = _said("What was offered to make good.")
    steps = fields.List(_one_of(Step, ""), metadata={"description": "The steps that were taken."})
    opened_at = _moment("")
    due_at = _moment("By when it should be answered.")
    acknowledged_at = _moment("", allow_none=True)
    answered_at = _moment("", allow_none=True)
    closed_at = _moment("", allow_none=True)
    mention_id = _count("The text that opened it.")
    story = _said("")
    title = _said("")
    url = _said("")
    author = _said("")


class TroubleSchema(Schema):
    id = _count("")
    url = _said("")
    state = _one_of(SourceState, "")
    error = _said("")


class StandingSchema(Schema):
    brand = _said("")
    brand_id = _count("")
    basis = _one_of(Basis, "What the figure was counted from; `mentions` is a rough stand-in.")
    negatives = _count("Null when nothing may be said, such as after a search that failed.", allow_none=True)
    results = _count("How many results, or stories, were looked at.", allow_none=True)
    uncertain = _count("Results that count as nobody's negative because the model was not sure.")
    band = _count("The least number of negatives in the same band.", allow_none=True)
    share_lost = fields.Float(
        allow_none=True, metadata={"description": "Up to how many percent of prospects may turn away."}
    )
    share_reach = fields.Float(
        allow_none=True,
        metadata={"description": "More than share_lost where the study gives this count no figure of its own."},
    )
    taken_at = _moment("", allow_none=True)
    error = _said("Why there is no figure.")
    open_cases = _count("")
    late_cases = _count("")
    sources_in_trouble = fields.List(fields.Nested(TroubleSchema))


class StatusSchema(Schema):
    brands = fields.List(fields.Nested(StandingSchema))
    seconds_behind = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "For each step the age of the oldest thing that waits."},
    )
    late = fields.List(fields.String(), metadata={"description": "The steps that are behind more than they should."})


class LinkSchema(Schema):
    url = _said("The person's page; the link never ends and is the same each time.")
    headers = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "RFC 2369 and RFC 8058; the sender's DKIM signature must cover both."},
    )


def page_of(item: type[Schema]) -> type[Schema]:
    """The shape of one page of a list."""
    name = item.__name__.removesuffix("Schema") + "PageSchema"
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item)),
            "next": _said("What `after` is for the next page; null on the last.", allow_none=True),
        },
        name=name,
    )


class Strict(Schema):
    """What comes in: a name that we do not know is an error that names it."""

    class Meta:
        unknown = RAISE


class BrandQuery(Strict):
    brand = _id("Whose; needed when several brands of your own are watched.")


class PageQuery(BrandQuery):
    after = fields.String(
        validate=validate.Regexp(r"^[0-9]{1,18}-[0-9]{1,18}$"), metadata={"description": "`next` of the page before."}
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=MOST_ROWS),
        metadata={"description": "Rows on a page."},
    )


class SpanQuery(PageQuery):
    since = _moment("From this moment on.")
    until = _moment("Before this moment.")


class MentionQuery(PageQuery):
    """As on the page Mentions."""

    label = _one_of((*Label, UNCERTAIN), "As the page calls it: a label that is not sure enough is `uncertain`.")
    kind = _one_of(_KINDS, "")
    language = _one_of(Language, "")
    topic = _one_of(Topic, "")
    source_id = _id("Of this source only.", data_key="source")
    since = _moment("Found from this moment on.")
    said_from = _moment("Said from this moment on.")
    said_before = _moment("Said before this moment.")
    least_score = fields.Float(
        validate=validate.Range(min=0, max=1), metadata={"description": "Least probability of the label."}
    )
    case = _one_of((*CaseState, NO_CASE), "The state of the story's case; `none` for no case.")
    author = _text("", 500)
    site = _text("The host of its address.", 200)
    story = _text("", 64)
    words = _text('All of these words, however they are typed; `"a phrase"`, `-without`, `begin*`.', 200)


class SearchPageQuery(SpanQuery):
    source_id = _id("Of this search only.", data_key="source")


class UnsubscribeQuery(SpanQuery):
    reason = _one_of(ReasonCode, "")
    list_name = _text("", 200, data_key="list")
    campaign = _text("", 200)
    provider = _text("", 40)
    addresses = fields.Boolean(
        load_default=False, metadata={"description": "With the addresses that are still kept; asks for that scope."}
    )


class CaseQuery(SpanQuery):
    state = _one_of(CaseState, "")
    owner = _text("", 100)


class LabelBody(Strict):
    label = _one_of(Label, "Holds for every copy of the story; no model changes it.", required=True)


class CaseBody(Strict):
    """What is left out stays as it is."""

    state = _one_of(CaseState, "")
    owner = _text("", 100)
    cause = _one_of(Cause, "")
    offered = _text("", LONGEST_COMMENT, form=_LINES)
    due_at = _moment_of_ours("From 1990 to 2099.")
    steps = fields.List(_one_of(Step, ""), validate=validate.Length(max=len(Step)))
    note = _text("Written beside what is there already.", LONGEST_COMMENT, least=1, form=_LINES)


class SourceBody(Strict):
    paused = TrueOrFalse(required=True)


class LinkBody(Strict):
    brand = WholeNumber(
        validate=validate.Range(min=1, max=LARGEST_ID),
        metadata={"description": "Whose list; needed when several brands of your own are watched."},
    )
    address = _text("Who gets the mail.", 320, least=1, form=_ADDRESS, required=True)
    list_name = _text("", 200, data_key="list", load_default="")
    campaign = _text("The mail.", 200, load_default="")
    mailto = _text(
        "An address that takes removals by mail, for the header.", 320, form=_ADDRESS_OR_NONE, load_default=""
    )
