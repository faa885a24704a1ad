"""Files on their way in: looked at first, brought in after. They name people, so they are kept sealed, for an hour."""

import re
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from monitor.errors import ImportFileError
from monitor.sealing import Seal

_KEPT = timedelta(hours=1)
_PURPOSE = "upload"
_NAME = re.compile(r"[\w.-]{1,100}")
_TOKEN = re.compile(r"[0-9a-f]{32}")


def keep_upload(data_dir: Path, seal: Seal, name: str, content: bytes, now: datetime) -> str:
    """Keep a file under a token, which is all that finds it again; those of the last hours are forgotten."""
    folder = data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    _forget_old(folder, now)
    token = secrets.token_hex(16)
    name = name if _NAME.fullmatch(name) else "upload.csv"
    (folder / token).write_bytes(seal.close_bytes(f"{name}\n".encode() + content, _PURPOSE))
    return token


@contextmanager
def open_upload(data_dir: Path, seal: Seal, token: str) -> Iterator[Path]:
    """The file as it came, under its own name, for as long as it is looked at. Raises ImportFileError."""
    try:
        if not _TOKEN.fullmatch(token):
            raise FileNotFoundError
        content = seal.open_bytes((data_dir / "uploads" / token).read_bytes(), _PURPOSE)
    except OSError as e:
        raise ImportFileError("the file is not kept any more; choose it again") from e
    name, _, body = content.partition(b"\n")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name.decode())
        path.write_bytes(body)
        yield path


def forget_upload(data_dir: Path, token: str) -> None:
    if _TOKEN.fullmatch(token):
        (data_dir / "uploads" / token).unlink(missing_ok=True)


def _forget_old(folder: Path, now: datetime) -> None:
    for path in folder.iterdir():
        if datetime.fromtimestamp(path.stat().st_mtime, now.tzinfo) < now - _KEPT:
            path.unlink(missing_ok=True)
