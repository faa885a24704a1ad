"""Brands and rivals: their names, what they do not mean, and what a customer of ours is worth."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from monitor.brands import add_brand, edit_brand, find_brands, remove_brand
from monitor.errors import BrandNotFoundError
from monitor.models import Brand
from monitor.money import set_stakes
from monitor.types import Role
from web.access import needs
from web.forms import BrandForm
from web.scope import db, house, now

blueprint = Blueprint("brands", __name__, url_prefix="/brands")


@blueprint.get("")
def listing() -> str:
    return render_template("brands.html", brands=find_brands(db()))


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> str | Response:
    form = BrandForm(request.form, is_rival="rival" in request.args)
    if request.method == "GET" or not form.validate():
        return render_template("brand.html", form=form, brand=None)
    with house().database.write() as writing:
        brand = add_brand(writing, form.name.data or "", now(), is_rival=form.is_rival.data)
        _keep(writing, brand, form)
    return redirect(url_for("brands.listing"), code=303)


@blueprint.route("/<int:brand_id>", methods=["GET", "POST"])
def edit(brand_id: int) -> str | Response:
    brand = _brand(db(), brand_id)
    form = BrandForm(request.form, data=BrandForm.values_of(brand))
    # A name is what everything that was collected hangs on: it stays.
    form.name.data = brand.name
    if request.method == "GET" or not form.validate():
        return render_template("brand.html", form=form, brand=brand)
    with house().database.write() as writing:
        _keep(writing, _brand(writing, brand_id), form)
    return redirect(url_for("brands.listing"), code=303)


@blueprint.post("/<int:brand_id>/remove")
@needs(Role.ADMIN)
def remove(brand_id: int) -> Response:
    with house().database.write() as writing:
        brand = _brand(writing, brand_id)
        # Typed again, since it takes all that was collected along.
        if request.form.get("name", "").strip() != brand.name:
            raise BrandNotFoundError("the name that was typed is not the brand's", request.form.get("name", ""))
        remove_brand(writing, brand.name)
    return redirect(url_for("brands.listing"), code=303)


def _keep(session: Session, brand: Brand, form: BrandForm) -> None:
    edit_brand(
        session, brand, aliases=form.spellings(), exclude=form.other_meanings(), is_rival=bool(form.is_rival.data)
    )
    set_stakes(brand, form.stakes())


def _brand(session: Session, brand_id: int) -> Brand:
    brand = session.scalar(select(Brand).where(Brand.id == brand_id))
    if brand is None:
        raise BrandNotFoundError("no such brand", brand_id)
    return brand
