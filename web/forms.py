"""What readers type, checked. Flask-WTF's CSRFProtect guards every form of the application at once."""

import re
from typing import Any

from flask_babel import lazy_gettext as _
from persiantools.digits import ar_to_fa, fa_to_en
from wtforms import BooleanField, Field, Form, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from monitor.models import Brand
from monitor.money import LARGEST, Stakes
from monitor.types import Label


def strip(value: str | None) -> str | None:
    return value.strip() if value else value


TOO_LONG = _("This is too long.")


class NumberField(Field):
    """A figure as people type it: Persian digits, thousands set apart, or nothing."""

    def __init__(self, *arguments: Any, most: float = LARGEST, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._most = most
        self.data: float | None = None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.15g}"

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        typed, self.data = fa_to_en(ar_to_fa(valuelist[0])).strip(), None
        if typed:
            try:
                self.data = float(re.sub(r"[,٬\s]", "", typed).replace("٫", "."))
            except ValueError as e:
                raise ValueError(_("This is no number.")) from e

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not 0 <= self.data <= self._most:
            raise ValidationError(_("This figure cannot be."))


class _SpelledForm(Form):
    """A name that people write in several ways."""

    aliases = StringField(filters=[strip], validators=[Length(max=1000, message=TOO_LONG)])

    def spellings(self) -> list[str]:
        """The other spellings, one for each part between commas or lines."""
        return _parts(self.aliases.data)


class WatchForm(_SpelledForm):
    """The first page's question: what shall we watch?"""

    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write the name people use for you.")), Length(max=200, message=TOO_LONG)],
    )
    site = StringField(filters=[strip], validators=[Length(max=2000, message=TOO_LONG)])
    search_engine = StringField(filters=[strip], validators=[Length(max=2000, message=TOO_LONG)])


class BrandForm(_SpelledForm):
    """A brand or a rival, and the three figures that turn a share into money."""

    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write the name people use for it.")), Length(max=200, message=TOO_LONG)],
    )
    exclude = StringField(filters=[strip], validators=[Length(max=1000, message=TOO_LONG)])
    is_rival = BooleanField()
    leads = NumberField()
    closing_rate = NumberField(most=100)
    customer_value = NumberField()
    currency = StringField(filters=[strip], validators=[Length(max=20, message=TOO_LONG)])

    @staticmethod
    def values_of(brand: Brand) -> dict[str, Any]:
        """What the form shows of a brand that is there already."""
        listed = {name: "، ".join(getattr(brand, name)) for name in ("aliases", "exclude")}
        plain = ("name", "is_rival", "leads", "closing_rate", "customer_value", "currency")
        return {name: getattr(brand, name) for name in plain} | listed

    def other_meanings(self) -> list[str]:
        """Phrases in which the name means something else."""
        return _parts(self.exclude.data)

    def stakes(self) -> Stakes:
        return Stakes(self.leads.data, self.closing_rate.data, self.customer_value.data, self.currency.data or "")


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in re.split(r"[,،\n]", text or "") if part.strip()]


def chosen_label(value: str | None) -> Label | None:
    """The label a button sends, or None for anything else."""
    return Label(value) if value in set(Label) else None
