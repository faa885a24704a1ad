"""The tables. Source columns first (what we were told), then our own."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Computed, DateTime, Dialect, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from monitor.types import SourceState


class UTCDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out; a naive time is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no zone: what went in was UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: JSON, list[str]: JSON, dict[str, str]: JSON}


class Brand(Base):
    """A name that is watched, our own or a rival's.

    ``leads`` a month, of whom ``closing_rate`` percent buy, each worth ``customer_value`` in ``currency``: what the
    loss band costs in money, once all three are known. ``new_names`` says of the aliases that were added later since
    when they are looked for; the other names are, since there is the brand.
    """

    __tablename__ = "brands"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    aliases: Mapped[list[str]] = mapped_column(default=list)
    exclude: Mapped[list[str]] = mapped_column(default=list)
    new_names: Mapped[dict[str, str]] = mapped_column(default=dict)
    is_rival: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    leads: Mapped[float | None]
    closing_rate: Mapped[float | None]
    customer_value: Mapped[float | None]
    currency: Mapped[str] = mapped_column(String(20), default="", server_default="")


class Person(Base):
    """Somebody who may log in; never removed, only disabled, so that what they did keeps their name.

    ``password_hash`` is empty until a link has been used to set it. ``totp_secret`` is sealed, empty without a second
    factor; ``totp_step`` is the last time step whose code was used, and ``recovery_codes`` are digests of the codes
    that are left. An empty ``language`` is the setting's.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(10))
    password_hash: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(5), default="")
    latin_digits: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str] = mapped_column(Text, default="")
    totp_step: Mapped[int] = mapped_column(default=0)
    recovery_codes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Login(Base):
    """One browser in which a person is logged in; ``digest`` is that of the token in its cookie."""

    __tablename__ = "logins"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    browser: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class LoginTry(Base):
    """Tries to log in under one address since the last that went well, whether anybody has it or not."""

    __tablename__ = "login_tries"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]


class Invitation(Base):
    """A link that lets somebody set a password once; ``digest`` is that of its token.

    It brings in a new person in ``role``, or ``person`` back in, whose role stays.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(10), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    person: Mapped[Person | None] = relationship()


class AuditEntry(Base):
    """Who changed what, in short and without secrets.

    ``who`` is the name at that time; ``way`` says how it was done, see :class:`monitor.types.Way`. ``kind`` is the
    table of the thing and ``thing`` names it.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_of_person", "person_id", "id"),
        Index("ix_audit_entries_of_thing", "kind", "thing", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    who: Mapped[str] = mapped_column(String(100), default="")
    way: Mapped[str] = mapped_column(String(10))
    act: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(40))
    thing: Mapped[str] = mapped_column(String(200))
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Preference(Base):
    """A setting that was changed in the browser; see :mod:`monitor.preferences`."""

    __tablename__ = "preferences"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Source(Base):
    """One place that is watched.

    ``matches_text`` false means that all it gives is about its brand (a page of reviews, a search for the name);
    true means that a text counts for every brand it names. ``first_look_done_at`` is empty until a fetch has gone
    well: what is found before then is history and alerts nobody. ``good_at`` is when one went well last.
    """

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("spider", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    spider: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, str]] = mapped_column(default=dict)
    matches_text: Mapped[bool] = mapped_column(default=True)
    interval: Mapped[int]
    paused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(20), default=SourceState.NEW)
    state_since: Mapped[datetime]
    error: Mapped[str] = mapped_column(Text, default="")
    warnings: Mapped[list[str]] = mapped_column(default=list)
    found: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    checked_at: Mapped[datetime | None]
    first_look_done_at: Mapped[datetime | None]
    good_at: Mapped[datetime | None]
    next_at: Mapped[datetime] = mapped_column(index=True)
    leased_until: Mapped[datetime | None]

    brand: Mapped[Brand | None] = relationship()


class SourceTrial(Base):
    """A link that somebody pasted, visited once before it is kept, or a source that is kept and tried again.

    ``state`` is empty while the visit is under way; ``texts`` are the first ones it gave.
    """

    __tablename__ = "source_trials"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    spider: Mapped[str] = mapped_column(String(40))
    url: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, str]] = mapped_column(default=dict)
    matches_text: Mapped[bool] = mapped_column(default=True)
    begun_at: Mapped[datetime]

    state: Mapped[str] = mapped_column(String(20), default="")
    error: Mapped[str] = mapped_column(Text, default="")
    found: Mapped[int] = mapped_column(default=0)
    texts: Mapped[list[str]] = mapped_column(default=list)


class RobotsText(Base):
    """What the robots.txt of an origin said, so that it is not asked for at every visit."""

    __tablename__ = "robots_texts"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    text: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime] = mapped_column(index=True)


class Mention(Base):
    """One public text about one brand, kept once as it was found.

    ``key`` identifies the text for its brand; ``twin`` does so for a post that came back under another id.
    ``story`` is equal for texts that tell the same thing. ``body`` is the page's main text, fetched after a feed or a
    search named the page; ``body_at`` is when it was fetched or given up, ``body_due_at`` when a page that could not be
    had for now is asked for again. ``history`` marks what a source's first look found, or could have; ``told_at`` what
    an alert has told, and ``alert_id`` which one; ``words`` are those that decided, where they are known. The rows that
    wait: ``grouped_at`` empty for its story, ``labelled_at`` for a label, ``decided_at`` for the rules; ``signature``
    says how alike it is to others, see :mod:`monitor.shingles`. ``said_at`` is when it was published, or seen where it
    does not say.
    """

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("brand_id", "key"),
        Index("ix_mentions_twin", "brand_id", "twin"),
        Index("ix_mentions_newest", "brand_id", "seen_at"),
        # The lists run from what was said last, narrowed by one of these.
        Index("ix_mentions_said", "brand_id", "said_at"),
        Index(
            "ix_mentions_label",
            "brand_id",
            "label",
            "said_at",
            "id",
            "score",
            "labelled_by",
            "story",
            "author",
            "topic",
        ),
        Index("ix_mentions_topic", "brand_id", "topic", "said_at"),
        Index("ix_mentions_kind", "brand_id", "kind", "said_at"),
        Index("ix_mentions_language", "brand_id", "language", "said_at"),
        Index("ix_mentions_source", "brand_id", "source_id", "said_at"),
        Index("ix_mentions_author", "brand_id", "author", "said_at"),
        Index("ix_mentions_story", "brand_id", "story", "said_at"),
        Index("ix_mentions_unlabelled", "labelled_at", "id"),
        Index("ix_mentions_undecided", "decided_at", "id"),
        Index("ix_mentions_bodiless", "body_at", "id"),
        Index("ix_mentions_ungrouped", "grouped_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="SET NULL"), index=True)
    key: Mapped[str] = mapped_column(String(64))
    twin: Mapped[str] = mapped_column(String(64), default="")
    kind: Mapped[str] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text, default="")
    rating: Mapped[float | None]
    published_at: Mapped[datetime | None]
    body: Mapped[str] = mapped_column(Text, default="")

    seen_at: Mapped[datetime]
    said_at: Mapped[datetime] = mapped_column(Computed("coalesce(published_at, seen_at)"))
    story: Mapped[str] = mapped_column(String(64))
    signature: Mapped[bytes | None]
    grouped_at: Mapped[datetime | None]
    history: Mapped[bool] = mapped_column(default=False)
    body_at: Mapped[datetime | None]
    body_due_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(10), default="")
    label: Mapped[str] = mapped_column(String(10), default="")
    score: Mapped[float | None]
    topic: Mapped[str] = mapped_column(String(20), default="")
    labelled_by: Mapped[str] = mapped_column(String(100), default="")
    labelled_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id", ondelete="SET NULL"), index=True)
    words: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))

    brand: Mapped[Brand] = relationship()
    source: Mapped[Source | None] = relationship()
    search_text: Mapped["MentionText | None"] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class MentionText(Base):
    """What a mention is found by, see :mod:`monitor.searching`: ``place`` its brand and month, ``words`` its own."""

    __tablename__ = "mention_texts"

    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)


class LabelChange(Base):
    """A label that was set over another: what it was before, when it changed and which person did, empty for a model.

    The mention itself has the label of now.
    """

    __tablename__ = "label_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id", ondelete="CASCADE"), index=True)
    label: Mapped[str] = mapped_column(String(10))
    score: Mapped[float | None]
    labelled_by: Mapped[str] = mapped_column(String(100))
    labelled_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    person: Mapped[str] = mapped_column(String(200), default="")


class SavedView(Base):
    """A narrowed list of mentions that the team comes back to; ``query`` is that of its address."""

    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class MentionVersion(Base):
    """What a mention said before its author changed it; the mention itself has the newest words."""

    __tablename__ = "mention_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime]


class SearchPage(Base):
    """The first page of results for one query at one moment; ``error`` means that it says nothing.

    ``source_id`` is empty when the search is no longer watched.
    """

    __tablename__ = "search_pages"
    __table_args__ = (
        Index("ix_search_pages_newest", "brand_id", "source_id", "taken_at"),
        Index("ix_search_pages_undecided", "decided_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="SET NULL"), index=True)
    query: Mapped[str] = mapped_column(Text)
    engine: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime]
    error: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]

    results: Mapped[list["SearchResult"]] = relationship(
        order_by="SearchResult.position", cascade="all, delete-orphan", back_populates="page"
    )


class SearchResult(Base):
    """One organic result; its label is that of the mention it leads to."""

    __tablename__ = "search_results"
    __table_args__ = (UniqueConstraint("page_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("search_pages.id", ondelete="CASCADE"))
    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    snippet: Mapped[str] = mapped_column(Text, default="")

    page: Mapped[SearchPage] = relationship(back_populates="results")
    mention: Mapped[Mention] = relationship()


class LossReading(Base):
    """The loss band at one moment and its basis; a gap has no ``negatives`` and no ``share``.

    ``first_look`` is one of what a search held before we first looked: it crosses no band.
    """

    __tablename__ = "loss_readings"
    __table_args__ = (Index("ix_loss_readings_newest", "brand_id", "taken_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    taken_at: Mapped[datetime]
    basis: Mapped[str] = mapped_column(String(20))
    negatives: Mapped[int | None]
    results: Mapped[int | None]
    share: Mapped[float | None]
    first_look: Mapped[bool] = mapped_column(default=False)


class Rating(Base):
    """A page's own aggregate rating, 0 to 1, kept each time it changes.

    ``brand_id`` is its source's; ``source_id`` is empty when that is no longer watched.
    """

    __tablename__ = "ratings"
    __table_args__ = (Index("ix_ratings_newest", "source_id", "url", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int | None] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="SET NULL"))
    url: Mapped[str] = mapped_column(Text)
    rating: Mapped[float]
    count: Mapped[int]
    seen_at: Mapped[datetime]


class Subscriber(Base):
    """A person who left, by a keyed hash of the address.

    ``address`` is sealed, and empty once its time is over: ``address_at`` is when the person last left. What is below
    it holds for ever. ``erased_at`` is when the person asked to be forgotten: older files bring nothing back.
    """

    __tablename__ = "subscribers"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    address: Mapped[str] = mapped_column(Text, default="")
    address_at: Mapped[datetime | None] = mapped_column(index=True)

    do_not_contact_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class UnsubscribeEvent(Base):
    """One person leaving one list once; the person is a :class:`Subscriber`, or only a hash.

    ``reason`` is empty when nothing was said: a blank is never guessed. ``labelled_at`` is empty while a comment
    waits for the model, which also says its ``topic``. ``stayed`` says how a leaving was taken back, at ``stayed_at``;
    it counts as none then.
    """

    __tablename__ = "unsubscribe_events"
    __table_args__ = (
        UniqueConstraint("brand_id", "key"),
        Index("ix_unsubscribe_events_newest", "brand_id", "left_at"),
        Index("ix_unsubscribe_events_unlabelled", "labelled_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    subscriber_hash: Mapped[str] = mapped_column(String(64), index=True)
    list_name: Mapped[str] = mapped_column(Text, default="")
    campaign: Mapped[str] = mapped_column(Text, default="")
    segment: Mapped[str] = mapped_column(Text, default="")
    provider: Mapped[str] = mapped_column(String(40), default="")
    door: Mapped[str] = mapped_column(String(10), default="")
    left_at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(Text, default="")

    recorded_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(30), default="")
    reason_score: Mapped[float | None]
    labelled_by: Mapped[str] = mapped_column(String(100), default="")
    labelled_at: Mapped[datetime | None]
    topic: Mapped[str] = mapped_column(String(20), default="")
    stayed: Mapped[str] = mapped_column(String(10), default="")
    stayed_at: Mapped[datetime | None]


class FollowUp(Base):
    """What the team did about one person who left; ``note`` is the team's own and is erased with the person."""

    __tablename__ = "follow_ups"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("unsubscribe_events.id", ondelete="CASCADE"), unique=True)
    owner: Mapped[str] = mapped_column(String(100), default="")
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(20), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    event: Mapped[UnsubscribeEvent] = relationship()


class Hook(Base):
    """An address that a provider calls when somebody leaves.

    Its secret is derived, never kept; ``salt`` goes into it, and is empty in a hook older than that column.
    ``signing_key`` is the provider's, sealed; empty where it does not sign.
    ``notice`` is what the provider asks of the owner, such as to confirm the address. ``told_at`` is when a leaving
    came last, ``refused_at`` when a call was turned away last, and ``refusal`` why.
    """

    __tablename__ = "hooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    provider: Mapped[str] = mapped_column(String(40))
    salt: Mapped[str] = mapped_column(String(32), default="")
    signing_key: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    notice: Mapped[str] = mapped_column(Text, default="")
    told_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(Text, default="")

    brand: Mapped[Brand] = relationship()


class HookEvent(Base):
    """A call as it came, sealed because it names people; ``read_at`` is empty while it waits to be read."""

    __tablename__ = "hook_events"
    __table_args__ = (
        UniqueConstraint("hook_id", "key"),
        Index("ix_hook_events_unread", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hook_id: Mapped[int] = mapped_column(ForeignKey("hooks.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]

    read_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")

    hook: Mapped[Hook] = relationship()


class Mailer(Base):
    """A newsletter service that is told what our own page did; ``list_name`` empty is for every list of the brand.

    ``url`` is the service's, ``remote_list`` its own name of the list, ``key`` what it lets us in with, sealed.
    ``not_before`` is when it may be called again.
    """

    __tablename__ = "mailers"
    __table_args__ = (UniqueConstraint("brand_id", "list_name", "kind", "url", "remote_list"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    list_name: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text)
    remote_list: Mapped[str] = mapped_column(Text, default="")
    key: Mapped[str] = mapped_column(Text)
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]

    brand: Mapped[Brand] = relationship()


class MailerCall(Base):
    """One thing that a mailer has to be told about one person, until it is accepted or given up.

    ``address`` is sealed, and empty once nothing more is to be told.
    """

    __tablename__ = "mailer_calls"
    __table_args__ = (Index("ix_mailer_calls_waiting", "state", "mailer_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mailer_id: Mapped[int] = mapped_column(ForeignKey("mailers.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("unsubscribe_events.id", ondelete="CASCADE"), index=True)
    action: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    mailer: Mapped[Mailer] = relationship()
    event: Mapped[UnsubscribeEvent] = relationship()


class Sending(Base):
    """How many mails of one campaign went to one list; what a rate is counted over. ``basis`` is who said so."""

    __tablename__ = "sendings"
    __table_args__ = (UniqueConstraint("brand_id", "key"), Index("ix_sendings_newest", "brand_id", "sent_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64))
    provider: Mapped[str] = mapped_column(String(40), default="")
    list_name: Mapped[str] = mapped_column(Text, default="")
    campaign: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime]
    count: Mapped[int]
    basis: Mapped[str] = mapped_column(String(10))


class AlertRule(Base):
    """A condition; ``options`` holds what differs from its kind's own, see :class:`monitor.facts.RuleOptions`.

    ``looked_at`` is when a rule that time alone can make true was judged last. ``lost_sources`` says that it was for
    sources that are no longer watched, and that nobody has changed it since.
    """

    __tablename__ = "alert_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    lost_sources: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    looked_at: Mapped[datetime | None]

    brand: Mapped[Brand] = relationship()


class Alert(Base):
    """A condition came true; ``key`` keeps it from being told twice, ``facts`` is what the message says.

    ``rule_id`` is empty when the rule was removed since, and on a notice that no rule asked for.
    """

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("rule_id", "key"), Index("ix_alerts_newest", "brand_id", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("alert_rules.id", ondelete="SET NULL"))
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(100))
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]

    brand: Mapped[Brand] = relationship()
    deliveries: Mapped[list["Delivery"]] = relationship(back_populates="alert", cascade="all, delete-orphan")


class Channel(Base):
    """Where alerts go; the address holds a password or a token and is kept encrypted.

    ``quiet_hours`` is like ``22:00-07:30`` in ``time_zone``, or in the setting's zone where that is empty. ``pace``
    is the least number of seconds between two messages; ``not_before`` is when the next may go. ``digest`` is the
    :class:`monitor.types.Period` the channel gets a digest of, empty for none.
    """

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    address: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5))
    enabled: Mapped[bool] = mapped_column(default=True)
    quiet_hours: Mapped[str] = mapped_column(String(11), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="")
    pace: Mapped[float] = mapped_column(default=1.0)
    digest: Mapped[str] = mapped_column(String(10), default="")
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]


class Delivery(Base):
    """One alert on one channel, until it is accepted or given up.

    ``held`` marks what quiet hours kept back: it goes out afterwards as one message with the others.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("alert_id", "channel_id"),
        Index("ix_deliveries_waiting", "state", "channel_id", "alert_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    held: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    alert: Mapped[Alert] = relationship(back_populates="deliveries")
    channel: Mapped[Channel] = relationship()


class Case(Base):
    """What the team does about one negative story; ``mention_id`` is the text that opened it.

    ``steps`` are those of :class:`monitor.types.Step` that were taken. A time is empty until it has come.
    """

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("brand_id", "story"),
        Index("ix_cases_due", "brand_id", "state", "due_at", "answered_at"),
        Index("ix_cases_opened", "brand_id", "opened_at", "state", "due_at", "answered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    brand_id: Mapped[int] = mapped_column(ForeignKey("brands.id", ondelete="CASCADE"))
    story: Mapped[str] = mapped_column(String(64))
    mention_id: Mapped[int] = mapped_column(ForeignKey("mentions.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(100), default="")
    cause: Mapped[str] = mapped_column(String(20), default="")
    offered: Mapped[str] = mapped_column(Text, default="")
    steps: Mapped[list[str]] = mapped_column(default=list)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    mention: Mapped[Mention] = relationship()
    notes: Mapped[list["CaseNote"]] = relationship(
        order_by="CaseNote.id", cascade="all, delete-orphan", back_populates="case"
    )


class CaseNote(Base):
    """What somebody of the team wrote down about a case."""

    __tablename__ = "case_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(100), default="")
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]

    case: Mapped[Case] = relationship(back_populates="notes")


class ReplyTemplate(Base):
    """A draft the team answers with; ``{brand}`` and ``{title}`` in it are filled in."""

    __tablename__ = "reply_templates"
    __table_args__ = (UniqueConstraint("language", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)


class UsedLink(Base):
    """A signed link of a message that has done its act, so that it cannot do it again."""

    __tablename__ = "used_links"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime]


class ApiToken(Base):
    """What a program shows instead of a login; only its hash is kept, so that nobody can read it here.

    ``prefix`` is its first letters, to know it by. ``scopes`` are those of :class:`monitor.types.Scope`.
    ``last_used_at`` is kept to the hour.
    """

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    prefix: Mapped[str] = mapped_column(String(20))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]]
    created_by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]

    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ErasedAuthor(Base):
    """Somebody who asked to be forgotten, by a digest of the name as it is written; see :mod:`monitor.forgetting`."""

    __tablename__ = "erased_authors"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime]
