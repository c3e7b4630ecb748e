"""The one way to a database: processes and threads that open a new file at the same moment."""

import threading
from pathlib import Path

from bot.database import connect, is_readable


def test_many_that_open_a_new_file_at_once_all_read_it(tmp_path: Path) -> None:
    for round_ in range(25):
        assert _open_at_once(tmp_path / f"{round_}.sqlite", 8) == [True] * 8


def _open_at_once(file: Path, number: int) -> list[bool]:
    start, opened = threading.Barrier(number), []

    def open_it() -> None:
        start.wait()
        engine = connect(f"sqlite:///{file}")
        opened.append(is_readable(engine))
        engine.dispose()

    threads = [threading.Thread(target=open_it) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return opened
