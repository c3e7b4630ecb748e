"""A row of a table (CSV or spreadsheet) becomes an event."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.events.columns import COLUMNS, EXTRA, REQUIRED, overrides_from_text
from bot.events.model import City, Event, Override, Status
from bot.events.readers import moments, rules, text, words
from bot.events.readers.result import EventFileError, ReadResult, RefusedError, Warn, Warned
from bot.formulas import unguard
from bot.languages import LANGUAGES


@dataclass(frozen=True)
class Options:
    """What a reader goes by: today (for the sample calendar), the city of events that name none."""

    today: date
    city: City | None = None
    sample: bool = False


Numbered = tuple[int, Sequence[str] | RefusedError]
"""The number of a row in its file, and its cells or why they could not be had."""


def column_name(cell: str) -> str:
    """Return a header cell as a column's name: "Title DE" is ``title_de``."""
    return "_".join(cell.strip().lower().replace("-", " ").split())


def read_table(rows: Iterable[Numbered], name: str, options: Options) -> ReadResult:
    """Return the events of a table whose first row is the header.

    Raises:
        EventFileError: there is no header, or it lacks a required column.
    """
    result = ReadResult()
    numbered = iter(rows)
    first = next(numbered, None)
    if first is None or isinstance(first[1], RefusedError):
        raise EventFileError(f"{name}: the file is empty; the first line must be {','.join(COLUMNS)}")
    header = _header(first[1], name, first[0], result)
    for number, cells in numbered:
        if isinstance(cells, RefusedError):
            problem = cells
            result.take(number, "", _raising(problem))
        elif any(cell.strip() for cell in cells):
            _read_row(number, cells, header, options, result)
    return result


def _header(cells: Sequence[str], name: str, number: int, result: ReadResult) -> list[str]:
    header = [column_name(cell) for cell in cells]
    if missing := [column for column in REQUIRED if column not in header]:
        raise EventFileError(f"{name}: the first line lacks {', '.join(missing)}; the columns are {','.join(COLUMNS)}")
    if twice := sorted({column for column in header if column and header.count(column) > 1}):
        raise EventFileError(f"{name}: the first line has {', '.join(twice)} twice; remove one")
    for column in header:
        if column and column not in COLUMNS + EXTRA:
            result.warnings.append(Warned(number, column, f"unknown column, left aside; known are {','.join(COLUMNS)}"))
    return header


def _raising(problem: RefusedError) -> Callable[[Warn], Event]:
    def read(warn: Warn) -> Event:
        raise problem

    return read


def _read_row(number: int, cells: Sequence[str], header: list[str], options: Options, result: ReadResult) -> None:
    if any(cell.strip() for cell in cells[len(header) :]):
        problem = RefusedError(header[-1], "the row has more cells than the header; put text with commas in quotes")
        result.take(number, cells[0] if cells else "", _raising(problem))
        return
    row = {column: unguard(cell.strip()) for column, cell in zip(header, cells, strict=False) if column}
    result.take(number, row.get("uid", "")[: text.LIMITS["uid"]], lambda warn: event_of_row(row, options, warn))


def event_of_row(row: dict[str, str], options: Options, warn: Warn) -> Event:
    """Return the event of a row, given as its cells by column.

    Raises:
        RefusedError: a cell cannot be taken; the column and the reason are named.
    """
    uid = text.uid(row.get("uid", ""))
    city = words.city(row.get("city", "")) if row.get("city") or not options.city else options.city
    name = row.get("timezone") or moments.ZONES[city]
    zone = moments.zone(name)
    start, dated_only = _moment(row, "start", zone, options)
    end = _moment(row, "end", zone, options)[0] if row.get("end") else None
    all_day = bool(_truth(row, "all_day")) or dated_only
    if all_day:
        start = datetime.combine(start, time())
        end = datetime.combine(end, time()) if end else None
    moments.ordered(start, end)
    begins = start.replace(tzinfo=zone)
    titles = _texts(row, "title")
    if not titles:
        raise RefusedError("title_de", "no title in any language; write title_de, title_en or title_zh")
    return Event(
        uid=uid,
        status=words.status(row["status"]) if row.get("status") else Status.SCHEDULED,
        start=begins,
        end=end.replace(tzinfo=zone) if end else None,
        all_day=all_day,
        timezone=name,
        city=city,
        venue=text.within(text.line(row.get("venue", "")), "venue", "venue"),
        category=words.category(row.get("category", "")),
        free=_truth(row, "free"),
        languages=_languages(row, warn),
        url=text.link(row.get("url", ""), "url", warn),
        titles=titles,
        summaries=_texts(row, "summary"),
        sample=options.sample,
        price=text.within(text.line(row.get("price", "")), "price", "price"),
        rrule=rules.checked(row["rrule"], begins, all_day) if row.get("rrule") else "",
        rdates=_dates(row, "rdates", begins, zone, all_day),
        exdates=_dates(row, "exdates", begins, zone, all_day),
        overrides=_overrides(row, zone),
    )


def _moment(row: dict[str, str], column: str, zone: ZoneInfo, options: Options) -> tuple[datetime, bool]:
    cell = row.get(column, "")
    if not cell:
        raise RefusedError(column, "is empty; write a time such as 2027-03-10T19:00, or a date for all day")
    if options.sample and (found := moments.relative(cell, options.today)):
        return found
    return moments.local(cell, column, zone)


def _truth(row: dict[str, str], column: str) -> bool | None:
    return words.truth(row[column], column) if row.get(column) else None


def _texts(row: dict[str, str], kind: str) -> dict[str, str]:
    made = text.line if kind == "title" else text.paragraph
    texts = {tag: text.within(made(row.get(f"{kind}_{tag}", "")), kind, f"{kind}_{tag}") for tag in LANGUAGES}
    return text.in_order(texts)


def _languages(row: dict[str, str], warn: Warn) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in row.get("languages", "").replace(",", ";").replace("、", ";").replace("/", ";").split(";"):
        if not part.strip():
            continue
        if tag := words.language(part):
            found[tag] = None
        else:
            warn("languages", f"'{part.strip()[:40]}' was dropped; write languages as de;en;zh")
    return tuple(found)


def _dates(row: dict[str, str], column: str, start: datetime, zone: ZoneInfo, all_day: bool) -> tuple[datetime, ...]:
    parts = [part.strip() for part in row.get(column, "").replace("；", ";").split(";") if part.strip()]
    if len(parts) > rules.MAX_DATES:
        raise RefusedError(column, f"has {len(parts)} dates; {rules.MAX_DATES} are allowed")
    dates = set()
    for part in parts:
        moment, dated_only = moments.local(part, column, zone)
        at = start.time() if dated_only or all_day else moment.time()
        dates.add(datetime.combine(moment, at, tzinfo=zone))
    return tuple(sorted(dates))


def _overrides(row: dict[str, str], zone: ZoneInfo) -> tuple[Override, ...]:
    if not row.get("overrides"):
        return ()
    try:
        found = overrides_from_text(row["overrides"], zone)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RefusedError("overrides", "is not as an export wrote it; copy it again, or empty the cell") from error
    if len(found) > rules.MAX_DATES:
        raise RefusedError("overrides", f"has {len(found)} dates; {rules.MAX_DATES} are allowed")
    for override in found:
        for moment in (override.recurrence_id, override.start, override.end):
            if moment is not None:
                moments.in_sense(moment, "overrides")
    return tuple(sorted((_cleaned(override) for override in found), key=lambda each: each.recurrence_id))


def _cleaned(override: Override) -> Override:
    return Override(
        override.recurrence_id,
        override.status,
        override.start,
        override.end,
        override.and_following,
        text.within(text.line(override.venue), "venue", "overrides"),
        text.in_order({tag: text.within(text.line(t), "title", "overrides") for tag, t in override.titles.items()}),
    )
