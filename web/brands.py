"""Brands and rivals: their names, what they do not mean, and what a customer of ours is worth."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from monitor.brands import add_brand, edit_brand, find_brands, remove_brand
from monitor.errors import BrandExistsError, BrandNotFoundError
from monitor.models import Brand
from monitor.money import set_stakes
from monitor.types import Role
from web.access import needs
from web.errors import sentence_for
from web.forms import BrandForm
from web.scope import db, house, now

blueprint = Blueprint("brands", __name__, url_prefix="/brands")


@blueprint.get("")
def listing() -> str:
    return render_template("brands.html", brands=find_brands(db()))


@blueprint.get("/new")
@needs(Role.ANALYST)
def ask() -> str:
    return render_template("brand.html", form=BrandForm(is_rival="rival" in request.args), brand=None)


@blueprint.post("/new")
def add() -> Response | tuple[str, int]:
    form = BrandForm(request.form)
    if not form.validate():
        return render_template("brand.html", form=form, brand=None), 422
    try:
        with house().database.write() as writing:
            brand = add_brand(writing, form.name.data or "", now(), is_rival=form.is_rival.data)
            _keep(writing, brand, form)
    except BrandExistsError as e:
        form.name.errors = [sentence_for(e)]
        return render_template("brand.html", form=form, brand=None), 422
    return redirect(url_for("brands.listing"), code=303)


@blueprint.get("/<int:brand_id>")
def one(brand_id: int) -> str:
    return _show(_brand(db(), brand_id))


def _show(brand: Brand, typed: str = "", misspelt: str = "") -> str:
    """The page of one brand; ``typed`` is the name that was to forget it, ``misspelt`` what is wrong with that."""
    form = BrandForm(data=BrandForm.values_of(brand))
    return render_template("brand.html", form=form, brand=brand, typed=typed, misspelt=misspelt)


@blueprint.post("/<int:brand_id>")
def edit(brand_id: int) -> Response | tuple[str, int]:
    brand = _brand(db(), brand_id)
    form = BrandForm(request.form, data=BrandForm.values_of(brand))
    # A name is what everything that was collected hangs on: it stays.
    form.name.data = brand.name
    if not form.validate():
        return render_template("brand.html", form=form, brand=brand), 422
    with house().database.write() as writing:
        _keep(writing, _brand(writing, brand_id), form)
    return redirect(url_for("brands.listing"), code=303)


@blueprint.post("/<int:brand_id>/remove")
@needs(Role.ADMIN)
def remove(brand_id: int) -> Response | tuple[str, int]:
    brand, typed = _brand(db(), brand_id), request.form.get("name", "").strip()
    # Typed again, since it takes all that was collected along.
    if typed != brand.name:
        return _show(brand, typed, _("This is not its name. Nothing was forgotten.")), 422
    with house().database.write() as writing:
        remove_brand(writing, brand.name)
    return redirect(url_for("brands.listing"), code=303)


def _keep(session: Session, brand: Brand, form: BrandForm) -> None:
    edit_brand(
        session,
        brand,
        aliases=form.spellings(),
        exclude=form.other_meanings(),
        is_rival=bool(form.is_rival.data),
        now=now(),
    )
    set_stakes(brand, form.stakes())


def _brand(session: Session, brand_id: int) -> Brand:
    brand = session.scalar(select(Brand).where(Brand.id == brand_id))
    if brand is None:
        raise BrandNotFoundError("no such brand", brand_id)
    return brand
