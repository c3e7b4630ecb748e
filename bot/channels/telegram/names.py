"""What Rasa calls the conversations of Telegram."""


def sender_of(chat: str) -> str:
    """Return Rasa's name for a chat's conversation."""
    return f"telegram-{chat}"


def chat_of(sender: str) -> str | None:
    """Return the chat of Rasa's name for a conversation, or None if it is of another channel."""
    chat = sender.removeprefix("telegram-")
    return chat if chat != sender and chat.removeprefix("-").isdecimal() else None
