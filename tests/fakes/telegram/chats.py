"""Who talks with the bot: users and groups with their messages, and what they do."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.fakes.telegram.errors import ApiError, bad
from tests.fakes.telegram.markup import units

if TYPE_CHECKING:
    from tests.fakes.telegram.server import FakeBotApi

Message = dict[str, Any]
_FILE = {"file_id": "AgAD", "file_unique_id": "u", "file_size": 10}


@dataclass
class Chat:
    """A private chat, group or supergroup as the server keeps it."""

    id: int
    data: dict[str, Any]
    messages: dict[int, Message] = field(default_factory=dict)
    from_bot: list[Message] = field(default_factory=list)
    """In the order in which they were sent."""
    refusal: ApiError | None = None
    """What every call to this chat gets."""

    def add(self, sender: dict[str, Any], content: dict[str, Any], mine: bool = False) -> Message:
        """Keep a new message and return it."""
        number = max(self.messages, default=0) + 1
        message = {"message_id": number, "date": int(time.time()), "chat": self.data, "from": sender, **content}
        self.messages[number] = message
        if mine:
            self.from_bot.append(message)
        return message


def entities(text: str) -> list[dict[str, Any]]:
    """Return commands and mentions in what a person writes, as Telegram marks them."""
    found, at = [], 0
    for word in text.split(" "):
        kind = "bot_command" if word.startswith("/") and len(word) > 1 else "mention" if word.startswith("@") else ""
        word = word.split("\n")[0].rstrip(",.:!?")
        if kind:
            found.append({"type": kind, "offset": units(text[:at]), "length": units(word)})
        at = text.index(" ", at) + 1 if " " in text[at:] else len(text)
    return found


@dataclass
class Person:
    """A user of Telegram, for tests: what they do reaches the bot as updates."""

    api: "FakeBotApi"
    id: int
    language_code: str | None
    chat: Chat

    @property
    def data(self) -> dict[str, Any]:
        """The User object."""
        data = {"id": self.id, "is_bot": False, "first_name": f"Visitor{self.id}"}
        return {**data, "language_code": self.language_code} if self.language_code else data

    @property
    def messages(self) -> list[Message]:
        """What the bot has sent to the private chat so far, in order."""
        return self.api.call(lambda: [dict(each) for each in self.chat.from_bot])

    def send(self, text: str, chat: "Group | None" = None, reply_to: Message | None = None) -> Message:
        """Write a text, privately or in a group."""
        content: dict[str, Any] = {"text": text}
        if marked := entities(text):
            content["entities"] = marked
        return self._send(content, chat, reply_to)

    def send_content(self, chat: "Group | None" = None, **content: Any) -> Message:
        """Send anything that a Message may hold."""
        return self._send(content, chat, None)

    def send_photo(self, caption: str | None = None) -> Message:
        """Send a photo."""
        content: dict[str, Any] = {"photo": [{**_FILE, "width": 9, "height": 9}]}
        return self._send({**content, "caption": caption} if caption else content, None, None)

    def send_voice(self) -> Message:
        """Send a voice message."""
        return self._send({"voice": {**_FILE, "duration": 3, "mime_type": "audio/ogg"}}, None, None)

    def send_sticker(self) -> Message:
        """Send a sticker."""
        sticker = {**_FILE, "type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False}
        return self._send({"sticker": sticker}, None, None)

    def send_location(self, latitude: float = 52.5, longitude: float = 13.4) -> Message:
        """Send where they are."""
        return self._send({"location": {"latitude": latitude, "longitude": longitude}}, None, None)

    def edit(self, message: Message, text: str) -> None:
        """Change what they wrote."""

        def change() -> None:
            chat = self.api.chats[message["chat"]["id"]]
            kept = chat.messages[message["message_id"]]
            kept |= {"text": text, "edit_date": int(time.time())}
            self.api.inbox.put(chat.id, "edited_message", dict(kept))

        self.api.call(change)

    def tap(self, message: Message, button: int | str = 0) -> str:
        """Tap a button, by number or title, and return the query's id."""

        def tapped() -> str:
            chat = self.api.chats[message["chat"]["id"]]
            kept = chat.messages[message["message_id"]]
            rows = kept.get("reply_markup", message.get("reply_markup", {})).get("inline_keyboard", [])
            all_of = [each for row in rows for each in row]
            chosen = all_of[button] if isinstance(button, int) else next(b for b in all_of if b["text"] == button)
            return self.api.taps.new(self.data, chat, dict(kept), chosen["callback_data"])

        return self.api.call(tapped)

    def block(self) -> None:
        """Stop the bot."""
        self._member("kicked", ApiError(403, "Forbidden: bot was blocked by the user"))

    def unblock(self) -> None:
        """Let the bot write again."""
        self._member("member", None)

    def vanish(self) -> None:
        """Let the chat exist no more."""
        self.api.call(lambda: setattr(self.chat, "refusal", bad("chat not found")))

    def wait(self, count: int, seconds: float = 10) -> list[Message]:
        """Wait until the bot has sent ``count`` messages to the private chat, and return all of them."""
        return self.api.wait_for(lambda: self.messages, lambda found: len(found) >= count, seconds)

    def _send(self, content: dict[str, Any], group: "Group | None", reply_to: Message | None) -> Message:
        def sent() -> Message:
            chat = group.chat if group else self.chat
            reply = {"reply_to_message": dict(reply_to)} if reply_to else {}
            message = chat.add(self.data, {**content, **reply})
            self.api.inbox.put(chat.id, "message", dict(message))
            return dict(message)

        return self.api.call(sent)

    def _member(self, status: str, refusal: ApiError | None) -> None:
        def change() -> None:
            self.chat.refusal = refusal
            bot = self.api.me
            old, new = ("member", status) if refusal else ("kicked", status)
            put = {"chat": self.chat.data, "from": self.data, "date": int(time.time())}
            until = {"until_date": 0}
            states = [{"user": bot, "status": each, **(until if each == "kicked" else {})} for each in (old, new)]
            self.api.inbox.put(
                self.chat.id, "my_chat_member", {**put, "old_chat_member": states[0], "new_chat_member": states[1]}
            )

        self.api.call(change)


@dataclass
class Group:
    """A group with the bot in it."""

    api: "FakeBotApi"
    chat: Chat

    @property
    def messages(self) -> list[Message]:
        """What the bot has sent to it, in order."""
        return self.api.call(lambda: [dict(each) for each in self.chat.from_bot])

    def wait(self, count: int, seconds: float = 10) -> list[Message]:
        """Wait until the bot has sent ``count`` messages."""
        return self.api.wait_for(lambda: self.messages, lambda found: len(found) >= count, seconds)

    def migrate(self, new: int, by: Person) -> "Group":
        """Become a supergroup with a new id."""

        def change() -> Group:
            old = self.chat
            chat = self.api.chats[new] = Chat(new, {**old.data, "id": new, "type": "supergroup"})
            old.refusal = bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=new)
            told = old.add(by.data, {"migrate_to_chat_id": new})
            self.api.inbox.put(old.id, "message", dict(told))
            self.api.inbox.put(new, "message", dict(chat.add(by.data, {"migrate_from_chat_id": old.id})))
            return Group(self.api, chat)

        return self.api.call(change)

    def remove_bot(self) -> None:
        """Throw the bot out, silently."""
        refusal = ApiError(403, "Forbidden: bot was kicked from the supergroup chat")
        self.api.call(lambda: setattr(self.chat, "refusal", refusal))


@dataclass
class Taps:
    """Callback queries: each may be answered once, and not for long."""

    put: Callable[[int, str, dict[str, Any]], int]
    seconds: float = 15.0
    """For how long; Telegram does not say."""
    open: dict[str, float] = field(default_factory=dict)
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)

    def new(self, user: dict[str, Any], chat: Chat, message: Message, data: str) -> str:
        """Let the bot hear of a tap."""
        number = f"{user['id']}{len(self.open) + len(self.answered) + 1:08d}"
        self.open[number] = time.monotonic()
        body = {"id": number, "from": user, "message": message, "chat_instance": str(chat.id), "data": data}
        self.put(chat.id, "callback_query", body)
        return number

    def answer(self, number: str, said: dict[str, Any]) -> None:
        """Take answerCallbackQuery."""
        since = self.open.pop(number, None)
        if since is None or time.monotonic() - since > self.seconds:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.answered[number] = said
