"""The site of an address, by one rule for the pages that group by it and for the lists that ask for it."""

from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

# What SQLite calls :func:`host_of`: see :func:`monitor.db.make_engine`.
SQLITE_FUNCTION = "didban_host"
# The same for PostgreSQL: after the scheme and a name to log in with, up to the port or the path.
_PATTERN = "^[^:/?#]+://(?:[^/?#]*@)?(?:www[.])?([^/?#:]*)"


def host_of(url: str) -> str:
    """Without ``www.`` and port, in small letters; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


class Host(ColumnElement[str]):
    """The host of an address that a column holds, as :func:`host_of` has it."""

    inherit_cache = True
    type = String()
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]  # noqa: RUF012

    def __init__(self, column: Any) -> None:
        self.column = column


@compiles(Host)
def _for_postgresql(element: Host, compiler: SQLCompiler, **options: Any) -> str:
    return f"substring(lower({compiler.process(element.column, **options)}) from '{_PATTERN}')"


@compiles(Host, "sqlite")
def _for_sqlite(element: Host, compiler: SQLCompiler, **options: Any) -> str:
    return f"{SQLITE_FUNCTION}({compiler.process(element.column, **options)})"
