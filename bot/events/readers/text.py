"""Text from outside becomes plain text: no markup, no control or direction marks, no endless lengths."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

import nh3

from bot.events.readers.result import RefusedError, Warn
from bot.languages import DEFAULT_LANGUAGE, LANGUAGES
from bot.text import HAN

LIMITS = {"uid": 255, "venue": 300, "url": 2000, "title": 300, "summary": 4000, "price": 200}
_BREAK = re.compile(r"</?(br|p|div|li|h\d|tr)\b[^<>]*>", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!?][^<>]*>|&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w*);")
# "a<b" without an end is no tag: a parser of HTML would swallow the rest of the text.
_UNENDED = re.compile(r"<(?=[a-zA-Z/!?])(?![^<>]*>)")
_JOINERS = {"\u200c", "\u200d"}  # hold emoji and some scripts together
_WORD = re.compile(r"[^\W\d_]+")


def line(text: str) -> str:
    """Return ``text`` as one line of plain text."""
    return " ".join(_plain(text).split())


def paragraph(text: str) -> str:
    """Return ``text`` as plain text that keeps its line breaks, never more than one empty line."""
    lines = [" ".join(part.split()) for part in _plain(text).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plain(text: str) -> str:
    """Return a fixpoint: what an unescaped entity or a removed tag leaves behind is looked at again."""
    plain = _visible(text)
    for _ in range(8):
        plain = _UNENDED.sub("< ", plain)
        if not _MARKUP.search(plain):
            return plain
        without = nh3.clean(_BREAK.sub("\n", plain), tags=set(), clean_content_tags={"script", "style"})
        plain = _visible(html.unescape(without))
    return re.sub(r"[<>&]", " ", plain)


def _visible(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    kept = [char for char in text.replace("\t", " ") if _is_visible(char)]
    return unicodedata.normalize("NFC", "".join(kept))


def _is_visible(char: str) -> bool:
    return char == "\n" or char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Cn", "Co")


def capped(text: str, kind: str, column: str, warn: Warn) -> str:
    """Return ``text`` shortened to what we keep of its kind, with a warning."""
    if len(text) <= LIMITS[kind]:
        return text
    warn(column, f"has {len(text)} characters; the first {LIMITS[kind] - 1} were kept")
    return text[: LIMITS[kind] - 1].rstrip() + "…"


def within(text: str, kind: str, column: str) -> str:
    """Return ``text``; refuse it if it is longer than what we keep of its kind."""
    if len(text) > LIMITS[kind]:
        raise RefusedError(column, f"has {len(text)} characters; {LIMITS[kind]} are allowed: shorten it")
    return text


def uid(text: str, column: str = "uid") -> str:
    """Return an event's uid; refuse none or one that is too long."""
    name = " ".join(_visible(text).split())  # <a@b> is a name here, no markup
    if not name:
        raise RefusedError(column, "is empty; give the event a name of its own that never changes")
    return within(name, "uid", column)


def link(text: str, column: str, warn: Warn) -> str:
    """Return an https URL, or nothing and a warning: visitors are sent to no other kind of link."""
    url = line(text)
    if not url:
        return ""
    if len(url) > LIMITS["url"] or not _is_https(url):
        warn(column, f"'{url[:60]}' was dropped; a link must begin with https:// and have no spaces")
        return ""
    return url


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and not re.search(r"[\s<>\"\\^`{|}]", url)
    except ValueError:
        return False


def language_of(title: str, summary: str = "") -> str:
    """Return the language that a text without a language tag is in, German if nothing speaks for another."""
    for text in (title, f"{title} {summary}"):
        words = {word.lower() for word in _WORD.findall(HAN.sub(" ", text))}
        han = sum(len(run) for run in HAN.findall(text))
        if han and han >= len(words):
            return "zh"
        german, english = _stop_words()
        if (for_german := len(words & german)) != (for_english := len(words & english)):
            return "de" if for_german > for_english else "en"
        if text == title and re.search("[äöüß]", title.lower()):
            return "de"
    return DEFAULT_LANGUAGE


def _stop_words() -> tuple[frozenset[str], frozenset[str]]:
    # Imported late: spaCy and scikit-learn behind it take seconds, and most files tag their texts.
    from bot.nlu.language import ONLY_ENGLISH, ONLY_GERMAN

    return frozenset(ONLY_GERMAN), frozenset(ONLY_ENGLISH)


def in_order(texts: dict[str, str]) -> dict[str, str]:
    """Return the texts that are not empty, in our order of languages."""
    return {language: texts[language] for language in LANGUAGES if texts.get(language)}
