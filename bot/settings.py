"""Everything that an operator can set, read from the environment here and nowhere else.

docs/settings.md lists every variable; a test holds the two together.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import ConfigurationError

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """The operator's choices. Times in seconds, paths absolute."""

    home: Path
    content_dir: Path
    host: str
    port: int
    actions_port: int
    models_port: int
    database_url: str
    clock: datetime | None
    contact: str
    conversation_days: int
    public_url: str
    """Where visitors reach the assistant, without a slash at the end."""
    inbox_days: int
    inbox_secret: str
    """What senders are hashed with in the inbox; empty: one is made under `home`."""

    @property
    def models_dir(self) -> Path:
        """Where trained models are kept."""
        return self.home / "models"

    @property
    def logs_dir(self) -> Path:
        """Where the child processes' logs are kept."""
        return self.home / "logs"

    @property
    def compiled_content(self) -> Path:
        """The validated content that a running bot speaks from, or absent before the first `bot serve`."""
        return self.home / "content.json"

    @property
    def actions_url(self) -> str:
        """The action server's webhook on loopback."""
        return f"http://127.0.0.1:{self.actions_port}/webhook"

    @property
    def url(self) -> str:
        """Where the assistant is reached on this machine."""
        return _local_url(self.host, self.port)


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environment`` (the process's own by default).

    Raises:
        ConfigurationError: a variable cannot be read; the message names it and gives an example.
    """
    env = os.environ if environment is None else environment
    home = Path(env.get("BOT_HOME") or PROJECT_ROOT / ".bot").resolve()
    host, port = env.get("BOT_HOST") or "127.0.0.1", _port(env, "BOT_PORT", 5005)
    return Settings(
        home=home,
        content_dir=Path(env.get("BOT_CONTENT") or PROJECT_ROOT / "nlu_data").resolve(),
        host=host,
        port=port,
        actions_port=_port(env, "BOT_ACTIONS_PORT", port + 50),
        models_port=_port(env, "BOT_MODELS_PORT", port + 51),
        database_url=env.get("DATABASE_URL") or f"sqlite:///{home / 'assistant.sqlite'}",
        clock=_clock(env),
        contact=env.get("BOT_CONTACT", "").strip(),
        conversation_days=_positive(env, "BOT_CONVERSATION_DAYS", 30),
        public_url=_public_url(env, _local_url(host, port)),
        inbox_days=_positive(env, "BOT_INBOX_DAYS", 90),
        inbox_secret=env.get("BOT_INBOX_SECRET", "").strip(),
    )


def _local_url(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104


def _public_url(env: Mapping[str, str], default: str) -> str:
    text = env.get("BOT_PUBLIC_URL", "").strip()
    if text and not _is_web_address(text):
        raise ConfigurationError(
            f"BOT_PUBLIC_URL={text!r} is not an address that visitors can open: http:// or https://, a host, and no "
            "password, '?' or '#'. Example: BOT_PUBLIC_URL=https://chat.example.org"
        )
    return (text or default).rstrip("/")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return False
    whole = text.isprintable() and not set(text) & set(' ?#@\\<>"')
    return whole and parts.scheme in ("http", "https") and bool(parts.hostname)


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ConfigurationError(f"{name}={text!r} is not a whole number above 0. Example: {name}={default}")
    return int(text)


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    port = _positive(env, name, default)
    if port > 65535:
        raise ConfigurationError(f"{name}={port} is not a port (1 to 65535). Example: {name}={default}")
    return port


def _clock(env: Mapping[str, str]) -> datetime | None:
    text = env.get("BOT_CLOCK")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ConfigurationError(
            f"BOT_CLOCK={text!r} is not a moment with a zone. Example: BOT_CLOCK=2027-03-10T10:00:00+01:00"
        )
    return moment
