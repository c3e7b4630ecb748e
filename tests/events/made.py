"""Events of every kind that our files can hold, for property tests."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.events.model import Category, City, Event, Override, Status
from bot.events.readers import text

ZONES = ("Europe/Berlin", "Asia/Shanghai", "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
RULES = (
    "", "FREQ=WEEKLY;BYDAY=TU", "BYDAY=-1SU,2MO;FREQ=MONTHLY;INTERVAL=2", "freq=daily;count=10;interval=1",
    "FREQ=YEARLY;UNTIL=20991231", "FREQ=WEEKLY;UNTIL=20991230T180000Z;WKST=SU", "FREQ=DAILY;UNTIL=20991230T180000",
)  # fmt: skip
_LINES = st.text(max_size=30).map(text.line)
_TITLES = st.text(min_size=1, max_size=40).map(text.line)
_PARAGRAPHS = st.text(max_size=60).map(text.paragraph)
_ODD = st.sampled_from(
    ["=1+1", "@x", "-", "'=a", "a;b,c\\n\\", '"quoted"', "北京，柏林；", "a\nb", "\\N\\n", "x" * 200, "\\;", "+49 30"]
)
_LANGUAGES = ("de", "en", "zh")


def texts(strategy: st.SearchStrategy[str], minimum: int = 0) -> st.SearchStrategy[dict[str, str]]:
    some = st.dictionaries(st.sampled_from(_LANGUAGES), strategy, min_size=minimum, max_size=3)
    return some.map(text.in_order).filter(lambda found: len(found) >= minimum)


@st.composite
def events(draw: st.DrawFn, uid: str = "") -> Event:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    all_day = draw(st.booleans())

    def moment(low: date = date(2001, 1, 1), high: date = date(2090, 1, 1)) -> datetime:
        day = draw(st.dates(low, high))
        at = time() if all_day else draw(st.times()).replace(microsecond=0)
        return datetime.combine(day, at, tzinfo=zone)

    start = moment()
    length = timedelta(days=draw(st.integers(0, 40)), minutes=0 if all_day else draw(st.integers(0, 1439)))
    rule = draw(st.sampled_from(RULES))
    dates = st.lists(st.builds(moment), max_size=3)
    line = st.one_of(_LINES, _ODD.map(text.line))
    return Event(
        uid=uid or draw(st.one_of(_TITLES, st.sampled_from(["=uid", "a@b", "x;y"])).filter(bool)),
        status=draw(st.sampled_from(Status)),
        start=start,
        end=draw(st.sampled_from([None, start + length])),
        all_day=all_day,
        timezone=zone.key,
        city=draw(st.sampled_from(City)),
        venue=draw(line),
        category=draw(st.sampled_from(Category)),
        free=draw(st.sampled_from([None, True, False])),
        languages=tuple(draw(st.lists(st.sampled_from(["de", "en", "zh", "fr"]), unique=True))),
        url=draw(st.sampled_from(["", "https://example.org/a?b=c;d,e#f", "https://bücher.example/北京"])),
        titles=draw(texts(st.one_of(_TITLES, _ODD.map(text.line)), 1)),
        summaries=draw(texts(st.one_of(_PARAGRAPHS, _ODD))),
        price=draw(line),
        rrule=rule,
        rdates=tuple(draw(dates)),
        exdates=tuple(draw(dates)),
        overrides=tuple(_overrides(draw, moment, line)),
        sequence=draw(st.integers(0, 2**31 - 1)),
    )


def _overrides(draw: st.DrawFn, moment, line: st.SearchStrategy[str]) -> list[Override]:
    made = {}
    for _ in range(draw(st.integers(0, 2))):
        at = moment()
        start = draw(st.sampled_from([None, at, at + timedelta(days=1)]))
        end = draw(st.sampled_from([None, (start or at) + timedelta(days=draw(st.integers(0, 3)))]))
        following = draw(st.booleans())
        status = draw(st.sampled_from(Status))
        made[at, following] = Override(at, status, start, end, following, draw(line), draw(texts(line)))
    return list(made.values())
