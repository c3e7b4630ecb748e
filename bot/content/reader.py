"""Reads nlu_data into `Content`, collecting every problem of form on the way.

What the parts *mean* together (quotes, duplicates, figures) is checked in `bot.content.checks`.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bot.content.model import Content, Entry, EventWords, Namesakes, Phrase, Sentence, Source, Term, Texts, Topic, Words
from bot.content.problems import Problems
from bot.content.yaml_source import Located, YamlError, read
from bot.languages import LANGUAGES

ENTRY_KEYS = (
    "id", "owner", "sources", "related", "follow_ups", "valid_from", "valid_until", "review_by", "questions", "answer",
)  # fmt: skip
FOLLOW_UPS = ("when", "who", "where", "why", "what", "how_long", "more")
PHRASE_KEYS = (*LANGUAGES, "buttons")
TOPIC_KEYS = ("id", "unknown_intent", "name", "offer")
CONCEPT_KEYS = ("id", *LANGUAGES)
EVENT_WORD_KEYS = ("kinds", "filters", "requests", "hints", "origins", "refining", "ordinary")
NAMESAKE_KEYS = ("id", "place", "ours", "others")
TERM_KEYS = ("id", "names", "synonyms", "value_of", "proof")
MAX_TEXT = 1000


def read_content(root: Path) -> tuple[Content, Problems]:
    """Read everything under ``root``; what cannot be read is left out and stands in the problems."""
    content, problems = Content(root), Problems(root)
    for path in sorted((root / "sources").glob("*.txt")):
        content.sources[path.name] = path.read_text(encoding="utf-8-sig")
    for path in sorted((root / "faq").glob("*/*.yml")):
        _read_entry(path, content, problems)
    for language in LANGUAGES:
        for path in sorted((root / "dialogue" / language).glob("*.yml")):
            _read_dialogue(path, language, content, problems)
    for path in sorted((root / "phrases").glob("*.yml")):
        _read_phrases(path, content, problems)
    _read_topics(root / "topics.yml", content, problems)
    _read_glossary(root / "glossary.yml", content, problems)
    _read_concepts(root / "concepts.yml", content, problems)
    _read_namesakes(root / "namesakes.yml", content, problems)
    _read_event_words(root / "event_words.yml", content, problems)
    if not content.entries:
        problems.error(root / "faq", 1, "no_entry")
    return content, problems


def _load(path: Path, problems: Problems) -> Located | None:
    if not path.exists():
        problems.error(path, 1, "file_missing")
        return None
    try:
        return read(path)
    except YamlError as problem:
        problems.error(path, problem.line, "broken_yaml", reason=problem.message)
        return None


class _Reader:
    """Reads the values of one mapping and notes what does not fit."""

    def __init__(self, node: Located, file: Path, problems: Problems, known: tuple[str, ...]) -> None:
        self.node, self.file, self.problems = node, file, problems
        self.fields: dict[str, Located] = node.value if isinstance(node.value, dict) else {}
        if not isinstance(node.value, dict):
            problems.error(file, node.line, "not_a_mapping", keys=", ".join(known))
        for key, value in self.fields.items():
            if key not in known:
                problems.error(file, value.line, "unknown_key", key=key, keys=", ".join(known))

    def line(self, key: str) -> int:
        return self.fields[key].line if key in self.fields else self.node.line

    def error(self, at: str, problem: str, /, **values: Any) -> None:
        self.problems.error(self.file, self.line(at), problem, **values)

    def text(self, key: str, required: bool = True) -> str:
        value = self.fields.get(key)
        if value is None or value.value in (None, ""):
            if required:
                self.error(key, "missing_text", key=key)
            return ""
        if not isinstance(value.value, str):
            self.error(key, "not_a_text", key=key)
            return ""
        if len(value.value) > MAX_TEXT:
            self.error(key, "too_long", key=key, number=len(value.value), most=MAX_TEXT)
        return value.value.strip()

    def texts(self, key: str) -> Texts:
        value = self.fields.get(key)
        if value is None:
            self.error(key, "missing_texts", key=key, languages=", ".join(LANGUAGES))
            return {}
        inner = _Reader(value, self.file, self.problems, LANGUAGES)
        return {language: text for language in LANGUAGES if (text := inner.text(language))}

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.fields.get(key)
        if value is None or value.value is None:
            return ()
        if not isinstance(value.value, list) or not all(isinstance(item.value, str) for item in value.value):
            self.error(key, "not_a_text_list", key=key)
            return ()
        return tuple(item.value.strip() for item in value.value)

    def day(self, key: str) -> date | None:
        value = self.fields.get(key)
        if value is None or value.value is None:
            return None
        if type(value.value) is not date:
            self.error(key, "not_a_date", key=key)
            return None
        return value.value


def _read_entry(path: Path, content: Content, problems: Problems) -> None:
    node = _load(path, problems)
    if node is None:
        content.unreadable.add(path.stem)
        return
    reader = _Reader(node, path, problems, ENTRY_KEYS)
    entry_id = reader.text("id")
    if entry_id != path.stem:
        reader.error("id", "wrong_id", entry=entry_id, name=path.stem)
    lines = {key: value.line for key, value in reader.fields.items()}
    answer_node = reader.fields.get("answer")
    if answer_node is not None and isinstance(answer_node.value, dict):
        lines |= {f"answer.{language}": value.line for language, value in answer_node.value.items()}
    entry = Entry(
        id=path.stem,
        topic=path.parent.name,
        owner=reader.text("owner"),
        sources=tuple(_sources(reader)),
        related=reader.strings("related"),
        follow_ups=_follow_ups(reader),
        valid_from=reader.day("valid_from"),
        valid_until=reader.day("valid_until"),
        review_by=reader.day("review_by"),
        questions=_questions(reader),
        answer=reader.texts("answer"),
        file=path,
        lines=lines,
    )
    if entry.id in content.entries:
        reader.error("id", "same_id", entry=entry.id)
        return
    content.entries[entry.id] = entry


def _sources(reader: _Reader) -> Iterator[Source]:
    value = reader.fields.get("sources")
    if value is None or not isinstance(value.value, list) or not value.value:
        reader.error("sources", "no_source")
        return
    for item in value.value:
        inner = _Reader(item, reader.file, reader.problems, ("title", "quote"))
        yield Source(inner.texts("title"), inner.text("quote"), inner.line("quote"))


def _follow_ups(reader: _Reader) -> dict[str, str]:
    value = reader.fields.get("follow_ups")
    if value is None or value.value is None:
        return {}
    inner = _Reader(value, reader.file, reader.problems, FOLLOW_UPS)
    return {key: inner.text(key) for key in inner.fields if key in FOLLOW_UPS}


def _questions(reader: _Reader) -> dict[str, tuple[Sentence, ...]]:
    value = reader.fields.get("questions")
    if value is None:
        reader.error("questions", "no_questions_at_all")
        return {}
    inner = _Reader(value, reader.file, reader.problems, LANGUAGES)
    result: dict[str, tuple[Sentence, ...]] = {}
    for language in LANGUAGES:
        if not inner.strings(language):
            inner.error(language, "no_questions", language=language)
            continue
        result[language] = tuple(
            Sentence(item.value.strip(), reader.file, item.line) for item in inner.fields[language].value
        )
    return result


def _read_dialogue(path: Path, language: str, content: Content, problems: Problems) -> None:
    node = _load(path, problems)
    if node is None:
        return
    for block in _list(_Reader(node, path, problems, ("version", "nlu")), "nlu"):
        reader = _Reader(block, path, problems, ("intent", "examples"))
        intent = reader.text("intent")
        examples = reader.fields.get("examples")
        if not intent or examples is None or not isinstance(examples.value, str):
            reader.error("examples", "no_examples")
            continue
        sentences = content.dialogue.setdefault(intent, {}).setdefault(language, [])
        for offset, line in enumerate(examples.value.splitlines(), start=1):
            text = line.strip()
            if text.startswith("- ") and text[2:].strip():
                sentences.append(Sentence(text[2:].strip(), path, examples.line + offset))
            elif text:
                problems.error(path, examples.line + offset, "no_example", text=text[:40])


def _list(reader: _Reader, key: str) -> list[Located]:
    value = reader.fields.get(key)
    if value is None or not isinstance(value.value, list):
        reader.error(key, "not_a_list", key=key)
        return []
    return value.value


def _read_phrases(path: Path, content: Content, problems: Problems) -> None:
    node = _load(path, problems)
    if node is None or not isinstance(node.value, dict):
        return
    for name, value in node.value.items():
        reader = _Reader(value, path, problems, PHRASE_KEYS)
        texts = {language: text for language in LANGUAGES if (text := reader.text(language))}
        if name in content.phrases:
            reader.error(name, "same_phrase", name=name)
        content.phrases[name] = Phrase(name, texts, reader.strings("buttons"), path, value.line)


def _read_topics(path: Path, content: Content, problems: Problems) -> None:
    for reader in _items(path, "topics", TOPIC_KEYS, problems):
        topic = Topic(
            reader.text("id"), reader.text("unknown_intent"), reader.texts("name"), reader.strings("offer"),
            path, reader.node.line,
        )  # fmt: skip
        content.topics[topic.id] = topic


def _read_glossary(path: Path, content: Content, problems: Problems) -> None:
    for reader in _items(path, "terms", TERM_KEYS, problems):
        synonyms: dict[str, tuple[str, ...]] = {}
        if (node := reader.fields.get("synonyms")) is not None:
            inner = _Reader(node, path, problems, LANGUAGES)
            synonyms = {language: inner.strings(language) for language in LANGUAGES}
        content.terms.append(
            Term(
                reader.text("id"), reader.texts("names"), synonyms, reader.text("value_of", required=False) or None,
                reader.strings("proof"), path, reader.node.line,
            )
        )  # fmt: skip


def _read_concepts(path: Path, content: Content, problems: Problems) -> None:
    for reader in _items(path, "concepts", CONCEPT_KEYS, problems):
        words = {language: reader.strings(language) for language in LANGUAGES}
        for language, listed in words.items():
            if not listed:
                reader.error(language, "concept_without_words", language=language)
        content.concepts[reader.text("id")] = words


def _read_namesakes(path: Path, content: Content, problems: Problems) -> None:
    for reader in _items(path, "kinds", NAMESAKE_KEYS, problems):
        place = reader.fields.get("place")
        content.namesakes.append(
            Namesakes(
                reader.text("id"), bool(place and place.value is True), _words(reader, "ours"), _words(reader, "others")
            )
        )


def _read_event_words(path: Path, content: Content, problems: Problems) -> None:
    node = _load(path, problems)
    if node is None:
        return
    reader = _Reader(node, path, problems, EVENT_WORD_KEYS)
    lists: dict[str, dict[str, Words]] = {}
    categories = {}
    for key in ("kinds", "filters", "requests", "hints"):
        known = ("id", "category", *LANGUAGES) if key == "kinds" else ("id", *LANGUAGES)
        lists[key] = {}
        for item in _list(reader, key):
            inner = _Reader(item, path, problems, known)
            lists[key][inner.text("id")] = _by_language(inner, inner.text("id"))
            if key == "kinds":
                categories[inner.text("id")] = inner.text("category")
    content.event_words = EventWords(
        categories=categories,
        refining=_words(reader, "refining"),
        origins=_words(reader, "origins"),
        ordinary=_words(reader, "ordinary"),
        **lists,
    )


def _words(reader: _Reader, key: str) -> Words:
    """Return a list of words for each language under ``key``."""
    node = reader.fields.get(key)
    if node is None:
        reader.error(key, "missing_words", key=key)
        return {}
    return _by_language(_Reader(node, reader.file, reader.problems, LANGUAGES), key)


def _by_language(reader: _Reader, key: str) -> Words:
    found = {language: reader.strings(language) for language in LANGUAGES}
    for language, words in found.items():
        if not words:
            reader.error(language, "no_words", key=key, language=language)
    return {language: words for language, words in found.items() if words}


def _items(path: Path, key: str, known: tuple[str, ...], problems: Problems) -> Iterator[_Reader]:
    node = _load(path, problems)
    if node is None:
        return
    for item in _list(_Reader(node, path, problems, (key,)), key):
        yield _Reader(item, path, problems, known)
