"""Posts what is due: each subscriber's messages in one, with the note that they are done, in one transaction."""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot import settings
from bot.channels.core.answers import Answer
from bot.content.library import Speech, SpeechFile
from bot.events.inquiry import EventWords, Inquiry
from bot.events.log import Mark
from bot.events.model import Occurrence, Status
from bot.events.store import EventStore
from bot.events.wording import EventWording
from bot.subscriptions import service, tables
from bot.subscriptions.connection import explained, reading, writing
from bot.subscriptions.letter import WITHDRAWN, Letter, differs
from bot.subscriptions.lookups import Lookups, distinct
from bot.subscriptions.model import Kind, Told, told_of
from bot.subscriptions.tables import reminder, subscriber, subscription, watch

logger = logging.getLogger(__name__)

BATCH = 100
"""Subscribers whose rows are in memory at once."""
STALE = timedelta(days=3)
"""From this age on a weekly message is left to the next Sunday."""
CHANGES_AT_ONCE = 500
_WATCH = "events"
Row = dict[str, Any]


class Mail(Protocol):
    """What a postman needs of `bot.channels.core.mailbox.Mailbox`."""

    def post(self, chat_id: str, answer: Answer, key: str | None = None, connection: Connection | None = None) -> bool:
        """Queue a message within a transaction; False if one of this key was queued before."""


@dataclass
class _Round:
    """What is due for one subscriber: the message so far, and what its rows will say once it is posted."""

    subscriber: Row
    letter: Letter
    updates: list[tuple[sa.Table, int, Row | None]] = field(default_factory=list)
    """(table, id, values); None deletes the row"""


class Postman:
    """Posts for the channels of ``mailboxes``. Any number of postmen may work at once: none posts what another did."""

    def __init__(self, engine: Engine, mailboxes: Mapping[str, Mail], speech: SpeechFile | None = None) -> None:
        self._engine, self._mailboxes = engine, mailboxes
        chosen = settings.load()
        self._speech = speech or SpeechFile(chosen.compiled_content, chosen.content_dir)
        self._store: EventStore | None = None
        self._words: tuple[Speech, EventWords] | None = None

    def once(self, now: datetime) -> int:
        """Post all that is due at ``now``; return how many messages. Blocks: call it in a thread.

        Raises:
            SubscriptionsUnavailableError, EventsUnavailableError: the database cannot be used; what was not posted
                stays due.
        """
        tables.create(self._engine)
        store = self._store = self._store or EventStore(self._engine)
        mark = store.mark()
        self._note_changes(store, mark, now)
        posted, speech, lookups = 0, None, None
        for batch in self._batches(now):
            if speech is None or lookups is None:  # an idle pass reads no phrases
                speech = self._speech.speech
                lookups = Lookups(store, self._event_words(speech), now)
            posted += self._deliver(batch, speech, lookups, mark, now)
        return posted

    def _batches(self, now: datetime) -> Iterator[list[Row]]:
        """Yield the subscribers that are due, some at a time, each once."""
        after = (0.0, "")
        while True:
            due = sa.select(subscriber).where(
                subscriber.c.next_at <= now.timestamp(),
                sa.tuple_(subscriber.c.next_at, subscriber.c.id) > sa.tuple_(*map(sa.literal, after)),
                subscriber.c.channel.in_(list(self._mailboxes)),
            )
            with reading(self._engine) as connection:
                found = connection.execute(due.order_by(subscriber.c.next_at, subscriber.c.id).limit(BATCH)).mappings()
                batch = [dict(row) for row in found]
            if not batch:
                return
            yield batch
            after = (batch[-1]["next_at"], batch[-1]["id"])

    def _deliver(self, batch: list[Row], speech: Speech, lookups: Lookups, mark: Mark, now: datetime) -> int:
        due = {table.name: self._due(table, batch, now) for table in (subscription, reminder)}
        posted = 0
        for one in batch:
            hours = service.hours_of(one)
            if hours.is_quiet(now):
                self._put_off(one, hours.allowed(now))
                continue
            work = _Round(one, Letter(EventWording(speech, one["language"]), now))
            for row in due[reminder.name].get(one["id"], ()):
                _look_at(row, work, lookups, now)
            for row in due[subscription.name].get(one["id"], ()):
                _tell(row, work, lookups, mark, now)
            posted += self._post(work)
        return posted

    def _due(self, table: sa.Table, batch: list[Row], now: datetime) -> dict[str, list[Row]]:
        ids = [one["id"] for one in batch]
        due = sa.select(table).where(table.c.subscriber.in_(ids), table.c.next_at <= now.timestamp())
        found: dict[str, list[Row]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(due.order_by(table.c.id)).mappings():
                found.setdefault(row["subscriber"], []).append(dict(row))
        return found

    def _post(self, work: _Round) -> int:
        """Write what was done and queue the message, both or none; 0 if another postman or the visitor came first."""
        one = work.subscriber
        mine = (subscriber.c.id == one["id"], subscriber.c.version == one["version"])
        with explained(), self._engine.begin() as connection:
            # The first statement writes: it is the lock, and tells whether the rows are still as they were read.
            held = sa.update(subscriber).where(*mine).values(version=subscriber.c.version + 1)
            if not connection.execute(held).rowcount:
                return 0
            for table, number, values in work.updates:
                its = table.c.id == number
                change = sa.delete(table).where(its) if values is None else sa.update(table).where(its).values(values)
                connection.execute(change)
            service.touch(connection, one["id"])
            if work.letter.is_empty:
                return 0
            key = f"subscription:{one['id']}:{one['version']}"
            return int(self._mailboxes[one["channel"]].post(one["chat"], work.letter.answer(), key, connection))

    def _put_off(self, one: Row, until: datetime) -> None:
        mine = (subscriber.c.id == one["id"], subscriber.c.version == one["version"])
        with explained(), self._engine.begin() as connection:
            connection.execute(sa.update(subscriber).where(*mine).values(next_at=until.timestamp()))

    def _note_changes(self, store: EventStore, mark: Mark, now: datetime) -> None:
        """Have the reminders of events looked at that were changed since the last pass, by whichever process."""
        known = self._watched() or Mark()
        if known == mark:
            return
        while entries := store.touched(known, CHANGES_AT_ONCE):
            self._look_again(sorted({uid for _, uid in entries}), now)
            known = Mark(entries[-1][0].number, mark.at)
            if len(entries) < CHANGES_AT_ONCE:
                break
        self._watch(mark)

    def _look_again(self, uids: list[str], now: datetime) -> None:
        at = now.timestamp()
        with writing(self._engine) as connection:
            theirs = sa.select(reminder.c.subscriber).where(reminder.c.uid.in_(uids))
            later = sa.or_(subscriber.c.next_at.is_(None), subscriber.c.next_at > at)
            its = sa.update(subscriber).where(subscriber.c.id.in_(theirs), later)
            connection.execute(its.values(next_at=at, version=subscriber.c.version + 1))
            connection.execute(sa.update(reminder).where(reminder.c.uid.in_(uids)).values(next_at=at))

    def _watched(self) -> Mark | None:
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(watch).where(watch.c.name == _WATCH)).first()
        return Mark(int(row.change_id), row.change_at) if row else None

    def _watch(self, mark: Mark) -> None:
        with writing(self._engine) as connection:
            connection.execute(sa.delete(watch).where(watch.c.name == _WATCH))
            row = {"name": _WATCH, "change_id": mark.number, "change_at": mark.at}
            connection.execute(sa.insert(watch).values(row))

    def _event_words(self, speech: Speech) -> EventWords:
        if self._words is None or self._words[0] is not speech:
            self._words = speech, EventWords(speech.event_words)
        return self._words[1]


def _look_at(row: Row, work: _Round, lookups: Lookups, now: datetime) -> None:
    """Say of a reminder what is due: that its event has changed, that it is tomorrow, or nothing once it is over."""
    told = _told(row)
    one, series = lookups.current(row["uid"], told)
    if one is None or series is None:
        over = row["ends_at"] <= now.timestamp() or not differs(None, told)
        if not over:
            work.letter.change(None, told, row["title"])
        values = {"told_status": WITHDRAWN, "remind_at": None, "next_at": None}
        work.updates.append((reminder, row["id"], None if row["ends_at"] <= now.timestamp() else values))
        return
    known = service.told_values(told_of(one, series), one)
    if one.start <= now:  # what has begun needs no reminder, and a change of it comes too late
        work.updates.append((reminder, row["id"], None))
        return
    changed = differs(one, told)
    remind_at = _remind_at(row, one, told, work, now)
    due = remind_at is not None and remind_at <= now.timestamp()
    if changed:
        work.letter.change(one, told, row["title"])
    elif due and one.status is Status.SCHEDULED:
        work.letter.remind(one)
    left = None if due or one.status is not Status.SCHEDULED else remind_at
    work.updates.append((reminder, row["id"], {**known, "remind_at": left, "next_at": left}))


def _told(row: Row) -> Told:
    return Told(
        recurrence=datetime.fromisoformat(row["recurrence"]),
        series_start=datetime.fromisoformat(row["series_start"]),
        start=datetime.fromisoformat(row["told_start"]),
        status=row["told_status"],
        place=row["told_place"],
    )


def _remind_at(row: Row, one: Occurrence, told: Told, work: _Round, now: datetime) -> float | None:
    """Return when to remind: as was agreed, or reckoned anew if the event was moved or called off and is on again."""
    if one.start.replace(tzinfo=None) == told.start and told.status == Status.SCHEDULED:
        return row["remind_at"]  # type: ignore[no-any-return]
    at = service.hours_of(work.subscriber).reminding(one.start, now, one.event.all_day)
    return at.timestamp() if at else None


def _tell(row: Row, work: _Round, lookups: Lookups, mark: Mark, now: datetime) -> None:
    """List what a subscription brings, and set when it is due again."""
    kind, inquiry = Kind(row["kind"]), Inquiry.from_data(json.loads(row["search"]))
    due_at = datetime.fromtimestamp(row["next_at"], UTC)
    following = service.next_time(kind, service.hours_of(work.subscriber), now).timestamp()
    if kind is Kind.DIGEST and now - due_at > STALE:
        work.updates.append((subscription, row["id"], {"next_at": following}))
        return
    found = lookups.added(row["search_hash"], inquiry, Mark(row["told_id"], row["told_at"]))
    if kind is Kind.DIGEST:
        found = distinct([*lookups.coming(row["search_hash"], inquiry), *found])
    work.letter.tell(kind, inquiry, found)
    told = {"told_id": mark.number, "told_at": mark.at, "next_at": following}
    work.updates.append((subscription, row["id"], told))
