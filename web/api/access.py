"""Who may call: a token with the scope that an address asks for, and not too often."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Request, Response, abort, current_app, g, request
from flask_limiter import Limiter
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema
from webargs.flaskparser import FlaskParser

from monitor.audit import Actor, act_as
from monitor.models import ApiToken
from monitor.payloads import LARGEST_CALL
from monitor.tokens import find_token, record_use, use_is_old
from monitor.types import Scope, Way
from web import problems
from web.scope import db, house, now

P = ParamSpec("P")
R = TypeVar("R")

_limiter = Limiter(lambda: f"token {the_token().id}", headers_enabled=True, storage_uri="memory://", key_prefix="api")
_ERRORS = {401: "UNAUTHORIZED", 403: "FORBIDDEN", 429: "TOO_MANY_REQUESTS"}


def init_app(app: Flask) -> None:
    _limiter.init_app(app)


class _Parser(FlaskParser):
    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body; none, or one of another kind, is not the same as an empty one."""
        if not req.is_json:
            abort(415)
        return super().load_json(req, schema)


class Door(Blueprint):  # type: ignore[misc]
    """Addresses at which nobody is let in without a good token, and none too often."""

    # An unknown name is an error in addresses too: a filter that is misspelt would narrow nothing.
    ARGUMENTS_PARSER = _Parser(unknown=RAISE)

    def __init__(self, name: str, about: str) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix="/api/v1", description=about)
        self.before_request(_let_in)
        self.after_request(let_compare)


def token_shown() -> ApiToken | None:
    """The good token that the call shows, written down as used."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return None
    return good_token(secret.strip())


def good_token(secret: str) -> ApiToken | None:
    """The token with this secret, written down as used."""
    token = find_token(db(), secret, now())
    if token is not None and use_is_old(token, now()):
        with house().database.write() as writing:
            record_use(writing, token.id, now())
    return token


def the_token() -> ApiToken:
    """That of the call at hand, which was let in."""
    token: ApiToken = g.token
    return token


def _let_in() -> Response | None:
    # A call is small, and it is held in memory.
    request.max_content_length = LARGEST_CALL
    token = token_shown()
    if token is None:
        answer = problems.problem(401, "Show a token that is good: Authorization: Bearer didban_…")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="didban"'
        return answer
    g.token = token
    act_as(Actor(token.name, Way.API, now()))
    _count_call()
    return None


@_limiter.limit(lambda: current_app.config["API_RATE"])
def _count_call() -> None:
    """429 for a token that calls too often."""


def let_compare(response: Response) -> Response:
    """An ETag of what was answered; who has it already gets 304 and no body."""
    response.headers["Cache-Control"] = "private, no-cache"
    if request.method != "GET" or response.status_code != 200:
        return response
    # Weak: the same answer may go out packed or not.
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def needs(scope: Scope) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """The view may be called with this scope only; goes above what reads the arguments."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            check(scope)
            return view(*args, **kwargs)

        documented: Any = Blueprint.doc(security=[{"token": []}], responses=_ERRORS, **{"x-scope": scope})
        result: Callable[P, R] = documented(guarded)
        return result

    return decorate


def check(scope: Scope) -> None:
    """403 without ``scope``."""
    if scope not in the_token().scopes:
        abort(403, f"The token has not the scope {scope.value}.")
