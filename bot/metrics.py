"""The server's figures for Prometheus, and for the watch over what was just published."""

from prometheus_client import CollectorRegistry, Counter

registry = CollectorRegistry()
turns_total = Counter(
    "bot_turns_total", "Visitors' messages by channel and whether they were answered", ["channel", "result"],
    registry=registry,
)  # fmt: skip
ANSWERED, FAILED = "answered", "failed"
