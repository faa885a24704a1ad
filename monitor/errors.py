"""Every error raised on purpose. Each carries what it concerns and prints ``message: identity: cause``."""

from datetime import datetime


class MonitorError(Exception):
    """What an owner can mend; anything else that is raised is a bug."""

    def __init__(self, message: str, identity: object = None) -> None:
        super().__init__(message, identity)
        self.message = message
        self.identity = identity

    def __str__(self) -> str:
        parts = [self.message]
        if self.identity is not None:
            parts.append(repr(self.identity) if isinstance(self.identity, str) else str(self.identity))
        if self.__cause__ is not None:
            # What drivers say goes on for lines, with links; the first says what it is.
            said = str(self.__cause__).strip().splitlines() or [type(self.__cause__).__name__]
            parts.append(said[0])
        return ": ".join(parts)


class ConfigError(MonitorError):
    """A setting that is unknown, missing or of the wrong kind; ``identity`` is its key."""


class StorageError(MonitorError):
    """The database refused; ``identity`` is its address without the password."""


class BrandError(MonitorError):
    """``identity`` is the brand's name."""


class BrandExistsError(BrandError):
    pass


class BrandNotFoundError(BrandError):
    pass


class SourceError(MonitorError):
    """``identity`` is the source's address."""


class SourceExistsError(SourceError):
    pass


class SourceNotFoundError(SourceError):
    pass


class TrialsBusyError(SourceError):
    """As many links are being tried as can be at once; ``identity`` is the one that must wait."""


class FetchError(SourceError):
    """The address gave no usable answer."""


class ParseError(SourceError):
    """The address answered, with something this kind of source cannot read."""


class MentionNotFoundError(MonitorError):
    """``identity`` is the mention's id."""


class RuleError(MonitorError):
    """A rule or channel that does not exist or cannot be used; ``identity`` names it."""


class ImportFileError(MonitorError):
    """A file that cannot be imported at all; ``identity`` is its path."""


class FileError(MonitorError):
    """A file that cannot be written, or is not what it must be; ``identity`` is its path."""


class ImportRowError(MonitorError):
    """One row that cannot be imported; the others still are. ``identity`` is ``path:line``."""


class SubscriberNotFoundError(MonitorError):
    """Nothing is known of a person; the address itself is never repeated."""


class PersonError(MonitorError):
    """A person who does not exist or cannot be kept so; ``identity`` is the e-mail address."""


class LoginError(MonitorError):
    """A login that is refused; it does not say which part was wrong, nor whether anybody has the address."""


class LoginPausedError(LoginError):
    """Too many tries; ``until`` is when the next is heard."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries to log in")
        self.until = until


class AuthorError(MonitorError):
    """A name that nobody can be known by; ``identity`` is the name."""


class TokenError(MonitorError):
    """A link that we have not made, or that was changed on its way; it carries nothing of the link."""


class ApiTokenError(MonitorError):
    """A program's token that does not exist or cannot be made; ``identity`` names it, never its secret."""


class HookError(MonitorError):
    """A hook that does not exist or cannot be made; ``identity`` names it."""


class MailerError(MonitorError):
    """A newsletter service that cannot be told so; ``identity`` names it."""


class HookRefusedError(MonitorError):
    """A call that is not from the provider, or not of now; nothing of it is kept."""


class HookPayloadError(MonitorError):
    """A call from the provider that cannot be read."""


class FollowUpError(MonitorError):
    """A step that a follow-up does not allow, such as a second contact; ``identity`` is its id."""


class ModelError(MonitorError):
    """A model directory that cannot be used; ``identity`` is its path."""


class CaseError(MonitorError):
    """A case, note or template that does not exist or cannot be kept so; ``identity`` names it."""


class ViewError(MonitorError):
    """A list that cannot be kept under this name; ``identity`` is the name."""


class DeliveryError(MonitorError):
    """A message that was not accepted; ``permanent`` when trying again cannot help.

    ``retry_after`` is in seconds, as the channel asked.
    """

    def __init__(
        self, message: str, identity: object = None, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message, identity)
        self.permanent = permanent
        self.retry_after = retry_after
