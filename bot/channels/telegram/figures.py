"""What `GET /metrics` says of Telegram, and the state in `GET /health/ready`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import Counter

from bot.channels.health import registry

updates_total = Counter(
    "bot_telegram_updates_total", "Updates of Telegram by what became of them", ["result"], registry=registry
)
sent_total = Counter(
    "bot_telegram_sent_total", "Messages to Telegram by what became of them", ["result"], registry=registry
)


@dataclass
class State:
    """How the channel fares: ``mode`` is "starting", "polling", "webhook" or "standby"."""

    mode: str = "starting"
    failing_since: datetime | None = None

    def well(self, mode: str) -> None:
        """Note that Telegram answers."""
        self.mode, self.failing_since = mode, None

    def failing(self, now: datetime) -> None:
        """Note that it does not."""
        self.failing_since = self.failing_since or now

    def __str__(self) -> str:
        if self.failing_since:
            return f"failing since {self.failing_since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        return self.mode
