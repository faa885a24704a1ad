"""Who may ask, and what the browser may do with the answer."""

from urllib.parse import urlsplit

from flask import Flask, Response

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_OURS = ("localhost", "127.0.0.1")


def init_app(app: Flask) -> None:
    # A page elsewhere whose name is made to point here (DNS rebinding) asks with its own name: it is refused.
    trusted = app.extensions["didban"].settings.trusted_hosts
    app.config["TRUSTED_HOSTS"] = [*_OURS, *trusted]
    app.after_request(_add_headers)
    app.jinja_env.filters["outside"] = outside_link


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def outside_link(url: str) -> str:
    """The address when it may be linked, else nothing: what was collected may hold ``javascript:``."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.hostname else ""
