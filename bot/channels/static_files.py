"""Static files: read into memory once, compressed, named by the hash of their content.

A file that changes on disk is read anew. Names with a hash in them (`chat/panel-4f3A9c2e.js`) never change and are kept
by browsers for a year, others for five minutes.
"""

import gzip
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sanic import response
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic_cors.core import SANIC_CORS_EVALUATED

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".map": "application/json; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
MUST_ASK = "no-cache"
FOR_ALL_SITES = "chat"
"""Files whose path begins so are the embedded chat's: any site's page may load them."""
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'self'",
        "require-trusted-types-for 'script'",
    ]
)  # fmt: skip
_HASHED = re.compile(r"-(?=[\w-]*[A-Z0-9])[\w-]{8,}\.\w+$", re.ASCII)
_SAFE = re.compile(r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*", re.ASCII)
_COMPRESSED = re.compile(r"text/|json|svg|javascript")


@dataclass(frozen=True)
class StaticFile:
    """A file as it is sent."""

    stamp: tuple[int, int]
    body: bytes
    compressed: bytes | None
    tag: str
    kind: str


class StaticFiles:
    """The files below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._files: dict[str, StaticFile] = {}

    def find(self, name: str) -> StaticFile | None:
        """Return a file by its path below the folder, or None; nothing outside the folder is ever found."""
        if not _SAFE.fullmatch(name):
            return None
        path = (self._root / name).resolve()
        if not path.is_relative_to(self._root) or path.suffix not in TYPES or not path.is_file():
            self._files.pop(name, None)
            return None
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._files.get(name)
        if known is None or known.stamp != stamp:
            known = self._files[name] = _read(path, stamp)
        return known

    def answer(self, request: Request, name: str, caching: str | None = None) -> HTTPResponse:
        """Return the response to a request for a file; ``caching`` takes the place of what its name says."""
        setattr(request.ctx, SANIC_CORS_EVALUATED, "1")  # Rasa's own CORS adds nothing then
        file = self.find(name)
        if file is None:
            return response.json({"error": "there is no such file"}, 404, {"Cache-Control": "no-store"})
        headers = {"ETag": file.tag, "Cache-Control": caching or _caching(name), **_protection(name, file.kind)}
        if file.compressed:
            headers["Vary"] = "Accept-Encoding"
        if file.tag in request.headers.get("if-none-match", ""):
            return response.empty(304, headers)
        body = file.body
        if file.compressed and "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = file.compressed, "gzip"
        if request.method == "HEAD":
            return response.raw(b"", headers={**headers, "Content-Length": str(len(body))}, content_type=file.kind)
        return response.raw(body, headers=headers, content_type=file.kind)


def _read(path: Path, stamp: tuple[int, int]) -> StaticFile:
    body, kind = path.read_bytes(), TYPES[path.suffix]
    small = gzip.compress(body, 9, mtime=0) if _COMPRESSED.search(kind) else body
    # Weak: the same content is sent plain and compressed.
    tag = f'W/"{sha256(body).hexdigest()[:24]}"'
    return StaticFile(stamp, body, small if len(small) < len(body) else None, tag, kind)


def _caching(name: str) -> str:
    return FOR_EVER if _HASHED.search(name) else MUST_ASK if name.endswith(".html") else FOR_A_WHILE


def _protection(name: str, kind: str) -> dict[str, str]:
    headers = {"X-Content-Type-Options": "nosniff"}
    if name.startswith(FOR_ALL_SITES):
        headers |= {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
    if kind.startswith("text/html"):
        headers |= {
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": "strict-origin-when-cross-origin",
        }
    return headers
