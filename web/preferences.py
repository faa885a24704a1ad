"""The settings that can be changed in the browser; those that the file or the environment gives are only shown."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as say
from werkzeug.wrappers import Response

from monitor.errors import ConfigError
from monitor.preferences import NAMES, is_given, keep
from monitor.types import Role
from web.access import needs
from web.forms import PreferencesForm
from web.language import LANGUAGES
from web.scope import house, settings

CHOICES: Mapping[str, Mapping[str, str | LazyString]] = {
    "language": LANGUAGES,
    "time_zone": {name: name for name in sorted(available_timezones())},
    "fewer_mails": {"weekly": say("once a week"), "monthly": say("once a month"), "": say("no offer")},
}

blueprint = Blueprint("preferences", __name__, url_prefix="/settings/general")


@blueprint.get("")
@needs(Role.ADMIN)
def page() -> str:
    return _page(PreferencesForm(data=PreferencesForm.values_of(settings())))


@blueprint.post("")
@needs(Role.ADMIN)
def change() -> Response | tuple[str, int]:
    form = PreferencesForm(request.form)
    if not form.validate():
        return _page(form), 422
    try:
        with house().database.write() as writing:
            keep(writing, house().settings, form.values())
    except ConfigError as e:
        flash(f"{_('This could not be saved.')}\n{e}", "error")
        return _page(form), 422
    flash(_("Saved. It applies from now on."), "done")
    return redirect(url_for("preferences.page"), code=303)


def _page(form: PreferencesForm) -> str:
    given = [name for name in NAMES if is_given(house().settings, name)]
    return render_template("settings/preferences.html", form=form, given=given, choices=CHOICES)
