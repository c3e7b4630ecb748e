"""Inline keyboards (https://core.telegram.org/bots/api#inlinekeyboardmarkup)."""

import json
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.telegram.errors import bad

MAX_DATA_BYTES = 64
MAX_BUTTONS = 100
MAX_IN_A_ROW = 8
MAX_MARKUP_BYTES = 10_000
_ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}  # fmt: skip


def read(given: str | None) -> dict[str, Any] | None:
    """Return the inline keyboard of a ``reply_markup``; None for none or one without buttons."""
    if not given:
        return None
    try:
        markup = json.loads(given)
    except ValueError:
        raise bad("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" not in markup:
        if set(markup) & {"keyboard", "remove_keyboard", "force_reply"}:
            return None
        raise bad("can't parse reply keyboard markup: no known keyboard")
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" must be an Array of Arrays')
    for row in rows:
        for button in row:
            _check(button)
    if any(len(row) > MAX_IN_A_ROW for row in rows) or sum(map(len, rows)) > MAX_BUTTONS:
        raise bad("BUTTONS_TOO_MUCH")
    if len(given.encode()) > MAX_MARKUP_BYTES:
        raise bad("REPLY_MARKUP_TOO_LONG")
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def _check(button: Any) -> None:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
    if not text.strip():
        raise bad("text of an inline keyboard button is empty")
    actions = set(button) & _ACTIONS
    if not actions:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1 or set(button) - _ACTIONS - {"text", "style", "icon_custom_emoji_id"}:
        raise bad(f"can't parse inline keyboard button: exactly one action expected, found {sorted(set(button))}")
    if "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_DATA_BYTES:
            raise bad("BUTTON_DATA_INVALID")
    if "url" in button:
        parts = urlsplit(str(button["url"]))
        if parts.scheme not in ("http", "https", "tg") or not parts.netloc:
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
