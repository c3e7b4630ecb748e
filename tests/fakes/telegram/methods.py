"""The methods of the Bot API that a bot like ours calls (https://core.telegram.org/bots/api#available-methods)."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram import keyboards, markup
from tests.fakes.telegram.chats import Chat
from tests.fakes.telegram.errors import ApiError, bad

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeBotApi

MAX_DOCUMENT = 50 * 1024 * 1024
ACTIONS = {
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
    "choose_sticker", "find_location", "record_video_note", "upload_video_note",
}  # fmt: skip
_TO_CHAT = {
    "chat_id", "message_thread_id", "disable_notification", "protect_content", "reply_parameters", "reply_markup",
    "business_connection_id", "allow_paid_broadcast", "message_effect_id",
}  # fmt: skip
_TEXT = {"text", "parse_mode", "entities", "link_preview_options"}
_DOCUMENT = {
    "document", "caption", "parse_mode", "caption_entities", "thumbnail", "disable_content_type_detection",
}  # fmt: skip
_HOOK = {
    "url", "certificate", "ip_address", "max_connections", "allowed_updates", "drop_pending_updates", "secret_token",
}  # fmt: skip
_SCOPE = {"scope", "language_code"}


@dataclass
class File:
    """An uploaded file."""

    name: str
    content: bytes
    kind: str


@dataclass
class Call:
    """One call: its method, parameters and files."""

    method: str
    parameters: dict[str, str]
    files: dict[str, File]

    def text(self, name: str) -> str:
        """Return a parameter, "" if it is missing."""
        return self.parameters.get(name, "")

    def number(self, name: str, default: int = 0) -> int:
        """Return a parameter as a number."""
        try:
            return int(self.parameters.get(name, default))
        except ValueError:
            raise bad(f"parameter {name} must be a number") from None

    def flag(self, name: str) -> bool:
        """Whether a parameter is true."""
        return self.text(name).lower() in ("true", "1", "yes")


class Methods:
    """Answers calls; runs in the server's loop."""

    def __init__(self, api: "FakeBotApi") -> None:
        self.api = api
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.descriptions: dict[str, dict[str, str]] = {"description": {}, "short_description": {}, "name": {}}
        self.known: dict[str, tuple[Callable[[Call], Any], set[str]]] = {
            "getMe": (lambda call: self.api.me, set()),
            "sendMessage": (self._send_message, _TO_CHAT | _TEXT),
            "sendDocument": (
                self._send_document,
                _TO_CHAT | _DOCUMENT,
            ),
            "sendVenue": (
                self._send_venue,
                _TO_CHAT | {"latitude", "longitude", "title", "address", "foursquare_id", "google_place_id"},
            ),
            "sendLocation": (self._send_location, _TO_CHAT | {"latitude", "longitude"}),
            "sendChatAction": (self._chat_action, {"chat_id", "action", "message_thread_id"}),
            "answerCallbackQuery": (
                self._answer_tap, {"callback_query_id", "text", "show_alert", "url", "cache_time"},
            ),
            "editMessageReplyMarkup": (self._edit_markup, {"chat_id", "message_id", "reply_markup"}),
            "editMessageText": (self._edit_text, {"chat_id", "message_id", "reply_markup"} | _TEXT),
            "deleteMessage": (self._delete, {"chat_id", "message_id"}),
            "leaveChat": (self._leave, {"chat_id"}),
            "setMyCommands": (self._set_commands, {"commands"} | _SCOPE),
            "getMyCommands": (lambda call: self.commands.get(self._key(call), []), _SCOPE),
            "deleteMyCommands": (lambda call: bool(self.commands.pop(self._key(call), None)) or True, _SCOPE),
            "setMyDescription": (self._describe("description", 512), {"description", "language_code"}),
            "setMyShortDescription": (self._describe("short_description", 120), {"short_description", "language_code"}),
            "getMyDescription": (self._described("description"), {"language_code"}),
            "getMyShortDescription": (self._described("short_description"), {"language_code"}),
            "setWebhook": (
                self._set_webhook,
                _HOOK,
            ),
            "deleteWebhook": (self._delete_webhook, {"drop_pending_updates"}),
            "getWebhookInfo": (self._webhook_info, set()),
        }  # fmt: skip

    def run(self, call: Call) -> Any:
        """Return a call's result or raise ApiError."""
        if call.method not in self.known:
            raise ApiError(404, "Not Found: method not found")
        method, parameters = self.known[call.method]
        if unknown := set(call.parameters) - parameters:
            self.api.report(f"{call.method} has no parameters {sorted(unknown)}")
        return method(call)

    def _chat(self, call: Call, sending: bool = True) -> Chat:
        given = call.text("chat_id")
        if not given:
            raise bad("chat_id is empty")
        chat = self.api.chats.get(int(given)) if re.fullmatch(r"-?\d+", given) else None
        if chat is None:
            raise bad("chat not found")
        if chat.refusal:
            raise chat.refusal
        if sending:
            self.api.flood.count(chat.id)
        return chat

    def _sent(self, call: Call, chat: Chat, content: dict[str, Any]) -> dict[str, Any]:
        if call.text("reply_parameters"):
            reply = json.loads(call.text("reply_parameters"))
            to = chat.messages.get(int(reply["message_id"]))
            if to is None and not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            if to:
                content["reply_to_message"] = {key: to[key] for key in to if key != "reply_to_message"}
        if keyboard := keyboards.read(call.text("reply_markup")):
            content["reply_markup"] = keyboard
        return dict(chat.add(self.api.me, content, mine=True))

    def _send_message(self, call: Call) -> dict[str, Any]:
        parsed = self._read(call)
        keyboards.read(call.text("reply_markup"))
        return self._sent(call, self._chat(call), parsed)

    def _read(self, call: Call) -> dict[str, Any]:
        parsed = markup.read(
            call.text("text"), call.text("parse_mode"), markup.MAX_TEXT, "text", self.api.report
        )  # fmt: skip
        return {"text": parsed.text} | ({"entities": parsed.entities} if parsed.entities else {})

    def _send_document(self, call: Call) -> dict[str, Any]:
        name = call.text("document").removeprefix("attach://") or "document"
        file = call.files.get(name)
        if file is None:
            raise bad("there is no document in the request")
        if not file.content:
            raise bad("file must be non-empty")
        if len(file.content) > MAX_DOCUMENT:
            raise ApiError(413, "Request Entity Too Large")
        caption = markup.read(
            call.text("caption"), call.text("parse_mode"), markup.MAX_CAPTION, "caption", self.api.report
        )  # fmt: skip
        keyboards.read(call.text("reply_markup"))
        chat = self._chat(call)
        number = f"file{len(self.api.files) + 1}"
        self.api.files[number] = file
        document = {
            "file_id": number, "file_unique_id": number, "file_name": file.name, "mime_type": file.kind,
            "file_size": len(file.content),
        }  # fmt: skip
        content: dict[str, Any] = {"document": document}
        return self._sent(call, chat, content | ({"caption": caption.text} if caption.text else {}))

    def _place(self, call: Call) -> dict[str, float]:
        try:
            place = {name: float(call.text(name)) for name in ("latitude", "longitude")}
        except ValueError:
            raise bad("latitude or longitude is empty") from None
        if not (-90 <= place["latitude"] <= 90 and -180 <= place["longitude"] <= 180):
            raise bad("can't parse location")
        return place

    def _send_venue(self, call: Call) -> dict[str, Any]:
        for name in ("title", "address"):
            if not call.text(name).strip():
                raise bad(f"{name} must be non-empty")
        place = self._place(call)
        venue = {"location": place, "title": call.text("title"), "address": call.text("address")}
        return self._sent(call, self._chat(call), {"venue": venue, "location": place})

    def _send_location(self, call: Call) -> dict[str, Any]:
        return self._sent(call, self._chat(call), {"location": self._place(call)})

    def _chat_action(self, call: Call) -> bool:
        if call.text("action") not in ACTIONS:
            raise bad("wrong parameter action in request")
        self._chat(call, sending=False)
        return True

    def _answer_tap(self, call: Call) -> bool:
        if len(call.text("text")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self.api.taps.answer(call.text("callback_query_id"), dict(call.parameters))
        return True

    def _own(self, call: Call) -> dict[str, Any]:
        message = self._chat(call, sending=False).messages.get(call.number("message_id"))
        if message is None:
            raise bad("message to edit not found")
        if message["from"] != self.api.me:
            raise bad("message can't be edited")
        return message

    def _edit_markup(self, call: Call) -> dict[str, Any]:
        return self._edit(self._own(call), {}, keyboards.read(call.text("reply_markup")))

    def _edit_text(self, call: Call) -> dict[str, Any]:
        return self._edit(self._own(call), self._read(call), keyboards.read(call.text("reply_markup")))

    def _edit(
        self, message: dict[str, Any], content: dict[str, Any], keyboard: dict[str, Any] | None
    ) -> dict[str, Any]:
        if message.get("reply_markup") == keyboard and all(message.get(name) == content[name] for name in content):
            raise bad(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        message.pop("reply_markup", None)
        message |= content | ({"reply_markup": keyboard} if keyboard else {})
        return dict(message)

    def _delete(self, call: Call) -> bool:
        if self._chat(call, sending=False).messages.pop(call.number("message_id"), None) is None:
            raise bad("message to delete not found")
        return True

    def _leave(self, call: Call) -> bool:
        self._chat(call, sending=False).refusal = ApiError(403, "Forbidden: bot is not a member of the group chat")
        return True

    def _key(self, call: Call) -> str:
        language = call.text("language_code")
        if language and not re.fullmatch("[a-z]{2}", language):
            raise bad("invalid language code specified")
        return language + (f" {call.text('scope')}" if call.text("scope") else "")

    def _set_commands(self, call: Call) -> bool:
        commands = json.loads(call.text("commands"))
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not re.fullmatch("[a-z0-9_]{1,32}", command.get("command", "")):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(command.get("description", "")) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._key(call)] = commands
        return True

    def _describe(self, name: str, most: int) -> Callable[[Call], bool]:
        def described(call: Call) -> bool:
            if len(call.text(name)) > most:
                raise bad(f"bot {name.replace('_', ' ')} is too long")
            self.descriptions[name][self._key(call)] = call.text(name)
            return True

        return described

    def _described(self, name: str) -> Callable[[Call], dict[str, str]]:
        return lambda call: {name: self.descriptions[name].get(self._key(call), "")}

    def _set_webhook(self, call: Call) -> bool:
        url, drop = call.text("url"), call.flag("drop_pending_updates")
        self.api.inbox.set_hook(url, call.text("secret_token"), call.number("max_connections", 40), drop)
        self.api.inbox.allow(call.parameters.get("allowed_updates"))
        return True

    def _delete_webhook(self, call: Call) -> bool:
        self.api.inbox.set_hook("", "", 40, call.flag("drop_pending_updates"))
        return True

    def _webhook_info(self, call: Call) -> dict[str, Any]:
        inbox, hook = self.api.inbox, self.api.inbox.hook
        info: dict[str, Any] = {
            "url": hook.url if hook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(inbox.waiting),
        }
        if hook:
            info |= {"max_connections": hook.max_connections, "allowed_updates": sorted(inbox.allowed)}
            if hook.last_error_date:
                info |= {"last_error_date": hook.last_error_date, "last_error_message": hook.last_error_message}
        return info
