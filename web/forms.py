"""What readers type, checked. Flask-WTF's CSRFProtect guards every form of the application at once."""

import re

from flask_babel import lazy_gettext as _
from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length

from monitor.types import Label


def _strip(value: str | None) -> str | None:
    return value.strip() if value else value


_TOO_LONG = _("This is too long.")


class WatchForm(Form):
    """The first page's question: what shall we watch?"""

    name = StringField(
        filters=[_strip],
        validators=[DataRequired(_("Write the name people use for you.")), Length(max=200, message=_TOO_LONG)],
    )
    aliases = StringField(filters=[_strip], validators=[Length(max=1000, message=_TOO_LONG)])
    site = StringField(filters=[_strip], validators=[Length(max=2000, message=_TOO_LONG)])
    search_engine = StringField(filters=[_strip], validators=[Length(max=2000, message=_TOO_LONG)])

    def spellings(self) -> list[str]:
        """The other spellings, one for each part between commas or lines."""
        parts = re.split(r"[,،\n]", self.aliases.data or "")
        return [part.strip() for part in parts if part.strip()]


def chosen_label(value: str | None) -> Label | None:
    """The label a button sends, or None for anything else."""
    return Label(value) if value in set(Label) else None
