# ruff: noqa: DTZ001 - a table's times are local
import codecs
import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.events.columns import COLUMNS
from bot.events.model import Category, City, Event, Status
from bot.events.readers import EventFileError, ReadResult, read_events

TODAY = date(2027, 3, 10)
HEADER = ",".join(COLUMNS)
BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")


def row(delimiter: str = ",", **values: str) -> str:
    base = {"uid": "a", "start": "2027-03-13T19:30", "city": "berlin", "category": "culture", "title_de": "Konzert"}
    return delimiter.join({**base, **values}.get(column, "") for column in COLUMNS)


def read(*rows: str, header: str = HEADER, encoding: str = "utf-8", **options) -> ReadResult:
    return read_events("\n".join([header, *rows]).encode(encoding), "events.csv", TODAY, **options)


def one(**values: str) -> Event:
    result = read(row(**values))
    assert result.refused == []
    return result.events[0]


def test_a_bad_row_is_refused_with_its_reason_and_stops_no_other() -> None:
    bad = [
        ("start", "13/03/2027"), ("city", "paris"), ("category", "food"), ("timezone", "Mars/Base"),
        ("timezone", "../etc/passwd"), ("end", "2027-03-01T10:00"), ("free", "perhaps"), ("title_de", ""),
        ("rrule", "every week"), ("status", "maybe"), ("venue", "x" * 301), ("uid", ""), ("start", "+3d 10:00"),
        ("start", "1899-01-01"), ("start", "2027-02-30"), ("start", ""), ("exdates", "soon"), ("start", "30.02.2027"),
        ("uid", "x" * 256), ("title_de", "x" * 301), ("end", "2101-01-01"),
    ]  # fmt: skip
    rows = [row(**{"uid": f"bad-{number}", column: value}) for number, (column, value) in enumerate(bad)]
    result = read(row(uid="good"), *rows, row(uid="last"))
    assert [event.uid for event in result.events] == ["good", "last"]
    assert [(problem.row, problem.column) for problem in result.refused] == [
        (number + 3, column) for number, (column, _) in enumerate(bad)
    ]
    assert all(problem.reason for problem in result.refused)


def test_a_repeated_uid_is_refused() -> None:
    result = read(row(), row())
    assert len(result.events) == 1
    assert "stands twice" in result.refused[0].reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_table_is_read_in_any_delimiter_and_unicode(delimiter: str, encoding: str) -> None:
    result = read(row(delimiter, title_zh="音乐会"), header=HEADER.replace(",", delimiter), encoding=encoding)
    assert result.events[0].titles == {"de": "Konzert", "zh": "音乐会"}
    assert (result.refused, result.warnings) == ([], [])


def test_windows_and_chinese_encodings_are_read_with_a_warning() -> None:
    for encoding, titles in (("cp1252", {"title_de": "Frühlingsgrüße"}), ("gb18030", {"title_zh": "春节音乐会"})):
        result = read(row(**titles), encoding=encoding)
        assert set(titles.values()) <= set(result.events[0].titles.values())
        assert encoding in result.warnings[0].reason


def test_bytes_that_are_no_events_are_refused_with_what_would_be() -> None:
    files = [
        b"", b"   ", b"name,date\nx,y", b"\xd0\xcf\x11\xe0xls", b"%PDF-1.7", b"hello", b"\x81\x8d", bytes(300),
        codecs.BOM_UTF16_LE + b"\x00\xd8", b"uid,start,city,category,uid\na,b,c,d,e", b'"uid,start', b"uid\nx",
    ]  # fmt: skip
    for data in files:
        with pytest.raises(EventFileError, match=r"^odd\.bin: "):
            read_events(data, "odd.bin", TODAY)
    with pytest.raises(EventFileError, match="MB"):
        read_events(b"x" * 20_000_001, "big.csv", TODAY)


@pytest.mark.parametrize(
    ("written", "local", "all_day"),
    [
        ("2027-03-13T19:30", datetime(2027, 3, 13, 19, 30), False),
        ("2027-03-13 19:30:15", datetime(2027, 3, 13, 19, 30, 15), False),
        ("2027-03-13T18:30:00Z", datetime(2027, 3, 13, 19, 30), False),
        ("2027-03-14T02:30+08:00", datetime(2027, 3, 13, 19, 30), False),
        ("2027-03-13", datetime(2027, 3, 13), True),
        ("13.03.2027 19:30", datetime(2027, 3, 13, 19, 30), False),
        ("13.3.2027, 19.30 Uhr", datetime(2027, 3, 13, 19, 30), False),
        ("13.3.2027 19 Uhr", datetime(2027, 3, 13, 19), False),
        ("13.03.2027", datetime(2027, 3, 13), True),
        ("2027/3/13 19:30", datetime(2027, 3, 13, 19, 30), False),
        ("2027年3月13日 19:30", datetime(2027, 3, 13, 19, 30), False),
        ("2027年3月13日19点30分", datetime(2027, 3, 13, 19, 30), False),
        ("2027年3月13日", datetime(2027, 3, 13), True),
    ],
)
def test_dates_are_read_as_people_write_them(written: str, local: datetime, all_day: bool) -> None:
    event = one(start=written.replace(",", " "))
    assert (event.start, event.all_day) == (local.replace(tzinfo=BERLIN), all_day)


def test_values_are_read_in_three_languages() -> None:
    german = one(city="Peking", category="Kultur", free="ja", status="abgesagt", languages="Deutsch; Chinesisch")
    chinese = one(city="北京", category="文化", free="是", status="已取消", languages="德语;中文")
    traditional = one(city="Beijing ", category="藝術", free="JA", status="Cancelled", languages="de;zh-Hans")
    assert german == chinese == traditional
    assert (german.city, german.category, german.free, german.status, german.languages, german.timezone) == (
        City.BEIJING, Category.CULTURE, True, Status.CANCELLED, ("de", "zh"), "Asia/Shanghai",
    )  # fmt: skip


def test_recurring_rows_have_their_rule_and_the_dates_it_leaves_out() -> None:
    event = one(rrule="rrule:freq=weekly; byday=sa; until=20270630; interval=1", exdates="2027-03-20;27.03.2027 19:30")
    assert event.rrule == "FREQ=WEEKLY;UNTIL=20270630T215959Z;BYDAY=SA"
    assert event.exdates == (
        datetime(2027, 3, 20, 19, 30, tzinfo=BERLIN), datetime(2027, 3, 27, 19, 30, tzinfo=BERLIN),
    )  # fmt: skip
    assert one(start="2027-03-13", rrule="FREQ=DAILY;UNTIL=20270401T215959Z").rrule == "FREQ=DAILY;UNTIL=20270401"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=3", "FREQ=HOURLY", "FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=", "BYDAY=MO", "FREQ=DAILY;COUNT=2;UNTIL=20280101",
        "FREQ=DAILY;UNTIL=20261301", "FREQ=DAILY;UNTIL=20260101", "FREQ=DAILY;BYSECOND=1", "FREQ=DAILY;X=1",
        "FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;BYSETPOS=100", "FREQ=DAILY;BYYEARDAY=366;BYMONTH=1",
         "FREQ=YEARLY;BYWEEKNO=54", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=WEEKLY;BYDAY=1000MO",
    ],
)  # fmt: skip
def test_a_hostile_or_impossible_rule_is_refused(rule: str) -> None:
    started = time.perf_counter()
    result = read(row(rrule=rule))
    assert [problem.column for problem in result.refused] == ["rrule"]
    assert time.perf_counter() - started < 1


def test_an_unknown_column_and_a_plain_link_are_dropped_with_a_warning() -> None:
    result = read(row(url="http://insecure.example") + ",inside", header=f"{HEADER},Room")
    assert result.events[0].url == ""
    assert [warning.column for warning in result.warnings] == ["room", "url"]
    for bad in ("javascript:alert(1)", "https://", "https://a b.example", 'https://x/"onclick=', "https://["):
        assert one(url=f'"{bad.replace(chr(34), chr(34) * 2)}"').url == ""
    assert one(url="https://berlin.example/ä?x=1").url == "https://berlin.example/ä?x=1"


def test_markup_control_and_direction_marks_leave_the_text() -> None:
    cell = "<b>Gru\u0308ße</b>&nbsp;&amp;\u202e Tee\x07 a<b &lt;script&gt;alert(1)&lt;/script&gt;\u200b!"
    assert one(title_de=cell).titles["de"] == "Grüße & Tee a< b !"
    assert one(summary_de='"eins<br>zwei<p>drei</p>\n\n\n\nvier"').summaries["de"] == "eins\nzwei\ndrei\n\nvier"


def test_a_guarded_cell_loses_its_apostrophe() -> None:
    assert one(title_de="'=1+1").titles["de"] == "=1+1"
    assert one(title_de="''=1").titles["de"] == "'=1"
    assert one(title_de="'s is nett").titles["de"] == "'s is nett"


def test_a_broken_quote_costs_its_own_row_only() -> None:
    broken = row(uid="b").replace("Konzert", '"Konzert')
    result = read(row(uid="a"), broken, row(uid="c"), row(uid="d", title_de='"Zwei\nZeilen"'), broken, row(uid="e"))
    assert [event.uid for event in result.events] == ["a", "c", "d", "e"]
    assert [problem.row for problem in result.refused] == [3, 7]
    assert "quotes" in result.refused[0].reason


def test_a_row_with_too_many_cells_is_refused_rather_than_shifted() -> None:
    result = read(row(title_de="Konzert, mit Pause") + ",,x", row(uid="b"))
    assert [event.uid for event in result.events] == ["b"]
    assert "more cells" in result.refused[0].reason


def test_excels_note_on_the_delimiter_is_understood() -> None:
    result = read_events(f"sep=;\n{HEADER.replace(',', ';')}\n{row(';')}".encode(), "e.csv", TODAY)
    assert [event.uid for event in result.events] == ["a"]


def test_the_city_of_the_import_is_for_rows_that_name_none() -> None:
    result = read(row(city=""), row(uid="b", city="peking"), city=City.ONLINE)
    assert [event.city for event in result.events] == [City.ONLINE, City.BEIJING]


def test_the_sample_calendar_alone_is_dated_from_today() -> None:
    result = read(row(start="+3d 19:30"), sample=True)
    assert (result.events[0].start, result.events[0].sample) == (datetime(2027, 3, 13, 19, 30, tzinfo=BERLIN), True)
