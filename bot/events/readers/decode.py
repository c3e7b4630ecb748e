"""Bytes become text: UTF-8 and UTF-16 by their marks, what spreadsheets still save otherwise by its look."""

import codecs
import re

from bot.events.readers.result import EventFileError, Warned

# A German umlaut in Windows-1252 stands alone; Chinese in GB18030 comes as long runs of high bytes.
_HIGH_RUN = re.compile(rb"[\x80-\xff]{4}")


def decode(data: bytes, name: str) -> tuple[str, list[Warned]]:
    """Return the text of a file, and a warning where its encoding had to be guessed.

    Raises:
        EventFileError: the bytes are no text in any encoding that we know.
    """
    for mark, encoding in ((codecs.BOM_UTF8, "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strictly(data, encoding, name), []
    if (zeros := data[:200].count(b"\0")) > len(data[:200]) // 4:
        encoding = "utf-16-le" if data[1:200:2].count(b"\0") >= zeros / 2 else "utf-16-be"
        return _strictly(data, encoding, name), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        encoding = "gb18030" if _HIGH_RUN.search(data) else "cp1252"
        text = _strictly(data, encoding, name)
        reason = f"not UTF-8 (byte {error.start}), read as {encoding}: check the umlauts, or save it as 'CSV UTF-8'"
        return text, [Warned(0, "", reason)]


def _strictly(data: bytes, encoding: str, name: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise EventFileError(
            f"{name}: not UTF-8, and no {encoding} either (byte {error.start}); save it as UTF-8"
        ) from error
