"""The JSON API under /api/v1 for programs: a token, never a cookie, lets them in."""

from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api
from flask_wtf import CSRFProtect

from monitor import __version__
from web import problems
from web.api import access, casework, reading, writing
from web.api.schemas import ProblemSchema

_ABOUT = (
    "What Didban knows, for other programs. Every call carries a token (`Authorization: Bearer didban_…`), which "
    "`didban token add` makes. Lists run from the newest; `next` of one page is `after` of the following one, and what "
    "comes in meanwhile moves nothing. Times are ISO 8601 in UTC. Errors are RFC 9457 problems."
)


class _Api(Api):  # type: ignore[misc]
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """None: web.errors answers for the whole application."""

    def _register_pagination_header(self) -> None:
        """None: where a list goes on stands in its body."""

    def _register_responses(self) -> None:
        super()._register_responses()
        for response in self.spec.components.responses_lazy.values():
            content = response.get("content", {})
            if "application/json" in content:
                content[problems.TYPE] = content.pop("application/json")


def init_app(app: Flask, forms: CSRFProtect) -> None:
    app.config.update(
        API_TITLE="Didban",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        # Calls of one token.
        API_RATE="600 per minute",
    )
    # Persian as it is, and fields in the order in which they are documented.
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.ensure_ascii = app.json.sort_keys = False
    api = _Api(app, spec_kwargs={"info": {"description": _ABOUT}, "servers": [{"url": "/"}]})
    scheme: dict[str, Any] = {"type": "http", "scheme": "bearer", "description": "The secret of a token."}
    api.spec.components.security_scheme("token", scheme)
    access.init_app(app)
    for part in (reading, casework, writing):
        # No cookie lets anybody in, so that no form elsewhere can make use of one.
        forms.exempt(part.blueprint)
        api.register_blueprint(part.blueprint)
