"""What content must satisfy before anybody is answered from it. Every check adds its problems; none stops."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from bot.content import affirming, placeholders, tongues
from bot.content.figures import figures
from bot.content.model import Content, Entry, Sentence, Term
from bot.content.problems import Problems
from bot.languages import LANGUAGES
from bot.text import HAN, fold, has_han, key, plain

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
        _check_question_text(entry, problems)
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
                entry.file, line, "too_few_questions",
                number=len(questions), language=language, least=MIN_QUESTIONS, good=GOOD_QUESTIONS,
            )  # fmt: skip
        else:
            _check_variety(entry, language, [question.text for question in questions], problems)
        if MIN_QUESTIONS <= len(questions) < GOOD_QUESTIONS:
            problems.warn(
                entry.file, line, "few_questions", number=len(questions), language=language, good=GOOD_QUESTIONS
            )


def _check_question_text(entry: Entry, problems: Problems) -> None:
    for language, questions in entry.questions.items():
        texts = [question.text for question in questions]
        # One question may well quote another language; most of them do not.
        mostly_han = 2 * sum(map(has_han, texts)) > len(texts)
        if texts and (mostly_han != (language == "zh") or tongues.mistaken(texts, language)):
            problems.error(entry.file, entry.line("questions"), "questions_other_language", language=language)
        for question in questions:
            if _MARKUP.search(question.text):
                problems.error(entry.file, question.line, "question_markup", text=question.text[:60])


def _check_variety(entry: Entry, language: str, questions: list[str], problems: Problems) -> None:
    """Warn of questions made by one template: they teach the bot one question, not many."""
    openings = Counter(key(question)[:OPENING] for question in questions)
    opening, number = openings.most_common(1)[0]
    if len(questions) >= GOOD_QUESTIONS and number > MAX_SAME_OPENING * len(questions):
        problems.warn(
            entry.file, entry.line("questions"), "alike_openings",
            number=number, all=len(questions), language=language, opening=opening,
        )  # fmt: skip


def _check_answer_text(entry: Entry, problems: Problems) -> None:
    for language, text in entry.answer.items():
        line = entry.line(f"answer.{language}")
        if _MARKUP.search(text):
            problems.error(entry.file, line, "answer_markup", language=language)
        if has_han(text) != (language == "zh") or tongues.mistaken([text], language):
            problems.error(entry.file, line, "answer_other_language", language=language)
        if unknown := placeholders.unknown(text, {"contact"}):
            problems.error(entry.file, line, "answer_placeholder", names=", ".join(sorted(unknown)))
        if affirming.affirms(text, language):
            asked = (one.text for one in entry.questions.get(language, ()))
            if other := next((one for one in asked if not affirming.asks_for_one(one, language)), None):
                problems.warn(entry.file, line, "answer_affirms", text=other[:60])
        if len(_SENTENCE_END.findall(_DAY.sub("", text))) > MAX_SENTENCES:
            problems.warn(entry.file, line, "answer_long", most=MAX_SENTENCES)


def _check_quotes(entry: Entry, content: Content, problems: Problems) -> None:
    for source in entry.sources:
        if source.quote and not any(source.quote in text for text in content.sources.values()):
            problems.error(entry.file, source.line, "quote_not_found", quote=source.quote[:60])


def _check_figures(entry: Entry, problems: Problems) -> None:
    proven = set().union(*(figures(source.quote) for source in entry.sources)) if entry.sources else set()
    for language, text in entry.answer.items():
        if unproven := figures(text) - proven:
            problems.error(
                entry.file, entry.line(f"answer.{language}"), "figure_unproven",
                figures=", ".join(map(str, sorted(unproven))),
            )  # fmt: skip
    held = {language: figures(text) for language, text in entry.answer.items()}
    if len({frozenset(found) for found in held.values()}) > 1:
        listed = "; ".join(
            f"{language}: {', '.join(map(str, sorted(found))) or '–'}" for language, found in held.items()
        )
        problems.error(entry.file, entry.line("answer"), "figures_differ", listed=listed)


def _check_names(entry: Entry, terms: Iterable[Term], problems: Problems) -> None:
    quotes = fold(" ".join(source.quote for source in entry.sources))
    for term in terms:
        if not term.proof or any(fold(proof) in quotes for proof in term.proof):
            continue
        for language, text in entry.answer.items():
            if (name := term.names.get(language)) and fold(name) in fold(text):
                problems.error(
                    entry.file, entry.line(f"answer.{language}"), "name_unproven", name=name, proof=term.proof[0]
                )


def _check_links(entry: Entry, content: Content, problems: Problems) -> None:
    for name, targets in (("related", entry.related), ("follow_ups", tuple(entry.follow_ups.values()))):
        for target in targets:
            if not _known(target, content):
                problems.error(entry.file, entry.line(name), "dead_link", target=target, key=name)
    if entry.id in entry.related:
        problems.error(entry.file, entry.line("related"), "linked_to_itself")


def _check_dates(entry: Entry, problems: Problems, today: date) -> None:
    if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
        problems.error(entry.file, entry.line("valid_until"), "ends_before_it_begins")
    elif entry.valid_until and entry.valid_until < today:
        problems.warn(entry.file, entry.line("valid_until"), "expired", day=entry.valid_until)
    if entry.review_by and entry.review_by < today:
        problems.warn(entry.file, entry.line("review_by"), "review_due", day=entry.review_by)


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


def _content_words(folded: str) -> frozenset[str]:
    """Return what a folded text is about: words of two letters and more, pairs of characters of Chinese runs."""
    words = {word for word in re.findall(r"[^\W\d_]+|\d+", HAN.sub(" ", folded)) if len(word) > 1}
    runs = HAN.findall(folded)
    return frozenset(words | {run[at : at + 2] for run in runs for at in range(len(run) - 1)})


def _check_duplicates(content: Content, problems: Problems) -> None:
    exact: dict[str, tuple[str, Sentence]] = {}
    bags: dict[frozenset[str], list[tuple[str, Sentence]]] = defaultdict(list)
    for label, _, sentence in _labelled(content):
        form = key(sentence.text)
        if not form:
            problems.error(sentence.file, sentence.line, "empty_question")
            continue
        if form in exact:
            other, first = exact[form]
            place = _place(first, content.root)
            if other != label:
                problems.error(
                    sentence.file, sentence.line, "question_in_two",
                    text=sentence.text, entry=label, other=other, place=place,
                )  # fmt: skip
            else:
                problems.warn(sentence.file, sentence.line, "question_twice", text=sentence.text, place=place)
            continue
        exact[form] = (label, sentence)
        bag = _content_words(plain(sentence.text))
        if len(bag) > 2:
            bags[bag].append((label, sentence))
    for group in bags.values():
        for label, sentence in group[1:]:
            if label != group[0][0]:
                other, twin = group[0]
                problems.warn(
                    sentence.file, sentence.line, "question_same_words",
                    text=sentence.text, entry=label, twin=twin.text, other=other, place=_place(twin, content.root),
                )  # fmt: skip


def _check_dialogue(content: Content, problems: Problems) -> None:
    for intent, languages in content.dialogue.items():
        for language in LANGUAGES:
            if len(languages.get(language, [])) < MIN_QUESTIONS:
                problems.error(
                    content.root / "dialogue" / language, 1, "few_examples",
                    name=intent, number=len(languages.get(language, [])), language=language, least=MIN_QUESTIONS,
                )  # fmt: skip


def _check_phrases(content: Content, problems: Problems) -> None:
    for phrase in content.phrases.values():
        for language, text in phrase.texts.items():
            if has_han(text) != (language == "zh"):
                problems.error(phrase.file, phrase.line, "phrase_other_language", name=phrase.name, language=language)
            if unknown := placeholders.unknown(text, PHRASE_VALUES):
                problems.error(
                    phrase.file, phrase.line, "phrase_placeholder",
                    names=", ".join(sorted(unknown)), known=", ".join(sorted(PHRASE_VALUES)),
                )  # fmt: skip
        for target in phrase.buttons:
            if not _known(target, content) and target not in content.phrases:
                problems.error(phrase.file, phrase.line, "dead_button", target=target, name=phrase.name)


def _check_topics(content: Content, problems: Problems) -> None:
    for topic in content.topics.values():
        if topic.unknown_intent not in content.dialogue:
            problems.error(topic.file, topic.line, "topic_without_examples", name=topic.unknown_intent)
        for target in topic.offer:
            if not _known(target, content):
                problems.error(topic.file, topic.line, "dead_link", target=target, key="offer")
