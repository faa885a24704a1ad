"""Errors of the API, as RFC 9457 says: ``application/problem+json``."""

import json
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

TYPE = "application/problem+json"
PREFIX = "/api/"

# What to do, where the status alone does not say it.
_ADVICE = {
    400: "The request could not be read.",
    404: "There is nothing at this address.",
    405: "This address does not take this method; Allow names those it takes.",
    413: "The request is larger than anything this address takes.",
    415: "Send application/json.",
    500: "Something went wrong on our side. The log of the program says more.",
    503: "The database did not answer. Try again in a moment.",
}


def wanted() -> bool:
    """Whether the one who asked is a program that expects a problem rather than a page."""
    return request.path.startswith(PREFIX)


def problem(
    status: int, detail: str = "", *, errors: Any = None, headers: list[tuple[str, str]] | None = None
) -> Response:
    """``errors`` are what is wrong with which field, by place and name."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail or _ADVICE.get(status, ""),
    }
    if errors:
        body["errors"] = errors
    # The name of a field may hold half a letter: it goes back as JSON spells it.
    text = json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(text, status, headers, content_type=TYPE)


def from_http(error: HTTPException) -> Response:
    """What Flask, or a view with abort(), refused; its headers, such as Allow, stay."""
    status = error.code or 500
    told: dict[str, Any] = getattr(error, "data", None) or {}
    # Without words of our own the description is werkzeug's, written for a browser.
    ours = error.description if error.description != type(error).description else ""
    kept = [(name, value) for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")]
    detail = "Some of what was sent cannot be used; see errors." if "messages" in told else str(ours or "")
    return problem(status, detail, errors=told.get("messages"), headers=kept)
