"""The static files under `bot/web/static`: compressed, kept by browsers for as long as they may be, open to any site.

A file whose address changes with its content (`chat/name-<hash>.js`, or `?v=<digest>`) is kept for a year; the others,
such as the script that pages embed, are asked for again after five minutes and then usually found unchanged.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

FOR_A_YEAR = "public, max-age=31536000, immutable"
FOR_FIVE_MINUTES = "public, max-age=300"
HASHED = "chat/"
# A module that a page of another origin imports is fetched with CORS; nothing here is about a visitor.
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}
MIN_SAVING = 0.9


@dataclass(frozen=True)
class File:
    """A file in memory; ``compressed`` is None if compressing saves next to nothing."""

    data: bytes
    compressed: bytes | None
    kind: str
    digest: str
    stamp: tuple[int, int]


class Files:
    """The files of a folder, read when first asked for and again when they change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._read: dict[str, File] = {}

    def address(self, name: str) -> str:
        """Return the address of a file; it changes with the file."""
        return f"/static/{name}?v={self.file(name).digest}"

    def file(self, name: str) -> File:
        """Return a file.

        Raises:
            NotFound: the folder holds no file of that name.
        """
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            raise NotFound(f"no file {name!r}")
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._read.get(name)
        if known is None or known.stamp != stamp:
            known = self._read[name] = _load(path, stamp)
        return known

    def answer(self, request: Request, name: str) -> HTTPResponse:
        """Return the response to a request for a file."""
        file = self.file(name)
        lasting = name.startswith(HASHED) or request.args.get("v") == file.digest
        headers = {
            **HEADERS,
            "ETag": f'W/"{file.digest}"',
            "Cache-Control": FOR_A_YEAR if lasting else FOR_FIVE_MINUTES,
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return HTTPResponse(status=304, headers=headers)
        body = file.data
        if file.compressed is not None and accepts_gzip(request):
            body, headers["Content-Encoding"] = file.compressed, "gzip"
        return HTTPResponse(body, headers=headers, content_type=file.kind)


def accepts_gzip(request: Request) -> bool:
    """Whether the client takes compressed answers."""
    offered = (part.replace(" ", "").lower() for part in request.headers.get("accept-encoding", "").split(","))
    return any(part.split(";")[0] == "gzip" and not part.endswith(";q=0") for part in offered)


def digest(data: bytes) -> str:
    """Return a short name for content."""
    return hashlib.sha256(data).hexdigest()[:12]


def _load(path: Path, stamp: tuple[int, int]) -> File:
    data = path.read_bytes()
    compressed = gzip.compress(data, mtime=0)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/") or kind.endswith(("javascript", "json")):
        kind = f"{kind}; charset=utf-8"
    saved = len(compressed) < MIN_SAVING * len(data)
    return File(data, compressed if saved else None, kind, digest(data), stamp)
