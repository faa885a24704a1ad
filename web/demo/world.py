"""The sample web as a WSGI application: it puts the story and the templates together, over plain HTTP."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web.demo import BRAND, content, dates, markup
from web.demo.content import Article, Product, Review, SearchRow

_ROBOTS = "User-agent: *\nDisallow: /private/\nAllow: /\n"
# Windows-1256 knows no Persian yeh; pages of that age write the Arabic one.
_OLD_LETTERS = str.maketrans("ی", "ي")
_SITE_NAMES = {
    "news": "پیک کوهک‌شهر",
    "blog": "یادداشت‌های یک خریدار وسواسی",
    "directory": "راهنمای کوهک‌شهر",
}


class _Dated(Protocol):
    @property
    def since(self) -> int: ...
    @property
    def days_ago(self) -> float: ...


_D = TypeVar("_D", bound=_Dated)


class World:
    """The invented world at one moment; setting ``pass_number`` to 2 makes the second day come.

    ``app`` is the WSGI application. ``now`` is the moment that the story's dates count back from.
    """

    def __init__(self, pass_number: int = 1, now: datetime | None = None) -> None:
        self.pass_number = pass_number
        self.now = now or datetime.now(UTC)
        self.app = _make_app(self)

    @property
    def pass_number(self) -> int:
        return self._pass_number

    @pass_number.setter
    def pass_number(self, number: int) -> None:
        if number not in content.PASSES:
            raise ValueError(f"the sample web has passes {content.PASSES}, not {number}")
        self._pass_number = number

    def articles(self, site: str) -> list[Article]:
        """Find a site's articles, newest first."""
        return self._known(article for article in content.articles() if article.site == site)

    def search_rows(self) -> list[tuple[SearchRow, Article]]:
        """Find page one of a search for the brand, best first."""
        by_path = {article.path: article for article in content.articles()}
        places = {row.positions[self.pass_number - 1]: row for row in content.search_rows()}
        ranked = sorted((place, row) for place, row in places.items() if place is not None)
        return [(row, by_path[row.path]) for _, row in ranked]

    def reviews(self, product: str) -> list[Review]:
        """Find a product's reviews, newest first."""
        return self._known(review for review in content.reviews() if review.product == product)

    def _known(self, things: Iterable[_D]) -> list[_D]:
        return sorted((thing for thing in things if thing.since <= self.pass_number), key=lambda t: t.days_ago)

    # Pages for people.

    def index(self) -> str:
        return render_template("index.html", world=self)

    def turn(self) -> AnyResponse:
        """Let the other day come; for whoever plays with the sample web by hand."""
        try:
            self.pass_number = int(request.form.get("pass", ""))
        except ValueError:
            abort(400)
        return redirect(url_for("index"))

    def listing(self, site: str) -> str:
        return render_template("listing.html", name=_SITE_NAMES[site], site=site, articles=self.articles(site))

    def article(self, site: str, slug: str) -> Response:
        found = next((article for article in self.articles(site) if article.slug == slug), None)
        if found is None:
            abort(404)
        html = render_template("article.html", article=found, site_name=_SITE_NAMES[site])
        return _lasting(_encoded(html, found.encoding), dates.ago(self.now, found.days_ago))

    def comment(self, number: int) -> Response:
        found = next((c for c in self._known(content.comments()) if c.id == number), None)
        if found is None:
            abort(404)
        html = render_template("comment.html", comment=found, site_name=_SITE_NAMES["blog"])
        return _lasting(Response(html), dates.ago(self.now, found.days_ago))

    def shop(self) -> str:
        return render_template("shop.html", products=content.products())

    def product(self, slug: str) -> Response:
        product = next((product for product in content.products() if product.slug == slug), None)
        reviews = self.reviews(slug)
        page = request.args.get("page", 1, type=int)
        size = content.PAGE_SIZE if product and product.paged else len(reviews)
        shown = reviews[(page - 1) * size : page * size]
        if product is None or page < 1 or not shown:
            abort(404)
        html = render_template(
            "product.html",
            product=product,
            reviews=reviews,
            shown=shown,
            page=page,
            more=page * size < len(reviews),
            data=self._product_data(product, reviews, shown),
        )
        return _lasting(Response(html), dates.ago(self.now, reviews[0].days_ago))

    def _product_data(self, product: Product, every: list[Review], shown: list[Review]) -> object:
        if product.markup != "json-ld":
            return None
        url = url_for("product", slug=product.slug, _external=True)
        return markup.product_data(product, every, shown, url, self.now)

    def private(self) -> str:
        return render_template("private.html")

    # Answers for machines.

    def robots(self) -> Response:
        return Response(_ROBOTS, content_type="text/plain; charset=utf-8")

    def news_feed(self) -> Response:
        return self._feed("feed.rss.xml", "application/rss+xml", self._fed("news"))

    def blog_feed(self) -> Response:
        return self._feed("feed.atom.xml", "application/atom+xml", self._fed("blog"))

    def comment_feed(self) -> Response:
        return self._feed("comments.rss.xml", "application/rss+xml", self._known(content.comments()))

    def _fed(self, site: str) -> list[Article]:
        return [article for article in self.articles(site) if article.in_feed]

    def _feed(self, template: str, mimetype: str, entries: list[_D]) -> Response:
        newest = dates.ago(self.now, entries[0].days_ago)
        text = render_template(template, entries=entries, newest=newest)
        return _lasting(Response(text, content_type=f"{mimetype}; charset=utf-8"), newest)

    def search(self) -> Response:
        """Answer as SearXNG does: JSON when it is asked for, a page for people otherwise, 403 for the rest."""
        query = request.args.get("q", "").strip()
        form = request.args.get("format", "html")
        if not query or form not in ("html", "json"):
            abort(403 if query else 400)
        known = BRAND in query and request.args.get("pageno", "1") == "1"
        rows = self.search_rows() if known else []
        if form == "html":
            return Response(render_template("search.html", query=query, rows=rows))
        return jsonify(markup.search_page(query, rows, request.host_url.rstrip("/"), self.now))

    def unsubscribes(self) -> Response:
        text = markup.unsubscribe_export(content.leavers(), self.now)
        headers = {"Content-Disposition": "attachment; filename=unsubscribes.csv"}
        return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


def create_world(number: int = 1) -> Flask:
    """Give the sample web of one pass as a WSGI application."""
    return World(number).app


def _make_app(world: World) -> Flask:
    app = Flask(__package__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        moment=lambda days: dates.ago(world.now, days),
        review_date=lambda review: markup.review_date(review, world.now),
        average=markup.average,
        rated=markup.rated,
        brand=BRAND,
    )
    app.jinja_env.filters.update(
        rfc822=dates.rfc822, iso=dates.iso, jalali=dates.jalali_text, digits=dates.persian_digits
    )
    app.add_url_rule("/", view_func=world.index)
    app.add_url_rule("/pass", view_func=world.turn, methods=["POST"])
    app.add_url_rule("/robots.txt", view_func=world.robots)
    app.add_url_rule("/news/feed.xml", view_func=world.news_feed)
    app.add_url_rule("/blog/feed.atom", view_func=world.blog_feed)
    app.add_url_rule("/blog/comments.xml", view_func=world.comment_feed)
    app.add_url_rule("/blog/comments/<int:number>", view_func=world.comment)
    app.add_url_rule("/<any(news, blog, directory):site>/", view_func=world.listing)
    app.add_url_rule("/<any(news, blog, directory):site>/<slug>", view_func=world.article)
    app.add_url_rule("/shop/", view_func=world.shop)
    app.add_url_rule("/shop/<slug>", view_func=world.product)
    app.add_url_rule("/search", view_func=world.search)
    app.add_url_rule("/unsubscribes.csv", view_func=world.unsubscribes)
    app.add_url_rule("/private/notes", view_func=world.private)
    return app


def _encoded(html: str, encoding: str) -> Response:
    if encoding == "windows-1256":
        html = html.translate(_OLD_LETTERS)
    return Response(html.encode(encoding, "xmlcharrefreplace"), content_type=f"text/html; charset={encoding}")


def _lasting(response: Response, changed_at: datetime) -> Response:
    """Let a reader who has this version keep it: ETag, Last-Modified, 304."""
    response.last_modified = changed_at
    response.add_etag()
    response.make_conditional(request)
    return response
