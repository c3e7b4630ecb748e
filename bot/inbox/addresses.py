"""Street addresses of three languages. Pure functions."""

import re

from bot.inbox.words import any_of, words

_STREETS = words()["streets"]
# Up to three digits: what has four is a year. No time, no decimal, no ordinal before a noun.
_HOUSE = r"\d{1,3}(?:\s?[a-hA-H](?![A-Za-zäöü]))?(?:\s?[-–/]\s?\d{1,3}(?:[a-h](?!\w))?)?(?![\d:]|[.,]\d|\.\s[a-zA-Z])"
_PART = r"[A-Za-zÄÖÜäöüßéèáçğşıİ.'’]"
_GERMAN = re.compile(
    rf"(?<![\w-])(?:(?:{_PART}+-)*(?:{_PART}{{3,}}(?<![aeiouü](?=ring)){any_of(_STREETS['de_endings'])}|"
    rf"(?<=-){any_of(_STREETS['de_endings'])})|"
    rf"{_PART}+(?:er|-)\s{any_of(_STREETS['de_words'])}|"
    rf"(?:stra(?:ß|ss)e|platz|allee)\s(?:des|der|am|an\sder|vor\sdem)\s(?:\d+\.\s)?\w+|"
    rf"(?<=\s)am\s[A-ZÄÖÜ]\w{{3,}}|alt-[a-z]\w+|unter\sden\s\w+|an\s(?:der|den)\s[A-ZÄÖÜ]\w{{3,}})\s*{_HOUSE}",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"(?<![\w.-])(?:D-)?\d{5,6}(?![\w-])(?=\s+[A-ZÄÖÜa-zäöü]|\s*$|[,.])")
_LIVING_POSTCODE = re.compile(r"(?:(?<= in )|(?<= aus )|(?<=PLZ ))\d{5}(?=\s+[A-ZÄÖÜ]\w+)")
_EN_WORD = rf"(?!(?:{'|'.join(_STREETS['en_never'])})\b)[A-Za-z][\w'’.-]*"
_EN_NAME = r"[A-Z0-9][\w'’.-]*"
_ENGLISH = re.compile(
    rf"(?<![\w.:-])(?i:no\.?\s?)?\d{{1,5}}(?:\s?-\s?\d{{1,5}})?[A-Za-z]?,?\s+"
    rf"(?:(?i:(?:{_EN_WORD}\s+){{1,3}}{any_of(_STREETS['en_sure'])})|"
    rf"(?:{_EN_NAME}\s+){{1,3}}(?i:{any_of(_STREETS['en_doubtful'])}))(?![\w-])"
)
_UNIT = re.compile(
    rf"\b{any_of(_STREETS['en_units'])}\s*(?:no\.?\s*)?\d+[a-z]?\b|\b[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}}\b",
    re.IGNORECASE,
)
_HAN = rf"(?:(?![{_STREETS['zh_not_inside']}])[\u4e00-\u9fff])"
_NUMBER = r"[\d零〇一二三四五六七八九十百甲乙]+(?:-\d+)?"
_ZH_UNITS = (
    rf"(?:[,，\s]*(?:院|内)?[,，\s]*[A-Za-z]?{_NUMBER}(?:号楼|号院|单元|栋|幢|座|楼|室|层|房|门|户|号)"
    rf"|(?<=楼|元|座|栋|层|院)\s*\d{{3,4}}(?!\d)(?:室|房)?)"
)
_CHINESE = re.compile(
    rf"(?:{_HAN}{{1,8}}{any_of(_STREETS['zh_endings'])}\s*(?:[东南西北中]段?)?\s*{_NUMBER}号(?!线){_ZH_UNITS}*|"
    rf"{_HAN}{{1,8}}?{any_of(_STREETS['zh_places'])}(?:[东南西北]区)?{_ZH_UNITS}+|{_ZH_UNITS}{{2,}})"
)
TAG = "[address]"


def mask_addresses(text: str) -> str:
    """Return ``text`` without streets with their numbers, and with them postcodes and flats."""
    masked = _CHINESE.sub(TAG, text)
    masked = _GERMAN.sub(_german, masked)
    masked = _ENGLISH.sub(TAG, masked)
    if masked != text:
        masked = _POSTCODE.sub(TAG, _UNIT.sub(TAG, masked))
    return _LIVING_POSTCODE.sub(TAG, masked)


def _german(match: re.Match[str]) -> str:
    street = re.sub(r"\s*\d.*", "", match[0]).lower()
    return match[0] if street in _STREETS["de_never"] else TAG
