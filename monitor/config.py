"""Settings: defaults < didban.toml < environment (``DIDBAN_*``; secrets also by ``DIDBAN_*_FILE``)."""

import json
import math
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.errors import ConfigError

CONFIG_FILE = "didban.toml"
_PREFIX = "DIDBAN_"


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "didban"


def _setting(default: Any, text: str, *, secret: bool = False) -> Any:
    metadata = {"help": text, "secret": secret}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an owner can set, made once by :func:`load_settings` and passed in."""

    data_dir: Path = _setting(_default_data_dir, "Folder of the database and of the generated key.")
    database_url: str = _setting("", "SQLAlchemy address of the database; empty is SQLite in data_dir.", secret=True)
    secret_key: str = _setting(
        "",
        "Signs forms, hashes subscribers, encrypts channels; empty is a key made in data_dir.",
        secret=True,
    )
    language: str = _setting("fa", "Language of pages and of new channels: fa or en.")
    time_zone: str = _setting("Asia/Tehran", "Time zone in which days begin and times are shown.")
    host: str = _setting("127.0.0.1", "Address the dashboard listens on; 0.0.0.0 is every one this machine has.")
    port: int = _setting(8370, "Port of the dashboard.")
    trusted_hosts: tuple[str, ...] = _setting(
        (), "Host names the dashboard answers to besides localhost and 127.0.0.1."
    )
    proxies: int = _setting(0, "Reverse proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed.")
    contact: str = _setting("", "Address or page that sites find in our User-Agent.")
    allowed_hosts: tuple[str, ...] = _setting(
        (), "host or host:port of private or loopback addresses that spiders may visit."
    )
    collect_interval: int = _setting(1800, "Seconds between two visits of a new source.")
    download_delay: float = _setting(1.0, "Seconds between two requests to one host, before AutoThrottle.")
    download_timeout: int = _setting(30, "Seconds after which a slow answer is given up.")
    download_max_size: int = _setting(10_000_000, "Bytes after which an answer, unpacked, is given up.")
    model: str = _setting("", "Directory of a sequence-classification model; empty is the bundled one.")
    uncertain_below: float = _setting(0.55, "Labels with a lower score are shown as uncertain.")
    loss_table: tuple[float, ...] = _setting(
        (0.0, 22.0, 22.0, 59.2, 70.0),
        "Percent of prospects lost at 0, 1, 2 … negative results; the last stands for all above it.",
    )

    public_url: str = _setting(
        "", "Address at which the outside reaches /u/, /act/ and /hooks/, such as https://news.example.com."
    )
    address_days: int = _setting(
        90,
        "Days after which the address of someone who left is erased, a former customer's after the greeting; "
        "the counts stay.",
    )
    hook_days: int = _setting(14, "Days for which a provider's call is kept as it came.")
    page_name: str = _setting("", "Name shown on the unsubscribe page; empty is the brand's name.")
    page_colour: str = _setting("#2f5d50", "Colour of the unsubscribe page's buttons, as #rrggbb.")
    fewer_mails: str = _setting(
        "monthly", "What the unsubscribe page offers instead: weekly, monthly, or empty for none."
    )

    def __post_init__(self) -> None:
        if self.language not in ("fa", "en"):
            raise ConfigError("language is fa or en, not", self.language)
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as e:
            raise ConfigError("time_zone is not known", self.time_zone) from e
        if not 0 < self.port < 65536:
            raise ConfigError("port lies between 1 and 65535, not", self.port)
        if self.proxies < 0:
            raise ConfigError("proxies is 0 or more, not", self.proxies)
        if not 0 <= self.uncertain_below < 1:
            raise ConfigError("uncertain_below lies between 0 and 1, not", self.uncertain_below)
        if len(self.loss_table) < 2 or any(not 0 <= share <= 100 for share in self.loss_table):
            raise ConfigError("loss_table is at least two percentages, not", self.loss_table)
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.page_colour):
            raise ConfigError("page_colour is #rrggbb, not", self.page_colour)
        if self.fewer_mails not in ("", "weekly", "monthly"):
            raise ConfigError("fewer_mails is weekly, monthly or empty, not", self.fewer_mails)
        if not 0 <= self.download_delay < math.inf:
            raise ConfigError("download_delay is 0 or more, not", self.download_delay)
        if self.public_url and not _is_public_url(self.public_url):
            raise ConfigError("public_url is an address like https://news.example.com, not", self.public_url)
        for name in ("collect_interval", "download_timeout", "download_max_size", "address_days", "hook_days"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} is more than zero, not", getattr(self, name))

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> str:
        """The address in use."""
        return self.database_url or f"sqlite:///{self.data_dir / 'didban.db'}"

    def key(self) -> str:
        """``secret_key``, or the key kept in data_dir, made on first use and readable by its owner only.

        Raises ConfigError.
        """
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret.key"
        try:
            if not path.exists():
                _write_new_key(self.make_data_dir() / path.name)
            return path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as e:
            raise ConfigError("cannot read or make the key", str(path)) from e

    def make_data_dir(self) -> Path:
        """data_dir, there from now on. Raises ConfigError."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise ConfigError("cannot make the folder data_dir", str(self.data_dir)) from e
        return self.data_dir


def _is_public_url(text: str) -> bool:
    """Whether a path can be put behind it, and the whole into the header of a mail."""
    try:
        parts = urlsplit(text)
        is_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_place and parts.scheme in ("http", "https") and not re.search(r"[\s<>\"?#\x00-\x1f]", text)


def _write_new_key(path: Path) -> None:
    # Written aside and linked, so that of two processes starting at once both read the same whole key.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Read didban.toml (``path``, ``DIDBAN_CONFIG`` or the one in this folder) and the environment.

    ``overrides`` win over both. Raises ConfigError that names the unknown or unusable key.
    """
    environ = os.environ if environ is None else environ
    values = {**_from_file(path, environ), **_from_environment(environ)}
    values.update({key: value for key, value in overrides.items() if value is not None})
    known = {item.name: item for item in fields(Settings)}
    for key in values:
        if key not in known:
            raise ConfigError("unknown setting", key)
    return Settings(**{key: _convert(key, value) for key, value in values.items()})


def as_environ(settings: Settings) -> dict[str, str]:
    """The same settings as environment variables, for a process that we start."""
    values = {item.name: getattr(settings, item.name) for item in fields(settings)}
    return {
        f"{_PREFIX}{name.upper()}": json.dumps(value) if isinstance(value, tuple) else str(value)
        for name, value in values.items()
    }


def _from_file(path: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    named = path or (Path(environ["DIDBAN_CONFIG"]) if environ.get("DIDBAN_CONFIG") else None)
    chosen = named or Path(CONFIG_FILE)
    try:
        return tomllib.loads(chosen.read_text(encoding="utf-8"))
    except FileNotFoundError as e:
        if named is None:
            return {}
        raise ConfigError("no such settings file", str(chosen)) from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as e:
        raise ConfigError("cannot read settings file", str(chosen)) from e


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    secret_names = {item.name for item in fields(Settings) if item.metadata["secret"]}
    values: dict[str, Any] = {}
    for variable, value in environ.items():
        if not variable.startswith(_PREFIX) or variable == "DIDBAN_CONFIG":
            continue
        key = variable.removeprefix(_PREFIX).lower()
        if key.endswith("_file") and key.removesuffix("_file") in secret_names:
            key, value = key.removesuffix("_file"), _read_secret(variable, Path(value))
        values[key] = value
    return values


def _read_secret(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as e:
        raise ConfigError("cannot read the file of", variable) from e


def _convert(key: str, value: Any) -> Any:
    """Bring a TOML or environment value to the field's type."""
    kind = Settings.__annotations__[key]
    try:
        if kind is Path:
            return Path(str(value)).expanduser().absolute()
        if kind in (int, float):
            if isinstance(value, bool):
                raise ValueError("a number, not true or false")
            return kind(value)
        if kind is str:
            return str(value)
        item = str if kind == tuple[str, ...] else float
        return tuple(item(part) for part in _as_list(value))
    except (ValueError, TypeError) as e:
        raise ConfigError("unusable setting", key) from e


def _as_list(value: Any) -> list[Any]:
    if not isinstance(value, str):
        return list(value)
    if value.lstrip().startswith("["):
        return list(json.loads(value))
    return [part.strip() for part in value.split(",") if part.strip()]
