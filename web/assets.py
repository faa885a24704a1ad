"""Static files by an address that changes with their content, so that a browser may keep them for a year."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, url_for

from web import words

_YEAR = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _YEAR
    app.jinja_env.globals.update(asset=asset, words=words)


def asset(name: str) -> str:
    return url_for("static", filename=name, v=_fingerprint(name))


@cache
def _fingerprint(name: str) -> str:
    content = Path(__file__).with_name("static").joinpath(name).read_bytes()
    return hashlib.sha256(content).hexdigest()[:10]
