"""A file of our own making, whole or not there at all, and readable by its owner only.

A pipe or a device is no file to be replaced: what goes there is written straight into it.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from monitor.errors import FileError


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Where to write ``path`` aside; it takes its place at the end, and is gone if anything is raised.

    It is ``path`` itself when that is a pipe or a device, and beside the file that a link leads to.
    Raises FileError when it cannot be written.
    """
    try:
        if is_replaced(path):
            with _aside(Path(os.path.realpath(path))) as draft:
                yield draft
        else:
            yield path
    except OSError as e:
        raise FileError("cannot write file", str(path)) from e


def is_replaced(path: Path) -> bool:
    """Whether what is written to ``path`` is a file that takes its place; no pipe and no device is."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True


@contextmanager
def _aside(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def written_aside(path: Path) -> Iterator[IO[bytes]]:
    """``path`` open for writing; see :func:`draft_of`."""
    with draft_of(path) as draft, draft.open("wb") as file:
        yield file
