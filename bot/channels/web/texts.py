"""The widget's own texts, for `GET /texts/<lang>`."""

import json
from hashlib import sha256

from bot.content.library import Speech, SpeechFile

PREFIX = "widget_"
STARTERS = ("widget_greeting", "utter_greet")
"""The first of these phrases that has buttons lends them as the first questions."""
MOST_STARTERS = 4


class WidgetTexts:
    """Reads the newest published phrases."""

    def __init__(self, speech: SpeechFile, privacy_url: str) -> None:
        self._file, self._privacy_url = speech, privacy_url
        self._of: Speech | None = None
        self._made: dict[str, tuple[bytes, str]] = {}

    def of(self, language: str) -> tuple[bytes, str]:
        """Return the JSON of one language and its ETag."""
        speech = self._file.speech
        if speech is not self._of:
            self._of, self._made = speech, {}
        if language not in self._made:
            self._made[language] = self._make(speech, language)
        return self._made[language]

    def _make(self, speech: Speech, language: str) -> tuple[bytes, str]:
        texts: dict[str, object] = {
            name.removeprefix(PREFIX): phrase[language]
            for name, phrase in speech.phrases.items()
            if name.startswith(PREFIX)
        }
        texts |= {"starters": _starters(speech, language), "privacy_url": self._privacy_url}
        body = json.dumps(texts, ensure_ascii=False).encode()
        return body, f'"{sha256(body).hexdigest()[:24]}"'


def _starters(speech: Speech, language: str) -> list[str]:
    targets = next((speech.buttons[name] for name in STARTERS if name in speech.buttons), ())
    return [speech.title(target, language) for target in targets[:MOST_STARTERS]]
