"""What the sample web tells machines: schema.org data, SearXNG's JSON, Mailchimp's CSV."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from web.demo import dates
from web.demo.content import Article, Leaver, Product, Review, SearchRow

_DATE_WRITERS = {"iso": dates.iso, "jalali_text": dates.jalali_text, "jalali_digits": dates.jalali_digits}
_CSV_HEADER = (
    "Email Address", "First Name", "Last Name", "MEMBER_RATING", "OPTIN_TIME", "UNSUB_TIME",
    "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER", "LEID", "EUID", "NOTES", "TAGS",
)  # fmt: skip


def review_date(review: Review, now: datetime) -> str:
    """Give the day of a review the way its page writes it."""
    return _DATE_WRITERS[review.date](dates.ago(now, review.days_ago))


def average(reviews: Sequence[Review]) -> float:
    """Give the mean of the ratings, to one decimal."""
    ratings = [review.rating for review in reviews if review.rating is not None]
    return round(sum(ratings) / len(ratings), 1)


def rated(reviews: Sequence[Review]) -> int:
    return sum(review.rating is not None for review in reviews)


def product_data(
    product: Product, every: Sequence[Review], shown: Sequence[Review], url: str, now: datetime
) -> dict[str, Any]:
    """Give a product page's JSON-LD: the rating over ``every`` review, and the reviews ``shown``."""
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "description": product.about,
        "url": url,
        "offers": {"@type": "Offer", "price": product.price, "priceCurrency": "IRR"},
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": average(every),
            "ratingCount": rated(every),
            "bestRating": product.best_rating,
        },
        "review": [_review_data(review, product, url, now) for review in shown],
    }
    if not product.paged:
        return data
    context = data.pop("@context")
    crumbs = {"@type": "BreadcrumbList", "itemListElement": []}
    return {"@context": context, "@graph": [crumbs, data]}


def _review_data(review: Review, product: Product, url: str, now: datetime) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@type": "Review",
        "@id": f"{url}#review-{review.id}",
        "identifier": str(review.id),
        "author": {"@type": "Person", "name": review.author},
        "datePublished": review_date(review, now),
        "inLanguage": review.language,
        "reviewBody": review.text,
    }
    if review.title:
        data["name"] = review.title
    if review.rating is not None:
        data["reviewRating"] = {
            "@type": "Rating",
            "ratingValue": review.rating,
            "bestRating": product.best_rating,
        }
    return data


def search_page(query: str, rows: Sequence[tuple[SearchRow, Article]], base_url: str, now: datetime) -> dict[str, Any]:
    """Give a page of results in the shape of SearXNG's JSON."""
    results = [_search_result(place, row, article, base_url, now) for place, (row, article) in enumerate(rows, start=1)]
    return {
        "query": query,
        "number_of_results": len(results),
        "results": results,
        "answers": [],
        "corrections": [],
        "infoboxes": [],
        "suggestions": [],
        "unresponsive_engines": [],
    }


def _search_result(place: int, row: SearchRow, article: Article, base_url: str, now: datetime) -> dict[str, Any]:
    published = dates.ago(now, article.days_ago).replace(tzinfo=None) if article.site != "directory" else None
    url = base_url + article.path
    return {
        "url": url,
        "title": article.title,
        "content": row.snippet,
        "publishedDate": published.isoformat() if published else None,
        "thumbnail": "",
        "engine": row.engines[0],
        "template": "default.html",
        "parsed_url": ["http", base_url.removeprefix("http://"), article.path, "", "", ""],
        "engines": list(row.engines),
        "positions": [place] * len(row.engines),
        "score": round(len(row.engines) ** 2 / place, 4),
        "category": "general",
    }


def unsubscribe_export(leavers: Sequence[Leaver], now: datetime) -> str:
    """Give the leavers as Mailchimp's export of an audience's unsubscribed contacts writes them."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_CSV_HEADER)
    for number, leaver in enumerate(leavers, start=1):
        joined = dates.ago(now, leaver.days_ago + 200 + number)
        left = dates.ago(now, leaver.days_ago)
        writer.writerow(
            [
                *(leaver.address, "", "", 2, _csv_time(joined), _csv_time(left)),
                *(leaver.campaign, f"c{len(leaver.campaign):03d}", leaver.reason, leaver.comment),
                *(900000 + number, f"e{number:09x}", "", ""),
            ]
        )
    return out.getvalue()


def _csv_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
