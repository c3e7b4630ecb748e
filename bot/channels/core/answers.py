"""One form of an answer for all channels: text, buttons, event cards, sources, language.

Rasa's messages come in as dictionaries; what is not known here is left out, and everything is made harmless: no
control characters, links to http(s) only.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from bot.channels.core.markdown import safe_url, visible
from bot.languages import DEFAULT_LANGUAGE, supported

MAX_TEXT = 20_000
_CARD_TEXTS = (
    "uid", "title", "language", "start", "end", "city", "when", "place", "status", "label", "free_label",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What the bot says at once. ``lead``, the cards and ``tail`` say the same as ``text``, which stands alone."""

    text: str
    language: str = DEFAULT_LANGUAGE
    buttons: tuple[dict[str, str], ...] = ()
    cards: tuple[dict[str, Any], ...] = ()
    sources: tuple[dict[str, str], ...] = ()
    lead: str | None = None
    tail: str | None = None
    entry: str | None = None
    """The FAQ entry that was answered; for staff, not for visitors."""
    chosen: bool | None = None
    """True if the visitor has just asked for this answer's language, in words and for good."""

    def as_data(self) -> dict[str, Any]:
        """Return plain data; `Answer.from_data` takes it back."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Answer":
        """Return what `as_data` made plain, also after a way through JSON."""
        lists = {name: tuple(data.get(name, ())) for name in ("buttons", "cards", "sources")}
        return cls(**{**data, **lists})

    @classmethod
    def from_rasa(cls, message: dict[str, Any], language: str | None = None) -> "Answer":
        """Read one of Rasa's messages; ``language`` is taken where it does not name its own."""
        custom = message.get("custom")
        custom = custom if isinstance(custom, dict) else {}
        cards = tuple(_card(each) for each in _dictionaries(custom.get("events") or custom.get("instead")))
        shown = cards and "lead" in custom and "tail" in custom
        return cls(
            text=_text(message.get("text"))[:MAX_TEXT],
            language=supported(custom.get("language")) or supported(language) or DEFAULT_LANGUAGE,
            buttons=tuple(
                {"title": _text(each.get("title")), "payload": _text(each.get("payload"))}
                for each in _dictionaries(message.get("buttons"))
            ),
            cards=cards,
            sources=tuple(
                {"title": _text(each.get("title")), "quote": _text(each.get("quote"))}
                for each in _dictionaries(custom.get("sources"))
            ),
            lead=_text(custom["lead"]) if shown else None,
            tail=_text(custom["tail"]) if shown else None,
            entry=custom["entry"] if isinstance(custom.get("entry"), str) else None,
            chosen=custom.get("chosen") is True or None,
        )


def _card(event: dict[str, Any]) -> dict[str, Any]:
    card: dict[str, Any] = {name: _text(event.get(name)) for name in _CARD_TEXTS}
    free = event.get("free")
    return {
        **card,
        "end": card["end"] or None,
        "all_day": bool(event.get("all_day")),
        "free": free if isinstance(free, bool) else None,
        "url": safe_url(_text(event.get("url"))),
        "calendar": safe_url(_text(event.get("calendar"))),
    }


def _dictionaries(value: Any) -> Iterable[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list | tuple) else []


def _text(value: Any) -> str:
    return visible(value) if isinstance(value, str) else ""
