"""E-mail addresses, links that name somebody, names on other services. Pure functions."""

import re
from urllib.parse import urlsplit

from bot.inbox.words import any_of, words

_LOCAL, _DOMAIN = r"[\w.+'’-]*\w", r"\w[\w-]*(?:\.\w[\w-]*)*\.[A-Za-z]{2,}"
_MAIL = re.compile(rf"(?a:[\w.+'-]*\w|{_LOCAL})\s?[@#]\s?(?a:{_DOMAIN})")
_AT = r"(?:\s*[\[({<]\s*(?:at|ät|a|@)\s*[\])}>]\s*|\s+(?:at|ät)\s+)"
_DOT = r"(?:\s*[\[({<]\s*(?:dot|punkt|\.)\s*[\])}>]\s*|\s+(?:dot|punkt)\s+)"
_SPELT = re.compile(
    rf"(?<![\w.+-])(?!(?:me|mich|us|uns)\b)(?a:[\w.+-]+)(?:{_DOT}[\w-]+)*(?:{_AT}[\w.-]+{_DOT}[A-Za-z]{{2,}}(?:{_DOT}[A-Za-z]{{2,}})?"
    rf"|\s*[\[({{<]\s*(?:at|ät|a|@)\s*[\])}}>]\s*(?a:{_DOMAIN}))",
    re.IGNORECASE,
)
_LINK = re.compile(
    rf"(?a:(?:https?://|www\.)[^\s<>\"，。；！？（）\u4e00-\u9fff]+|{any_of(words()['social_hosts'])}/[^\s<>，。]+)",
    re.IGNORECASE,
)
_AFTER_LINK = ".,;:!?)'»“”"
_APP = any_of(words()["apps"])
_ID = r"(?:\s*(?:id|name|nummer|号码|号|账号|handle|user|username))?"
_IS = r"\s*(?::|：|=|\bist\b|\bis\b|是|为|\blautet\b)\s*"
_NAME = r"@?(?P<name>[A-Za-z0-9](?a:[\w.\-]){2,30})"
_ACCOUNT = re.compile(
    rf"(?<![A-Za-z])(?:(?P<sure>(?:{any_of(words()['my'])}\s*{_APP}{_ID}{_IS}|{_APP}{_ID}\s*[:：]\s*|"
    rf"(?:微信|qq|wx)号{_IS}?)){_NAME}|(?P<app>{_APP}{_ID}(?:{_IS}|\s*)){_NAME.replace('name', 'coded')})",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"(?<![A-Za-z0-9_.@])@[\w.·\-]{2,30}")


def mask_contacts(text: str) -> str:
    """Return ``text`` without e-mail addresses, links with somebody's data, and names on other services."""
    text = _LINK.sub(_link, text)
    text = _MAIL.sub("[email]", text)
    text = _SPELT.sub("[email]", text)
    text = _ACCOUNT.sub(_account, text)
    return _HANDLE.sub("[handle]", text)


def _link(match: re.Match[str]) -> str:
    """Return a link as it is if it names nobody, else no more than where it leads."""
    whole = match[0].rstrip(_AFTER_LINK)
    after = match[0][len(whole) :]
    try:
        parts = urlsplit(whole if "://" in whole else f"https://{whole}")
    except ValueError:
        return f"[link]{after}"
    host = (parts.hostname or "").removeprefix("www.")
    social = any(host == name or host.endswith(f".{name}") for name in words()["social_hosts"])
    personal = parts.query or parts.fragment or parts.username or re.search(r"\d{4}|@|~", parts.path)
    if personal or (social and parts.path.strip("/")):
        return f"{host} [link]{after}"
    return match[0]


def _account(match: re.Match[str]) -> str:
    if match["sure"] is not None:
        return f"{match['sure']}[handle]"
    # "WeChat channel" names nobody; a name with figures or signs does.
    return f"{match['app']}[handle]" if re.search(r"[\d_]|\w\.\w", match["coded"]) else match[0]
