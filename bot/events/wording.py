"""Puts events and ranges into words; every word comes from the phrases, every date from CLDR (Babel)."""

from datetime import date

from babel.dates import format_date, format_time

from bot.content.library import Speech
from bot.events.model import Event, Filters, Status
from bot.events.store import month_range

LOCALES = {"de": "de_DE", "en": "en_GB", "zh": "zh_CN"}
_DAY = {"de": "EEE, d. MMMM y", "en": "EEE d MMMM y", "zh": "y年M月d日 EEE"}
_MONTH = {"de": "LLLL y", "en": "LLLL y", "zh": "y年M月"}


def spell_range(filters: Filters, today: date, speech: Speech, language: str) -> str:
    """Return what was understood: the time, then the filters, e.g. "December 2026, Berlin, culture"."""
    if filters.month:
        parts = [format_date(month_range(filters.month, today)[0], _MONTH[language], locale=LOCALES[language])]
    else:
        parts = [speech.phrases["event_upcoming"][language]]
    if filters.city:
        parts.append(speech.phrases[f"city_{filters.city.value}"][language])
    if filters.category:
        parts.append(speech.phrases[f"category_{filters.category.value}"][language])
    return ", ".join(parts)


def spell_events(events: list[Event], speech: Speech, language: str) -> str:
    """Return one line an event, with a mark where they are invented samples."""
    lines = [f"- {_line(event, speech, language)}" for event in events]
    if any(event.sample for event in events):
        lines.append(f"_{speech.phrases['event_sample'][language]}_")
    return "\n".join(lines)


def _line(event: Event, speech: Speech, language: str) -> str:
    def say(name: str) -> str:
        return speech.phrases[name][language]

    title, title_language = event.title(language)
    details = [_when(event, speech, language), say(f"city_{event.city.value}")]
    if event.venue:
        details.append(event.venue)
    if event.free:
        details.append(say("event_free"))
    if title_language != language:
        details.append(say("event_other_language").replace("{topic}", say(f"language_{title_language}")))
    mark = f"{say(f'event_{event.status.value}')} " if event.status is not Status.SCHEDULED else ""
    return f"{mark}**{title}**: {', '.join(details)}"


def _when(event: Event, speech: Speech, language: str) -> str:
    locale = LOCALES[language]
    first = format_date(event.start.date(), _DAY[language], locale=locale)
    if event.last_day != event.start.date():
        return f"{first} – {format_date(event.last_day, _DAY[language], locale=locale)}"
    if event.all_day:
        return f"{first}, {speech.phrases['event_all_day'][language]}"
    return f"{first}, {format_time(event.start.time(), 'HH:mm', locale=locale)}"
