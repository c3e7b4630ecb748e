"""Fetches calendars from elsewhere: https, to public addresses only, with limits on time and size."""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import BotError

SECONDS = 10
SECONDS_IN_ALL = 60
MAX_BYTES = 10_000_000
MAX_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_ACCEPTED = "text/calendar, application/ld+json, text/csv, text/html;q=0.9, */*;q=0.5"


class FetchError(BotError):
    """Raised when an address may not be asked, or gives no file; the message names it and the reason."""


class Fetcher:
    """Fetches files, and remembers what a server said to recognise an unchanged one by (ETag, Last-Modified)."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, str]] = {}

    async def __call__(self, url: str, anew: bool = False) -> bytes | None:
        """Return the bytes at ``url``, or None if they are as at the last call; ``anew`` asks for them anyway.

        Raises:
            FetchError: the address is not allowed, or the file does not come.
        """
        address = url.strip()
        if address.lower().startswith(("webcal://", "webcals://")):  # how pages link to calendars
            address = f"https://{address.split('://', 1)[1]}"
        headers = {"Accept": _ACCEPTED, **({} if anew else self._seen.get(url, {}))}
        try:
            local = _is_loopback(urlsplit(address).hostname or "")
            found = await _follow(address, headers, local)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            reason = f"no answer within {SECONDS} s" if isinstance(error, asyncio.TimeoutError) else str(error)
            raise FetchError(f"{url}: cannot be fetched ({reason[:200]}); check the address, or try later") from error
        if found.data is not None:
            self._seen[url] = found.validators
        return found.data


@dataclass(frozen=True)
class _Found:
    data: bytes | None
    validators: dict[str, str]


async def _follow(address: str, headers: dict[str, str], local: bool) -> _Found:
    timeout = aiohttp.ClientTimeout(total=SECONDS_IN_ALL, connect=SECONDS, sock_read=SECONDS)
    connector = aiohttp.TCPConnector(resolver=_PublicResolver(local))
    async with aiohttp.ClientSession(timeout=timeout, connector=connector, headers=headers) as session:
        for _ in range(MAX_REDIRECTS + 1):
            _check(address, local)
            async with session.get(address, allow_redirects=False) as response:
                if response.status in _REDIRECTS and "Location" in response.headers:
                    address = urljoin(address, response.headers["Location"])
                    continue
                return await _read(response, address)
    raise FetchError(f"{address}: more than {MAX_REDIRECTS} redirects; give the final address")


async def _read(response: aiohttp.ClientResponse, address: str) -> _Found:
    if response.status == 304:
        return _Found(None, {})
    if response.status != 200:
        raise FetchError(f"{address}: the server answers {response.status} {response.reason}; check the address")
    data = bytearray()
    async for chunk in response.content.iter_chunked(65_536):  # unpacked: a small zip of a large file is stopped too
        data += chunk
        if len(data) > MAX_BYTES:
            raise FetchError(f"{address}: more than {MAX_BYTES // 1_000_000} MB; ask for a smaller calendar")
    pairs = (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
    return _Found(bytes(data), {asked: response.headers[said] for said, asked in pairs if said in response.headers})


def _check(address: str, local: bool) -> None:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.username or parts.password:
        raise FetchError(f"{host}: an address with a password in it is not fetched; ask for a public one")
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local and _is_loopback(host))):
        raise FetchError(f"{address[:200]}: only https:// addresses are fetched")
    if _is_address(host) and not _is_allowed(host, local):
        raise FetchError(f"{host}: an address inside a private network is not fetched; give a public one")


class _PublicResolver(AbstractResolver):
    """Resolves names, and lets none through that leads into a private network, whenever it is asked."""

    def __init__(self, local: bool) -> None:
        self._local = local
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        local = self._local and _is_loopback(host)
        if refused := [each["host"] for each in found if not _is_allowed(each["host"], local)]:
            raise FetchError(f"{host}: leads into a private network ({refused[0]}) and is not fetched")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _is_loopback(host: str) -> bool:
    return host.lower() == "localhost" or (_is_address(host) and _unmapped(host).is_loopback)


def _is_address(host: str) -> bool:
    try:
        _unmapped(host)
    except ValueError:
        return False
    return True


def _is_allowed(host: str, local: bool) -> bool:
    address = _unmapped(host)
    return (address.is_global and not address.is_multicast) or (local and bool(address.is_loopback))


def _unmapped(host: str) -> Any:
    """Return an IP address, the inner one where IPv4 hides in IPv6."""
    address = ipaddress.ip_address(host.split("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
    return address
