"""The languages the assistant speaks, by BCP 47 tag. Adding one starts here (CONTRIBUTING.md)."""

from typing import Final

LANGUAGES: Final = ("de", "en", "zh")
DEFAULT_LANGUAGE: Final = "de"


def supported(tag: str | None) -> str | None:
    """Return our language for a BCP 47 tag such as ``zh-Hant-TW`` or ``en_US``, or None."""
    if not tag:
        return None
    primary = tag.replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else None
