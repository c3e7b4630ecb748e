"""What content must satisfy before anybody is answered from it. Every check adds its problems; none stops."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from bot.content import placeholders
from bot.content.figures import figures
from bot.content.model import Content, Entry, Sentence, Term
from bot.content.problems import Problems
from bot.languages import LANGUAGES
from bot.text import HAN, clean, fold, has_han, key, to_simplified

MIN_QUESTIONS, GOOD_QUESTIONS = 5, 30
OPENING, MAX_SAME_OPENING = 8, 0.25
MAX_SENTENCES = 4
PHRASE_VALUES = {"contact", "topic", "events", "range", "question", "sources", "years_since"}
_MARKUP = re.compile(r"</?[a-zA-Z!]|&[a-z]+;|javascript:", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|[。！？]")
_DAY = re.compile(r"\d+\.(?=\s)")


def check(content: Content, problems: Problems, today: date) -> None:
    """Add every problem of meaning in ``content`` to ``problems``; ``today`` decides what has expired."""
    for entry in content.entries.values():
        _check_languages(entry, problems)
        _check_answer_text(entry, problems)
        _check_quotes(entry, content, problems)
        _check_figures(entry, problems)
        _check_names(entry, content.terms, problems)
        _check_links(entry, content, problems)
        _check_dates(entry, problems, today)
    _check_duplicates(content, problems)
    _check_dialogue(content, problems)
    _check_phrases(content, problems)
    _check_topics(content, problems)


def _check_languages(entry: Entry, problems: Problems) -> None:
    for language, questions in entry.questions.items():
        line = entry.line("questions")
        if len(questions) < MIN_QUESTIONS:
            problems.error(
                entry.file, line, f"only {len(questions)} questions in '{language}'",
                f"write at least {MIN_QUESTIONS}, better {GOOD_QUESTIONS}, as different visitors would ask",
            )  # fmt: skip
        else:
            _check_variety(entry, language, [question.text for question in questions], problems)
        if MIN_QUESTIONS <= len(questions) < GOOD_QUESTIONS:
            problems.warn(
                entry.file, line, f"{len(questions)} questions in '{language}' are few",
                f"write {GOOD_QUESTIONS} that differ in words and form",
            )  # fmt: skip


def _check_variety(entry: Entry, language: str, questions: list[str], problems: Problems) -> None:
    """Warn of questions made by one template: they teach the bot one question, not many."""
    openings = Counter(key(question)[:OPENING] for question in questions)
    opening, number = openings.most_common(1)[0]
    if len(questions) >= GOOD_QUESTIONS and number > MAX_SAME_OPENING * len(questions):
        problems.warn(
            entry.file, entry.line("questions"), f"{number} of {len(questions)} questions in '{language}' begin alike "
            f"('{opening}…')", "ask in other ways: terse, roundabout, in other words, as a remark",
        )  # fmt: skip


def _check_answer_text(entry: Entry, problems: Problems) -> None:
    for language, text in entry.answer.items():
        line = entry.line(f"answer.{language}")
        if _MARKUP.search(text):
            problems.error(entry.file, line, "the answer holds HTML", "use **bold** and plain text only")
        if has_han(text) != (language == "zh"):
            problems.error(
                entry.file, line, f"the '{language}' answer is not in that language", "check that no two were swapped"
            )
        if unknown := placeholders.unknown(text, {"contact"}):
            problems.error(
                entry.file, line, f"nothing fills {', '.join(sorted(unknown))}",
                "use {years_since:1994-04} or {contact}, or write it out",
            )  # fmt: skip
        if len(_SENTENCE_END.findall(_DAY.sub("", text))) > MAX_SENTENCES:
            problems.warn(entry.file, line, f"more than {MAX_SENTENCES} sentences", "shorten the answer")


def _check_quotes(entry: Entry, content: Content, problems: Problems) -> None:
    for source in entry.sources:
        if source.quote and not any(source.quote in text for text in content.sources.values()):
            problems.error(
                entry.file, source.line, f"the quote '{source.quote[:60]}…' stands in no source document",
                "copy it letter by letter from a file under nlu_data/sources/",
            )  # fmt: skip


def _check_figures(entry: Entry, problems: Problems) -> None:
    proven = set().union(*(figures(source.quote) for source in entry.sources)) if entry.sources else set()
    for language, text in entry.answer.items():
        if unproven := figures(text) - proven:
            problems.error(
                entry.file, entry.line(f"answer.{language}"),
                f"no quote proves {', '.join(map(str, sorted(unproven)))}",
                "correct the figure, or add the quote that it comes from",
            )  # fmt: skip
    held = {language: figures(text) for language, text in entry.answer.items()}
    if len({frozenset(found) for found in held.values()}) > 1:
        listed = "; ".join(f"{language}: {sorted(found)}" for language, found in held.items())
        problems.error(
            entry.file, entry.line("answer"), f"the figures differ between languages ({listed})",
            "make the answers say the same in each language",
        )  # fmt: skip


def _check_names(entry: Entry, terms: Iterable[Term], problems: Problems) -> None:
    quotes = fold(" ".join(source.quote for source in entry.sources))
    for term in terms:
        if not term.proof or any(fold(proof) in quotes for proof in term.proof):
            continue
        for language, text in entry.answer.items():
            if (name := term.names.get(language)) and fold(name) in fold(text):
                problems.error(
                    entry.file, entry.line(f"answer.{language}"), f"no quote proves the name '{name}'",
                    f"add a quote with '{term.proof[0]}', or leave the name out",
                )  # fmt: skip


def _check_links(entry: Entry, content: Content, problems: Problems) -> None:
    for name, targets in (("related", entry.related), ("follow_ups", tuple(entry.follow_ups.values()))):
        for target in targets:
            if not _known(target, content):
                problems.error(
                    entry.file, entry.line(name), f"'{target}' under '{name}' does not exist",
                    "name an entry by its id, or remove it",
                )  # fmt: skip
    if entry.id in entry.related:
        problems.error(entry.file, entry.line("related"), "the entry is related to itself", "remove its own id")


def _check_dates(entry: Entry, problems: Problems, today: date) -> None:
    if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
        problems.error(entry.file, entry.line("valid_until"), "'valid_until' is before 'valid_from'", "swap the two")
    elif entry.valid_until and entry.valid_until < today:
        problems.warn(
            entry.file, entry.line("valid_until"), f"expired on {entry.valid_until}: no longer answered",
            "renew the answer and its dates, or delete the file",
        )  # fmt: skip
    if entry.review_by and entry.review_by < today:
        problems.warn(
            entry.file, entry.line("review_by"), f"due for review since {entry.review_by}",
            "read the answer against its source and move the date",
        )  # fmt: skip


def _known(entry_id: str, content: Content) -> bool:
    return entry_id in content.entries or entry_id in content.unreadable


def _labelled(content: Content) -> Iterator[tuple[str, str, Sentence]]:
    for entry in content.entries.values():
        for language, questions in entry.questions.items():
            for sentence in questions:
                yield entry.id, language, sentence
    for intent, languages in content.dialogue.items():
        for language, sentences in languages.items():
            for sentence in sentences:
                yield intent, language, sentence


def _place(sentence: Sentence, root: Path) -> str:
    return f"{sentence.file.relative_to(root.parent).as_posix()}:{sentence.line}"


def _content_words(text: str) -> frozenset[str]:
    """Return what a question is about: words of two letters and more, and the pairs of characters of Chinese runs."""
    plain = fold(to_simplified(clean(text)))
    words = {word for word in re.findall(r"[^\W\d_]+|\d+", HAN.sub(" ", plain)) if len(word) > 1}
    runs = HAN.findall(plain)
    return frozenset(words | {run[at : at + 2] for run in runs for at in range(len(run) - 1)})


def _check_duplicates(content: Content, problems: Problems) -> None:
    exact: dict[str, tuple[str, Sentence]] = {}
    bags: dict[frozenset[str], list[tuple[str, Sentence]]] = defaultdict(list)
    for label, _, sentence in _labelled(content):
        form = key(sentence.text)
        if not form:
            problems.error(sentence.file, sentence.line, "a question without a word", "write it out or remove it")
            continue
        if form in exact:
            other, first = exact[form]
            place = _place(first, content.root)
            if other != label:
                problems.error(
                    sentence.file, sentence.line, f"'{sentence.text}' stands under '{other}' too ({place})",
                    "keep it where it is answered right and remove the other",
                )  # fmt: skip
            else:
                problems.warn(sentence.file, sentence.line, f"'{sentence.text}' stands twice ({place})", "remove one")
            continue
        exact[form] = (label, sentence)
        bag = _content_words(sentence.text)
        if len(bag) > 2:
            bags[bag].append((label, sentence))
    for group in bags.values():
        for label, sentence in group[1:]:
            if label != group[0][0]:
                problems.warn(
                    sentence.file, sentence.line,
                    f"'{sentence.text}' has the same words as '{group[0][1].text}' under '{group[0][0]}' "
                    f"({_place(group[0][1], content.root)})",
                    "make clear which fact each of them asks for",
                )  # fmt: skip


def _check_dialogue(content: Content, problems: Problems) -> None:
    for intent, languages in content.dialogue.items():
        for language in LANGUAGES:
            if len(languages.get(language, [])) < MIN_QUESTIONS:
                problems.error(
                    content.root / "dialogue" / language, 1,
                    f"the intent '{intent}' has {len(languages.get(language, []))} examples in '{language}'",
                    f"write at least {MIN_QUESTIONS}",
                )  # fmt: skip


def _check_phrases(content: Content, problems: Problems) -> None:
    for phrase in content.phrases.values():
        for language, text in phrase.texts.items():
            if has_han(text) != (language == "zh"):
                problems.error(
                    phrase.file, phrase.line, f"'{phrase.name}' in '{language}' is not in that language",
                    "check that no two were swapped",
                )  # fmt: skip
            if unknown := placeholders.unknown(text, PHRASE_VALUES):
                problems.error(
                    phrase.file, phrase.line, f"nothing fills {', '.join(sorted(unknown))}",
                    f"use one of {', '.join(sorted(PHRASE_VALUES))}",
                )  # fmt: skip
        for target in phrase.buttons:
            if not _known(target, content) and target not in content.phrases:
                problems.error(
                    phrase.file, phrase.line, f"the button '{target}' of '{phrase.name}' does not exist",
                    "name an entry or a phrase",
                )  # fmt: skip


def _check_topics(content: Content, problems: Problems) -> None:
    for topic in content.topics.values():
        if topic.unknown_intent not in content.dialogue:
            problems.error(
                topic.file, topic.line, f"the intent '{topic.unknown_intent}' has no examples",
                "write them under nlu_data/dialogue/<language>/unknown.yml",
            )  # fmt: skip
        for target in topic.offer:
            if not _known(target, content):
                problems.error(
                    topic.file, topic.line, f"'{target}' under 'offer' does not exist", "name an entry by its id"
                )
