"""Page one of each search, and how its results have moved."""

from flask import Blueprint, render_template

from monitor.rank_history import find_histories
from web.scope import db, settings, the_brand

blueprint = Blueprint("searches", __name__, url_prefix="/searches")


@blueprint.get("")
def listing() -> str:
    return render_template("searches.html", histories=find_histories(db(), the_brand().id, settings().uncertain_below))
