"""Asking for subscriptions and reminders, changing and ending them. Every function blocks."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from bot.events.inquiry import Inquiry
from bot.events.log import Mark
from bot.events.model import Occurrence, Status
from bot.events.rows import gone
from bot.subscriptions import tables
from bot.subscriptions.connection import reading, writing
from bot.subscriptions.hours import Hours, default_zone
from bot.subscriptions.model import (
    MOST_REMINDERS,
    MOST_SUBSCRIPTIONS,
    Address,
    Kind,
    Overview,
    Preferences,
    Told,
)  # fmt: skip
from bot.subscriptions.tables import reminder, subscriber, subscription

_STARTING = {"quiet_from": "21:00", "quiet_until": "08:00"}
_UNSENT = sa.table("messenger_outgoing", *map(sa.column, ("channel", "chat", "unasked", "state")))


def subscribe(
    engine: Engine, address: Address, language: str, kind: Kind, inquiry: Inquiry, mark: Mark, now: datetime
) -> bool:
    """Begin to tell of what fits ``inquiry`` and comes after ``mark``; False if there are too many.

    The time of the inquiry is left out. A search is told of in one way: asked for weekly, it is no longer daily.
    """
    search, search_hash = searched(inquiry)
    with _changing(engine) as connection:
        one = _subscriber(connection, address, language, now)
        mine = subscription.c.subscriber == one["id"]
        its = sa.delete(subscription).where(mine, subscription.c.search_hash == search_hash)
        connection.execute(its)
        if _count(connection, subscription, mine) >= MOST_SUBSCRIPTIONS:
            return False
        due = next_time(kind, hours_of(one), now)
        row = {
            "subscriber": one["id"], "kind": kind.value, "search": search, "search_hash": search_hash,
            "told_id": mark.number, "told_at": mark.at, "next_at": due.timestamp(),
        }  # fmt: skip
        connection.execute(sa.insert(subscription).values(row))
        touch(connection, one["id"])
    return True


def remind(
    engine: Engine, address: Address, language: str, one: Occurrence, told: Told, now: datetime
) -> datetime | None:
    """Begin to remind of an event's date; return when, or None if it is too near, over, called off, or one too many."""
    with _changing(engine) as connection:
        row = _subscriber(connection, address, language, now)
        mine = reminder.c.subscriber == row["id"]
        at = hours_of(row).reminding(one.start, now, one.event.all_day)
        same = (mine, reminder.c.uid == one.event.uid, reminder.c.recurrence == told.recurrence.isoformat())
        connection.execute(sa.delete(reminder).where(*same))
        if at is None or one.status is not Status.SCHEDULED or _count(connection, reminder, mine) >= MOST_REMINDERS:
            _drop_empty(connection, row["id"])
            return None
        values = {
            "subscriber": row["id"], "uid": one.event.uid, "title": one.event.title(language)[0],
            "remind_at": at.timestamp(), "next_at": at.timestamp(), **told_values(told, one),
        }  # fmt: skip
        connection.execute(sa.insert(reminder).values(values))
        touch(connection, row["id"])
    return at.astimezone(one.start.tzinfo)


def prefer(engine: Engine, address: Address, preferences: Preferences, now: datetime) -> Overview | None:
    """Set zone or quiet hours of a subscriber, and reckon anew when to write; None if there is none of that chat."""
    with _changing(engine) as connection:
        row = _find(connection, address)
        if row is None:
            return None
        kept = hours_of(row)
        hours = Hours(
            preferences.zone or kept.zone,
            kept.quiet_from if preferences.quiet_from is None else preferences.quiet_from,
            kept.quiet_until if preferences.quiet_until is None else preferences.quiet_until,
        )
        zone = {"zone": preferences.zone} if preferences.zone else {}
        ends = {"quiet_from": _clock(hours.quiet_from), "quiet_until": _clock(hours.quiet_until)}
        connection.execute(sa.update(subscriber).where(subscriber.c.id == row["id"]).values(**zone, **ends))
        for one in _rows(connection, subscription, row["id"]):
            due = next_time(Kind(one["kind"]), hours, now).timestamp()
            connection.execute(sa.update(subscription).where(subscription.c.id == one["id"]).values(next_at=due))
        touch(connection, row["id"])
    return of(engine, address.channel, address.chat)


def of(engine: Engine, channel: str, chat: str) -> Overview | None:
    """Return what a chat has asked for, or None if nothing is kept of it."""
    tables.create(engine)
    with reading(engine) as connection:
        row = _find(connection, Address(channel, chat))
        if row is None:
            return None
        kept = _rows(connection, subscription, row["id"])
        reminders = [one for one in _rows(connection, reminder, row["id"]) if one["remind_at"]]
    return Overview(
        hours_of(row),
        tuple((Kind(one["kind"]), Inquiry.from_data(json.loads(one["search"]))) for one in kept),
        tuple((one["title"], datetime.fromisoformat(one["told_start"])) for one in reminders),
    )


def end(engine: Engine, channel: str, chat: str) -> int:
    """Delete all that is kept of a chat, and what waits to be sent to it unasked; return how much was asked for."""
    with _changing(engine) as connection:
        row = _find(connection, Address(channel, chat))
        if row is None:
            return 0
        # The subscriber's row first, as everywhere: whoever is about to send waits, and then finds it gone.
        touch(connection, row["id"])
        ended = 0
        for table in (subscription, reminder):
            its = sa.delete(table).where(table.c.subscriber == row["id"])
            ended += int(connection.execute(its).rowcount)
        connection.execute(sa.delete(subscriber).where(subscriber.c.id == row["id"]))
        if sa.inspect(connection).has_table(_UNSENT.name):
            its = (_UNSENT.c.channel == channel, _UNSENT.c.chat == chat)
            connection.execute(sa.delete(_UNSENT).where(*its, _UNSENT.c.unasked, _UNSENT.c.state == "waiting"))
    return ended


def move(engine: Engine, channel: str, old: str, new: str) -> None:
    """Give what a chat has asked for to the one that it has become, unless that one has asked for something itself."""
    with _changing(engine) as connection:
        if _find(connection, Address(channel, new)) is None:
            its = (subscriber.c.channel == channel, subscriber.c.chat == old)
            moved = sa.update(subscriber).where(*its).values(chat=new, version=subscriber.c.version + 1)
            connection.execute(moved)


def forget_old(engine: Engine, now: datetime) -> int:
    """Delete reminders of what is over, and subscribers without anything left; return how many reminders."""
    with _changing(engine) as connection:
        over = int(connection.execute(sa.delete(reminder).where(reminder.c.ends_at <= now.timestamp())).rowcount)
        held = [sa.exists().where(table.c.subscriber == subscriber.c.id) for table in (subscription, reminder)]
        connection.execute(sa.delete(subscriber).where(*map(sa.not_, held)))
    return over


def counts(engine: Engine) -> dict[str, int]:
    """Return the numbers for operators: subscribers, subscriptions by kind, reminders to come."""
    tables.create(engine)
    kind = sa.select(subscription.c.kind, sa.func.count()).group_by(subscription.c.kind)
    ahead = sa.select(sa.func.count()).select_from(reminder).where(reminder.c.remind_at.is_not(None))
    with reading(engine) as connection:
        by_kind = {name: int(number) for name, number in connection.execute(kind)}
        return {
            "subscribers": _count(connection, subscriber, sa.true()),
            **{one.value: by_kind.get(one.value, 0) for one in Kind},
            "reminders": int(connection.execute(ahead).scalar_one()),
        }


def searched(inquiry: Inquiry) -> tuple[str, str]:
    """Return a search without its time as text, and the text's hash."""
    query = replace(inquiry.query, start=None, end=None, time_of_day=None)
    text = json.dumps(replace(inquiry, query=query).as_data(), sort_keys=True, ensure_ascii=False)
    return text, hashlib.sha256(text.encode()).hexdigest()


def hours_of(row: Mapping[str, Any]) -> Hours:
    """Return a subscriber's hours."""
    zone = row["zone"] or default_zone(row["language"])
    return Hours(zone, time.fromisoformat(row["quiet_from"]), time.fromisoformat(row["quiet_until"]))


def next_time(kind: Kind, hours: Hours, after: datetime) -> datetime:
    """Return when a subscription is due next."""
    return hours.next_sunday(after) if kind is Kind.DIGEST else hours.next_morning(after)


def told_values(told: Told, one: Occurrence) -> dict[str, Any]:
    """Return the columns of a reminder that say what its subscriber knows."""
    return {
        "recurrence": told.recurrence.isoformat(), "series_start": told.series_start.isoformat(),
        "told_start": told.start.isoformat(), "told_status": told.status, "told_place": told.place,
        "ends_at": gone(one).timestamp(),
    }  # fmt: skip


def touch(connection: Connection, subscriber_id: str) -> None:
    """Reckon anew when a subscriber is due; whoever has read its row before cannot send any more."""
    earliest = [
        sa.select(sa.func.min(table.c.next_at)).where(table.c.subscriber == subscriber_id).scalar_subquery()
        for table in (subscription, reminder)
    ]
    first, second = earliest
    due = sa.case((first.is_(None), second), (second.is_(None), first), (first < second, first), else_=second)
    its = sa.update(subscriber).where(subscriber.c.id == subscriber_id)
    connection.execute(its.values(next_at=due, version=subscriber.c.version + 1))


def _changing(engine: Engine) -> Any:
    tables.create(engine)
    return writing(engine)


def _find(connection: Connection, address: Address) -> dict[str, Any] | None:
    its = sa.select(subscriber).where(subscriber.c.channel == address.channel, subscriber.c.chat == address.chat)
    row = connection.execute(its).mappings().first()
    return dict(row) if row else None


def _subscriber(connection: Connection, address: Address, language: str, now: datetime) -> dict[str, Any]:
    """Return a chat's row, made if it is new, in the language that is spoken now."""
    row = _find(connection, address)
    if row is None:
        values = {
            "id": uuid.uuid4().hex, "channel": address.channel, "chat": address.chat, "language": language,
            "zone": None, **_STARTING, "created_at": now.timestamp(), "version": 0, "next_at": None,
        }  # fmt: skip
        connection.execute(sa.insert(subscriber).values(values))
        return values
    connection.execute(sa.update(subscriber).where(subscriber.c.id == row["id"]).values(language=language))
    return {**row, "language": language}


def _drop_empty(connection: Connection, subscriber_id: str) -> None:
    touch(connection, subscriber_id)
    held = [_count(connection, table, table.c.subscriber == subscriber_id) for table in (subscription, reminder)]
    if not any(held):
        connection.execute(sa.delete(subscriber).where(subscriber.c.id == subscriber_id))


def _rows(connection: Connection, table: sa.Table, subscriber_id: str) -> list[dict[str, Any]]:
    its = sa.select(table).where(table.c.subscriber == subscriber_id).order_by(table.c.id)
    return [dict(row) for row in connection.execute(its).mappings()]


def _count(connection: Connection, table: sa.Table, condition: Any) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar_one())


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"
