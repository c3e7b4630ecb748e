"""Everything that an operator can set, read from the environment here and nowhere else.

docs/settings.md lists every variable; a test holds the two together.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from bot.errors import ConfigurationError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
PROFILES = ("local", "production")
SECRET_LENGTH = 32
TELEGRAM_API = "https://api.telegram.org"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MODELS_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,256}")
_TELEGRAM_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{20,100}")
_TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


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
    profile: str
    """``local`` (this machine: the REST channel is on) or ``production`` (the website's channel only)."""
    web_origins: tuple[str, ...]
    """Origins of other sites whose pages may embed the chat."""
    privacy_url: str
    session_secret: str
    """What signs the visitors' sessions; empty: one is made under `home`."""
    proxies: int
    """How many proxies of the operator stand in front; 0: the address that connects is the visitor's."""
    publishes_edits: bool
    """Whether `bot serve` publishes what is saved, through the gate, or leaves that to `bot publish`."""
    watch_seconds: int
    """How long a new publication is watched, and taken back if messages fail."""
    inbox_days: int
    inbox_secret: str
    """What senders are hashed with in the inbox; empty: one is made under `home`."""
    models_host: str = "127.0.0.1"
    """Where the model server listens: elsewhere than on loopback for servers that follow this one."""
    models_token: str = field(default="", repr=False)
    """What the model server's callers must know; empty: nothing, on loopback only."""
    follow_url: str = ""
    """The model server whose publications this server takes over; empty: it has its own."""
    telegram_token: str = field(default="", repr=False)
    """The bot's token from BotFather; empty: no Telegram."""
    telegram_webhook_secret: str = field(default="", repr=False)
    """What proves that an update comes from Telegram; empty: one is made under `home`."""
    telegram_api_url: str = TELEGRAM_API
    telegram_webhook: bool = False
    """Whether Telegram calls us at `public_url`; else we ask it for updates."""

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
    def credentials(self) -> Path:
        """Rasa's list of channels for the profile."""
        return PROJECT_ROOT / ("credentials.yml" if self.profile == "local" else f"credentials.{self.profile}.yml")

    @property
    def session_secret_file(self) -> Path:
        """Where the secret is kept that was made for want of BOT_SESSION_SECRET."""
        return self.home / "session-secret"

    @property
    def telegram_secret_file(self) -> Path:
        """Where the secret is kept that was made for want of TELEGRAM_WEBHOOK_SECRET."""
        return self.home / "telegram-webhook-secret"

    @property
    def actions_url(self) -> str:
        """The action server's webhook on loopback."""
        return f"http://127.0.0.1:{self.actions_port}/webhook"

    @property
    def models_url(self) -> str:
        """Where this machine's Rasa reaches the model server."""
        return _local_url(self.models_host, self.models_port)

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
    api = _address(env, "TELEGRAM_API_URL", TELEGRAM_API) or TELEGRAM_API
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
        public_url=_address(env, "BOT_PUBLIC_URL", "https://chat.example.org") or _local_url(host, port),
        profile=_profile(env),
        web_origins=_origins(env),
        privacy_url=_address(env, "BOT_PRIVACY_URL", "https://www.example.org/privacy"),
        session_secret=_secret(env),
        proxies=_whole(env, "BOT_PROXIES", 0),
        publishes_edits=_publishes(env),
        watch_seconds=_positive(env, "BOT_WATCH_SECONDS", 300),
        inbox_days=_positive(env, "BOT_INBOX_DAYS", 90),
        inbox_secret=env.get("BOT_INBOX_SECRET", "").strip(),
        models_host=_models_host(env),
        models_token=_models_token(env),
        follow_url=_address(env, "BOT_FOLLOW", "http://10.0.0.1:5056"),
        telegram_token=_matching(
            env, "TELEGRAM_TOKEN", _TELEGRAM_TOKEN, "a bot token", "123456789:AAbb-the-35-letters-of-BotFather"
        ),
        telegram_webhook_secret=_matching(
            env, "TELEGRAM_WEBHOOK_SECRET", _TELEGRAM_SECRET, "16 to 256 of A-Z a-z 0-9 _ -", "$(openssl rand -hex 32)"
        ),
        telegram_api_url=api,
        telegram_webhook=_is_reachable(_address(env, "BOT_PUBLIC_URL", "https://chat.example.org"), api),
    )


def _local_url(host: str, port: int) -> str:
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104


def _address(env: Mapping[str, str], name: str, example: str) -> str:
    text = env.get(name, "").strip()
    if text and not _is_web_address(text):
        raise ConfigurationError(
            f"{name}={text!r} is not an address that visitors can open: http:// or https://, a host, and no "
            f"password, '?' or '#'. Example: {name}={example}"
        )
    return text.rstrip("/")


def _profile(env: Mapping[str, str]) -> str:
    profile = env.get("BOT_PROFILE") or "local"
    if profile not in PROFILES:
        raise ConfigurationError(
            f"BOT_PROFILE={profile!r} is neither of {', '.join(PROFILES)}. Example: BOT_PROFILE=production"
        )
    return profile


def _publishes(env: Mapping[str, str]) -> bool:
    when = env.get("BOT_PUBLISH") or ("saved" if _profile(env) == "local" else "command")
    if when not in ("saved", "command"):
        raise ConfigurationError(f"BOT_PUBLISH={when!r} is neither of saved, command. Example: BOT_PUBLISH=command")
    return when == "saved"


def _origins(env: Mapping[str, str]) -> tuple[str, ...]:
    origins = [text.strip().rstrip("/").lower() for text in env.get("BOT_WEB_ORIGINS", "").split(",") if text.strip()]
    for origin in origins:
        if not _is_web_address(origin) or urlsplit(origin).path:
            raise ConfigurationError(
                f"BOT_WEB_ORIGINS={origin!r} is not an origin: http:// or https:// and a host, nothing after it. "
                "Example: BOT_WEB_ORIGINS=https://www.example.org,https://example.org"
            )
    return tuple(origins)


def _secret(env: Mapping[str, str]) -> str:
    secret = env.get("BOT_SESSION_SECRET", "").strip()
    if secret and len(secret) < SECRET_LENGTH:
        # The value stays out of the message: it may be a real one with its end cut off.
        raise ConfigurationError(
            f"BOT_SESSION_SECRET= has {len(secret)} characters; it needs {SECRET_LENGTH} random ones or more. "
            "Example: BOT_SESSION_SECRET=$(openssl rand -hex 32)"
        )
    return secret


def _matching(env: Mapping[str, str], name: str, pattern: re.Pattern[str], what: str, example: str) -> str:
    value = env.get(name, "").strip()
    if value and not pattern.fullmatch(value):
        # The value stays out of the message: it is a secret.
        raise ConfigurationError(f"{name}= is not {what}. Example: {name}={example}")
    return value


def _models_token(env: Mapping[str, str]) -> str:
    return _matching(env, "BOT_MODELS_TOKEN", _MODELS_TOKEN, "32 to 256 of A-Z a-z 0-9 _ -", "$(openssl rand -hex 32)")


def _models_host(env: Mapping[str, str]) -> str:
    host = env.get("BOT_MODELS_HOST", "").strip() or LOOPBACK[0]
    if host not in LOOPBACK and not _models_token(env):
        raise ConfigurationError(
            f"BOT_MODELS_HOST={host!r} is open to other machines and needs BOT_MODELS_TOKEN. "
            "Example: BOT_MODELS_TOKEN=$(openssl rand -hex 32)"
        )
    return host


def _is_reachable(public_url: str, api: str) -> bool:
    """Whether Telegram can call us: it does so over https only; a stand-in for it on this machine takes anything."""
    on_loopback = urlsplit(api).hostname in LOOPBACK
    return bool(public_url) and (on_loopback or public_url.startswith("https://"))


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for what is no port
    except ValueError:
        return False
    whole = text.isprintable() and not set(text) & set(' ?#@\\<>"')
    return whole and parts.scheme in ("http", "https") and bool(parts.hostname)


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    number = _whole(env, name, default)
    if number < 1:
        raise ConfigurationError(f"{name}={number} is not a whole number above 0. Example: {name}={default}")
    return number


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdecimal():
        raise ConfigurationError(f"{name}={text!r} is not a whole number. Example: {name}={default}")
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
