"""A file of our own making, whole or not there at all, and readable by its owner only."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from monitor.errors import FileError


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Where to write ``path`` aside; it takes its place at the end, and is gone if anything is raised.

    Raises FileError when it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield draft
        draft.replace(path)
    except OSError as e:
        raise FileError("cannot write file", str(path)) from e
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def written_aside(path: Path) -> Iterator[IO[bytes]]:
    """``path`` open for writing; see :func:`draft_of`."""
    with draft_of(path) as draft, draft.open("wb") as file:
        yield file
