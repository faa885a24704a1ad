"""Paste any link: it is recognised, visited once beside the page, and shown before it is kept."""

import logging
from threading import Thread

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Form, StringField

from monitor.config import Settings
from monitor.db import Database
from monitor.errors import MonitorError, SourceError
from monitor.models import Brand, SourceTrial
from monitor.recognise import Recognised, recognise
from monitor.sources import get_source, is_bad_state
from monitor.trials import (
    begin_trial,
    end_trial,
    get_trial,
    is_lost,
    keep_trial,
    options_of,
    try_again,
)
from monitor.trying import try_link, try_source
from monitor.types import Role
from web.access import needs, seal
from web.errors import beside_field
from web.forms import strip
from web.scope import db, house, now, settings, the_brand

blueprint = Blueprint("trials", __name__, url_prefix="/sources")

_log = logging.getLogger(__name__)


class LinkForm(Form):
    """The link of a place; what it is, :mod:`monitor.recognise` tells."""

    link = StringField(filters=[strip])


@blueprint.get("/add")
@needs(Role.ANALYST)
def add() -> str:
    return _ask(LinkForm())


@blueprint.post("/add")
def begin() -> str | Response | tuple[str, int]:
    form, found = LinkForm(request.form), None
    try:
        found = recognise(form.link.data or "")
        given = {name: request.form.get(name, "").strip() for name in found.needs}
        if not all(given.values()):
            return _ask(form, found)
        with house().database.write() as writing:
            trial = begin_trial(writing, the_brand().id, found, given, seal(), now())
    except SourceError as e:
        form.link.errors = beside_field(e)
        return _ask(form, found), 422
    return _visit(trial)


def _ask(form: LinkForm, found: Recognised | None = None) -> str:
    return render_template("sources/add.html", form=form, found=found, brand=the_brand())


@blueprint.post("/<int:source_id>/test")
def test(source_id: int) -> Response:
    """Visit a source that is kept once more, with nothing saved."""
    with house().database.write() as writing:
        trial = try_again(writing, the_brand().id, get_source(writing, source_id), now())
    return _visit(trial)


def _visit(trial: SourceTrial) -> Response:
    found = Recognised(trial.spider, trial.url, trial.matches_text)
    given = (house().database, settings(), trial.id, found, options_of(trial, seal()), trial.source_id is not None)
    # A slow site must not keep a thread of the server: the page looks in on the visit instead.
    Thread(target=_run, args=given, name=f"trial {trial.id}", daemon=True).start()
    return redirect(url_for("trials.one", trial_id=trial.id), code=303)


def _run(
    database: Database, settings: Settings, trial_id: int, found: Recognised, options: dict[str, str], is_kept: bool
) -> None:
    try:
        if is_kept:
            trial = try_source(settings, found.spider, found.url, options)
        else:
            found, trial = try_link(settings, found, options)
        with database.write() as session:
            end_trial(session, trial_id, trial.state, trial.texts, trial.error, found)
    except MonitorError as e:
        # Its page says after a while that it was lost.
        _log.error("trial of %s: %s", found.url, e)


@blueprint.get("/trials/<int:trial_id>")
@needs(Role.ANALYST)
def one(trial_id: int) -> str:
    trial = get_trial(db(), trial_id)
    return render_template(
        "sources/trial.html",
        trial=trial,
        brand=db().get(Brand, trial.brand_id),
        lost=is_lost(trial, now()),
        running=not trial.state and not is_lost(trial, now()),
        bad=is_bad_state(trial.state),
    )


@blueprint.post("/trials/<int:trial_id>/keep")
def keep(trial_id: int) -> Response:
    with house().database.write() as writing:
        trial = get_trial(writing, trial_id)
        source = keep_trial(writing, trial, settings().collect_interval, seal(), now())
    flash(_("It is watched from now on."), "done")
    return redirect(f"{url_for('sources.listing')}#source-{source.id}", code=303)
