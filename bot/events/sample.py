"""The sample calendar: invented events, marked as such, dated relative to today, gone with the first real import."""

from bot import clock
from bot.database import connect
from bot.events.readers import read_events
from bot.events.store import EventStore
from bot.settings import Settings

FILE = "events/sample.csv"


def ensure_sample(settings: Settings) -> None:
    """Fill an empty store with the sample calendar, or date an existing sample anew; real events stay alone."""
    store = EventStore(connect(settings.database_url))
    removed = store.delete_samples()
    if store.count() == 0 or removed:
        data = (settings.content_dir / FILE).read_bytes()
        events = read_events(data, FILE, clock.now().date(), sample=True).events
        store.save(events, source="sample", now=clock.now())
