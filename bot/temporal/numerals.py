"""Chinese numerals: 二十三, 廿三, 两, 二〇二七."""

DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "俩": 2}
TENS = {"廿": 20, "卅": 30}
UNITS = {"十": 10, "百": 100, "千": 1000}
CHARACTERS = frozenset(DIGITS) | frozenset(TENS) | frozenset(UNITS)


def value(run: str) -> int | None:
    """Return the number that ``run`` writes, or None ("一二" is one or two, not a number)."""
    if all(char in DIGITS for char in run):
        if len(run) in (2, 3):
            return None
        return int("".join(str(DIGITS[char]) for char in run))
    total, digit = 0, None
    for char in run:
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
        elif char in TENS:
            if total or digit is not None:
                return None
            total = TENS[char]
        else:
            total += (1 if digit is None else digit) * UNITS[char]
            digit = None
    return total + (digit or 0)


def pair(run: str) -> tuple[int, int] | None:
    """Return the two numbers of a run such as 七八 (seven or eight), or None."""
    if len(run) != 2 or not all(char in DIGITS for char in run):
        return None
    first, second = DIGITS[run[0]], DIGITS[run[1]]
    return (first, second) if second == first + 1 and first > 0 else None


def two_digits(run: str) -> int | None:
    """Return the figures of a run such as 九四, the short form of a year, or None."""
    if len(run) != 2 or not all(char in DIGITS for char in run):
        return None
    return DIGITS[run[0]] * 10 + DIGITS[run[1]]
