"""Puts events, ranges and changes into words; every word comes from the phrases, every date from CLDR (Babel)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time

from bot.content.library import Speech
from bot.events.inquiry import Inquiry
from bot.events.model import Change, City, Event, Occurrence, Status

# Parsed once: Babel takes half a millisecond to find a locale by its name, at each of a list's dates.
LOCALES = {language: Locale.parse(name) for language, name in (("de", "de_DE"), ("en", "en_GB"), ("zh", "zh_CN"))}
_DAY = {"de": "EEE, d. MMMM y", "en": "EEE d MMMM y", "zh": "y年M月d日 EEE"}
_MONTH = {"de": "LLLL y", "en": "LLLL y", "zh": "y年M月"}
_BOTH_ZONES = {"berlin": ZoneInfo("Europe/Berlin"), "beijing": ZoneInfo("Asia/Shanghai")}
_MIDNIGHT = datetime.min.time()
_SUMMARY = 400


@dataclass(frozen=True)
class EventWording:
    """Says things about events in one language."""

    speech: Speech
    language: str

    def say(self, name: str, **values: str) -> str:
        """Return a phrase with its values."""
        text = self.speech.phrases[name][self.language]
        for key, value in values.items():
            text = text.replace("{" + key + "}", value)
        return text

    def conditions(self, inquiry: Inquiry) -> str:
        """Return what was understood: the time, then the filters, e.g. "December 2026, Berlin, culture"."""
        query = inquiry.query
        parts = [self.span(query.start, query.end)]
        if query.time_of_day:
            parts.append(f"{query.time_of_day[0]:%H:%M}–{query.time_of_day[1]:%H:%M}")
        if query.city:
            parts.append(self.say(f"city_{query.city.value}"))
        if query.category:
            parts.append(self.say(f"category_{query.category.value}"))
        parts += [self._kind(kind) for kind in inquiry.kinds]
        if query.free:
            parts.append(self.say("event_free"))
        if query.language:
            parts.append(self.say("event_spoken", topic=self._spoken(query.language)))
        if query.words:
            parts.append(self.say("event_words", topic=" ".join(query.words)))
        return ", ".join(parts)

    def span(self, start: datetime | None, end: datetime | None) -> str:
        """Return a half-open range of naive times in words; without ends it is from today on."""
        if start is None and end is None:
            return self.say("event_upcoming")
        if start is None or end is None:
            at = start or end
            name = "event_from" if start else "event_until"
            return self.say(name, range=self._moment(at, closing=start is None)) if at else ""
        last = end - timedelta(microseconds=1)
        if (start.time(), end.time()) == (_MIDNIGHT, _MIDNIGHT):
            return self._days(start.date(), last.date())
        if start.date() == last.date():
            return f"{self._day(start.date())}, {start:%H:%M}–{end:%H:%M}"
        return f"{self._moment(start)} – {self._moment(end)}"

    def listing(self, found: tuple[Occurrence, ...], now: datetime) -> str:
        """Return one numbered line an occurrence, with a mark where they are invented samples."""
        lines = [f"{number}. {self.line(one, now)}" for number, one in enumerate(found, start=1)]
        if any(one.event.sample for one in found):
            lines.append(f"_{self.say('event_sample')}_")
        return "\n".join(lines)

    def line(self, one: Occurrence, now: datetime) -> str:
        """Return an occurrence in one line; what is cancelled, moved or over comes first."""
        title, title_language = one.event.title(self.language)
        parts = [self.when(one), self.say(f"city_{one.event.city.value}")]
        if one.event.venue:
            parts.append(one.event.venue)
        if one.event.free:
            parts.append(self.say("event_free"))
        if title_language != self.language:
            parts.append(self.say("event_other_language", topic=self._spoken(title_language)))
        return f"{self._mark(one, now)}**{title}**: {', '.join(parts)}"

    def details(self, one: Occurrence, now: datetime, link: str = "") -> str:
        """Return all that the calendar says of an occurrence."""
        event = one.event
        lines = [self.line(one, now)]
        if summary := event.summaries.get(self.language) or next(iter(event.summaries.values()), ""):
            lines.append(summary[:_SUMMARY])
        if event.price or event.free is False:
            lines.append(self.say("event_price", topic=event.price) if event.price else self.say("event_not_free"))
        if event.languages:
            lines.append(self.say("event_spoken", topic=", ".join(map(self._spoken, event.languages))))
        if one.status is Status.SCHEDULED and not _is_over(one, now):
            lines.append(self.say("event_takes_place"))
        return "\n".join([*lines, *([event.url] if event.url else []), *([link] if link else [])])

    def change(self, change: Change) -> str:
        """Return an entry of the change log in one line."""
        title, _ = change.event.title(self.language)
        status = change.event.status
        kind = self.say(f"change_{change.kind if status is Status.SCHEDULED else status.value}")
        moments = [self._day(moment.date()) for moment in (change.before, change.after) if moment]
        when = " → ".join(dict.fromkeys(moments)) or self._day(change.event.start.date())
        return f"- {kind}: **{title}**, {when}, {self.say(f'city_{change.event.city.value}')}"

    def when(self, one: Occurrence) -> str:
        """Return day and time; for an online event the time in both cities."""
        last = (one.end or one.start).date()
        if one.event.all_day:
            text = self._days(one.start.date(), last)
            return text if last != one.start.date() else f"{text}, {self.say('event_all_day')}"
        if one.event.city is City.ONLINE:
            both = (self._time_in(one, city) for city in _BOTH_ZONES)
            return f"{self._day(one.start.date())}, {' / '.join(both)}"
        if one.end and last > one.start.date() and one.end - one.start > timedelta(hours=18):
            return self._days(one.start.date(), last)
        until = f"–{self._time(one.end)}" if one.end and one.end > one.start else ""
        return f"{self._day(one.start.date())}, {self._time(one.start)}{until}"

    def _time_in(self, one: Occurrence, city: str) -> str:
        there = one.start.astimezone(_BOTH_ZONES[city])
        text = self._time(there)
        if there.date() != one.start.date():
            text = f"{self._day(there.date())}, {text}"
        return self.say("event_time_in", range=text, topic=self.say(f"city_{city}"))

    def _mark(self, one: Occurrence, now: datetime) -> str:
        if one.status is not Status.SCHEDULED:
            return f"{self.say(f'event_{one.status.value}')} "
        if one.moved_from:
            return f"{self.say('event_moved', range=self._moment(one.moved_from))} "
        return f"{self.say('event_past')} " if _is_over(one, now) else ""

    def _kind(self, kind: str) -> str:
        words: list[str] = self.speech.event_words["kinds"][kind]["names"][self.language]
        return words[0]

    def _spoken(self, language: str) -> str:
        name = f"language_{language}"
        return self.say(name) if name in self.speech.phrases else language

    def _days(self, first: date, last: date) -> str:
        if first == last:
            return self._day(first)
        following = last + timedelta(days=1)
        if first.day == 1 and following.day == 1 and first.month == last.month and first.year == last.year:
            return format_date(first, _MONTH[self.language], locale=LOCALES[self.language])
        return f"{self._day(first)} – {self._day(last)}"

    def _moment(self, moment: datetime, closing: bool = False) -> str:
        if moment.time() == _MIDNIGHT:
            return self._day((moment - timedelta(days=closing)).date())
        return f"{self._day(moment.date())}, {self._time(moment)}"

    def _day(self, day: date) -> str:
        return format_date(day, _DAY[self.language], locale=LOCALES[self.language])

    def _time(self, moment: datetime) -> str:
        return format_time(moment.time(), "HH:mm", locale=LOCALES[self.language])


def _is_over(one: Occurrence, now: datetime) -> bool:
    if one.event.all_day:
        return (one.end or one.start).date() < now.astimezone(one.start.tzinfo).date()
    return (one.end or one.start) < now


def as_data(one: Occurrence, language: str, link: str = "") -> dict[str, object]:
    """Return an occurrence as plain data for a channel that can show a card."""
    event: Event = one.event
    return {
        "uid": event.uid, "title": event.title(language)[0], "start": one.start.isoformat(),
        "end": one.end.isoformat() if one.end else None, "all_day": event.all_day, "city": event.city.value,
        "venue": event.venue, "category": event.category.value, "free": event.free, "status": one.status.value,
        "url": event.url, "calendar": link,
    }  # fmt: skip
