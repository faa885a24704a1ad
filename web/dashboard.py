"""The overview, the first page for who watches nothing yet, and whether we are alive."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

import monitor
from monitor import overview
from monitor.cases import answer_figures, count_open
from monitor.errors import BrandExistsError, SourceExistsError
from monitor.lateness import find_lateness
from monitor.loss import LossFigure, current_figure
from monitor.mention_list import MentionFilter, find_mentions
from monitor.models import Brand
from monitor.money import stakes_of
from monitor.rivals import share_of_voice
from monitor.shared_topics import shared_topics
from monitor.sources import find_sources, is_in_trouble
from monitor.types import SEARCH_SPIDERS, Basis
from monitor.watch import watch_brand
from web import charts, words
from web.access import open_to_all
from web.errors import say_above, sentence_for
from web.forms import WatchForm
from web.language import language
from web.scope import chosen_brand, db, house, loss_scale, now, settings

blueprint = Blueprint("dashboard", __name__)

# What the hero says; one of these for every state the figure can be in.
FIGURE, STAND_IN, FAILED, LABELLING, NOTHING_YET = "figure", "stand_in", "failed", "labelling", "nothing_yet"

# How long a new brand's page tells of its first collect and renews itself.
FIRST_COLLECT = timedelta(hours=1)
# The page of unsubscribes shows the rest.
CHIEF_REASONS = 6


@blueprint.get("/")
def overview_page() -> str:
    brand = chosen_brand()
    if brand is None:
        return render_template("welcome.html", form=WatchForm())
    return _overview(brand)


def _overview(brand: Brand) -> str:
    sure, scale = settings().uncertain_below, loss_scale()
    figure = current_figure(db(), brand.id, scale, sure, now())
    results = overview.find_results(db(), figure.page_id, scale, sure) if figure.page_id is not None else []
    stakes = stakes_of(brand)
    days = overview.daily_trend(db(), brand, sure, settings().zone, now())
    reasons = overview.compare_reasons(db(), brand.id, now())
    return render_template(
        "overview.html",
        brand=brand,
        figure=figure,
        state=figure_state(figure),
        scale=scale,
        stakes=stakes,
        money=stakes.at_stake(scale.reach(figure.negatives)) if figure.negatives else None,
        steps=charts.gauge(scale, figure.negatives),
        results=results,
        worst=next((row for row in results if row.share_without is not None), None),
        stories=overview.find_negative_stories(db(), brand.id, sure, now()),
        days=days,
        columns=charts.trend(days, right_to_left=language() == "fa"),
        reasons=reasons,
        chief_reasons=[reason for reason in reasons if reason.code][:CHIEF_REASONS]
        + [reason for reason in reasons if not reason.code],
        answers=answer_figures(db(), brand.id, now() - overview.PERIOD, now(), now()),
        open_cases=count_open(db(), brand.id, now()),
        voices=share_of_voice(db(), brand, now()),
        shared=shared_topics(db(), brand.id, sure, now()),
        advisable=[reason for reason in reasons if reason.code in words.ADVICE and reason.count][:2],
        **_collecting(brand),
    )


def _collecting(brand: Brand) -> dict[str, Any]:
    """The sources behind the figures, and how far the first look at them has come."""
    sources = find_sources(db(), brand.id)
    progress = overview.collect_progress(db(), brand.id, sources, now())
    collecting = progress.is_first and now() - brand.created_at < FIRST_COLLECT
    found = find_mentions(db(), brand.id, MentionFilter(), limit=6)[0] if collecting else []
    return {
        "sources": sources,
        "has_search": any(source.spider in SEARCH_SPIDERS for source in sources),
        "trouble": [source for source in sources if is_in_trouble(source) and not source.paused],
        "progress": progress,
        "collecting": collecting,
        "first_found": found,
        "moment_now": now(),
    }


def figure_state(figure: LossFigure) -> str:
    """Which of the hero's sentences a figure calls for."""
    if figure.negatives is not None:
        return STAND_IN if figure.basis == Basis.MENTIONS else FIGURE
    if figure.error:
        return FAILED
    return LABELLING if figure.results else NOTHING_YET


@blueprint.post("/watch")
def watch() -> Response | tuple[str, int]:
    """Begin to watch a brand at once."""
    form = WatchForm(request.form)
    if not form.validate():
        return render_template("welcome.html", form=form), 422
    try:
        with house().database.write() as writing:
            brand = watch_brand(
                writing,
                settings(),
                form.name.data or "",
                now(),
                aliases=form.spellings(),
                site=form.site.data or "",
                search_engine=form.search_engine.data or "",
            )
            brand_id = brand.id
    except BrandExistsError as e:
        form.name.errors = [sentence_for(e)]
        return render_template("welcome.html", form=form), 422
    except SourceExistsError as e:
        # Which of its sources that is, the line itself says: it may come of any field.
        say_above(e)
        return render_template("welcome.html", form=form), 422
    session["brand"] = brand_id
    return redirect(url_for("dashboard.overview_page"), code=303)


@blueprint.get("/healthz")
@open_to_all
def healthz() -> dict[str, str | list[str]]:
    """For a supervisor: the database answers (otherwise the error's own status does) and which steps are late.

    Late work is no reason to restart the dashboard, so that the answer is 200 all the same.
    """
    late = find_lateness(db(), now()).late_steps()
    return {"status": "late" if late else "ok", "late": late, "version": monitor.__version__}
