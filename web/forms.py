"""What readers type, checked. Flask-WTF's CSRFProtect guards every form of the application at once."""

import re
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from persiantools.digits import ar_to_fa, fa_to_en
from wtforms import BooleanField, Field, Form, StringField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, ValidationError

from monitor.brands import BrandMatcher
from monitor.config import Settings
from monitor.errors import BrandError, SourceError
from monitor.models import Brand
from monitor.money import LARGEST, Stakes
from monitor.preferences import NAMES
from monitor.recognise import web_address
from monitor.types import Label
from web.errors import sentence_for
from web.filters import digits, has_persian_digits, number
from web.language import LANGUAGES


def strip(value: str | None) -> str | None:
    return value.strip() if value else value


def on_one_line(value: str | None) -> str | None:
    """Without the line breaks that a header of a request, or a heading, cannot hold."""
    return " ".join(value.split()) if value else value


def plain_digits(typed: str | None) -> str | None:
    """What was typed with any digits, in those that programs read."""
    return fa_to_en(ar_to_fa(typed)) if typed else typed


TOO_LONG = _("This is too long.")
EMPTY = _("This may not stay empty.")


def read_number(typed: str) -> float:
    """Raises ValueError with a sentence for the reader."""
    try:
        return float(re.sub(r"[,٬\s]", "", plain_digits(typed) or "").replace("٫", "."))
    except ValueError as e:
        raise ValueError(_("This is not a number.")) from e


def write_number(value: float) -> str:
    """A figure in a field, as :func:`read_number` reads it back."""
    plain = f"{value:.15g}"
    return digits(plain.replace(".", "٫")) if has_persian_digits() else plain


class NumbersField(Field):
    """Several figures in a row, with spaces or commas between them."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return " · ".join(write_number(value) for value in self.data or ())

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = ()
            self.data = tuple(read_number(part) for part in re.split(r"[\s,،·]+", valuelist[0]) if part)


class NumberField(Field):
    """A figure as people type it: Persian digits, thousands set apart, or nothing."""

    def __init__(
        self, *arguments: Any, least: float = 0, most: float = LARGEST, is_whole: bool = False, **more: Any
    ) -> None:
        super().__init__(*arguments, **more)
        self._least, self._most, self._is_whole = least, most, is_whole
        self.data: float | None = None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else write_number(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = None
            self.data = self._read(valuelist[0]) if valuelist[0].strip() else None

    def _read(self, typed: str) -> float:
        return read_number(typed)

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            return
        if not self._least <= self.data <= self._most:
            limits = {"least": number(self._least), "most": number(self._most)}
            raise ValidationError(say("Write a number from %(least)s to %(most)s.", **limits))
        if self._is_whole and not self.data.is_integer():
            raise ValidationError(_("Write a number without decimals."))


class PercentField(NumberField):
    """A figure in percent, with its sign or without."""

    def __init__(self, *arguments: Any, most: float = 100, **more: Any) -> None:
        super().__init__(*arguments, most=most, **more)

    def _read(self, typed: str) -> float:
        return super()._read(typed.strip().strip("%٪"))


def filled(_form: Form, field: Field) -> None:
    """For a figure that must be there; InputRequired takes blanks for one."""
    if field.data is None and not field.errors:
        raise ValidationError(EMPTY)


def _can_be_told(*names: str) -> None:
    """Whether texts can be searched for the names. Raises ValidationError."""
    try:
        for name in names:
            BrandMatcher(name)
    except BrandError as e:
        raise ValidationError(sentence_for(e)) from e


def _on_the_web(_form: Form, field: Field) -> None:
    """For an address that may stay empty."""
    try:
        if field.data:
            web_address(field.data)
    except SourceError as e:
        raise ValidationError(sentence_for(e)) from e


class _SpelledForm(Form):
    """A name that people write in several ways."""

    aliases = StringField(filters=[strip], validators=[Length(max=1000, message=TOO_LONG)])

    def validate_name(self, field: Field) -> None:
        _can_be_told(field.data)

    def validate_aliases(self, _field: Field) -> None:
        _can_be_told(*self.spellings())

    def spellings(self) -> list[str]:
        """The other spellings, one for each part between commas or lines."""
        return _parts(self.aliases.data)


class WatchForm(_SpelledForm):
    """The first page's question: what shall we watch?"""

    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write the name people use for you.")), Length(max=200, message=TOO_LONG)],
    )
    site = StringField(filters=[strip], validators=[Length(max=2000, message=TOO_LONG), _on_the_web])
    search_engine = StringField(filters=[strip], validators=[Length(max=2000, message=TOO_LONG), _on_the_web])


class BrandForm(_SpelledForm):
    """A brand or a rival, and the three figures that turn a share into money."""

    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write the name people use for it.")), Length(max=200, message=TOO_LONG)],
    )
    exclude = StringField(filters=[strip], validators=[Length(max=1000, message=TOO_LONG)])
    is_rival = BooleanField()
    leads = NumberField()
    closing_rate = PercentField()
    customer_value = NumberField()
    currency = StringField(filters=[strip], validators=[Length(max=20, message=TOO_LONG)])

    @staticmethod
    def values_of(brand: Brand) -> dict[str, Any]:
        """What the form shows of a brand that is there already."""
        listed = {name: str(_(", ")).join(getattr(brand, name)) for name in ("aliases", "exclude")}
        plain = ("name", "is_rival", "leads", "closing_rate", "customer_value", "currency")
        return {name: getattr(brand, name) for name in plain} | listed

    def other_meanings(self) -> list[str]:
        """Phrases in which the name means something else."""
        return _parts(self.exclude.data)

    def stakes(self) -> Stakes:
        return Stakes(self.leads.data, self.closing_rate.data, self.customer_value.data, self.currency.data or "")


class ReplyForm(Form):
    """A draft that the team answers with."""

    name = StringField(
        filters=[strip],
        validators=[DataRequired(_("Write a name by which you know it.")), Length(max=100, message=TOO_LONG)],
    )
    language = StringField(validators=[AnyOf(LANGUAGES)])
    text = StringField(filters=[strip], validators=[DataRequired(EMPTY), Length(max=5000, message=TOO_LONG)])


class PreferencesForm(Form):
    """The settings of :mod:`monitor.preferences`."""

    language = StringField(validators=[AnyOf(LANGUAGES)])
    time_zone = StringField(validators=[AnyOf(available_timezones())])
    contact = StringField(filters=[on_one_line], validators=[Length(max=500, message=TOO_LONG)])
    uncertain_below = PercentField(most=99, validators=[filled])
    loss_table = NumbersField(validators=[InputRequired(EMPTY)])
    address_days = NumberField(most=3650, is_whole=True, validators=[filled])
    hook_days = NumberField(most=3650, is_whole=True, validators=[filled])
    page_name = StringField(filters=[on_one_line], validators=[Length(max=200, message=TOO_LONG)])
    page_colour = StringField(filters=[strip])
    fewer_mails = StringField(validators=[AnyOf(("weekly", "monthly", ""))])

    @staticmethod
    def values_of(settings: Settings) -> dict[str, Any]:
        values = {name: getattr(settings, name) for name in NAMES}
        return values | {"uncertain_below": 100 * settings.uncertain_below}

    def values(self) -> dict[str, Any]:
        """As the settings have them."""
        days = {name: int(self[name].data) for name in ("address_days", "hook_days")}
        figures = {"uncertain_below": (self.uncertain_below.data or 0) / 100, "loss_table": list(self.loss_table.data)}
        texts = ("language", "time_zone", "contact", "page_name", "page_colour", "fewer_mails")
        return days | figures | {name: self[name].data or "" for name in texts}


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in re.split(r"[,،\n]", text or "") if part.strip()]


def chosen_label(value: str | None) -> Label | None:
    """The label a button sends, or None for anything else."""
    return Label(value) if value in set(Label) else None
