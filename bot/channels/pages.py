"""The website's page at `/`, `/de`, `/en` and `/zh`: a template filled with what the assistant itself says.

Without a script of its own; under a content security policy that allows this server's files and nothing else.
"""

import gzip
import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic_cors.core import SANIC_CORS_EVALUATED

from bot import clock, settings
from bot.channels.static_files import CONTENT_SECURITY_POLICY, MUST_ASK, StaticFiles
from bot.content import placeholders
from bot.content.library import Speech, SpeechFile, SpokenEntry
from bot.languages import DEFAULT_LANGUAGE, LANGUAGES, supported

TEMPLATES = settings.PROJECT_ROOT / "bot" / "web" / "pages"
HEADERS = {
    # Lit is all that may make markup, from the constant templates of the chat.
    "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; trusted-types lit-html",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": MUST_ASK,
    "Vary": "Accept-Language, Accept-Encoding",
}
_QUALITY = re.compile(r";\s*q=([01](?:\.\d*)?)\s*$")
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True)
class Page:
    """A page as it is sent."""

    body: bytes
    compressed: bytes
    etag: str


class Pages:
    """The pages of all languages, made anew when the content or the day changes."""

    def __init__(self, speech: SpeechFile, files: StaticFiles, address: str) -> None:
        self._file, self._files, self._address = speech, files, address
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._made: dict[str, Page] = {}
        self._made_from: tuple[Speech, date] | None = None

    def answer(self, request: Request, language: str | None = None) -> HTTPResponse:
        """Return the page in ``language``, or in the one that the visitor's browser prefers."""
        setattr(request.ctx, SANIC_CORS_EVALUATED, "1")  # Rasa's own CORS adds nothing then
        chosen = language or preferred(request.headers.get("accept-language", ""))
        page = self.page(chosen)
        headers = {**HEADERS, "Content-Language": chosen, "ETag": page.etag}
        if request.headers.get("if-none-match") == page.etag:
            return HTTPResponse(status=304, headers=headers)
        body = page.body
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = page.compressed, "gzip"
        return HTTPResponse(body, headers=headers, content_type="text/html; charset=utf-8")

    def page(self, language: str) -> Page:
        """Return the page in ``language``."""
        today, speech = clock.now().date(), self._file.speech
        if self._made_from is None or self._made_from[0] is not speech or self._made_from[1] != today:
            self._made, self._made_from = {}, (speech, today)
        if language not in self._made:
            self._made[language] = self._make(_Copy(speech, language, today))
        return self._made[language]

    def _make(self, copy: "_Copy") -> Page:
        body = self._environment.get_template("home.html").render(
            language=copy.language,
            languages=LANGUAGES,
            address=self._address,
            asset=lambda name: f"/static/{name}?v={version(self._files, name)}",
            name=lambda tag: copy.speech.phrases["site_name"][tag],
            say=copy.say,
            parts=copy.parts,
            title=copy.title,
            entries=copy.entries,
            sources=copy.sources(),
        )
        data = body.encode()
        return Page(data, gzip.compress(data, mtime=0), f'W/"{sha256(data).hexdigest()[:24]}"')


@dataclass(frozen=True)
class _Copy:
    """What a page says in one language."""

    speech: Speech
    language: str
    today: date

    def say(self, name: str) -> str:
        """Return the phrase ``name``."""
        return self.speech.phrases[name][self.language]

    def parts(self, name: str) -> tuple[str, ...]:
        """Return the entries and phrases that the phrase ``name`` lists."""
        return self.speech.buttons.get(name, ())

    def title(self, target: str) -> str:
        """Return an entry's own question, or a phrase's text."""
        return self.speech.title(target, self.language)

    def entries(self, name: str) -> list[dict[str, Markup]]:
        """Return the answers of the entries that the phrase ``name`` lists; one that has expired is left out."""
        return [{"answer": _marked_up(self._answer(entry))} for entry in self._valid(name)]

    def sources(self) -> list[str]:
        """Return the titles of the documents that the answers on the page come from."""
        shown = [entry for name in self.speech.buttons if name.startswith("site_") for entry in self._valid(name)]
        return list(dict.fromkeys(source["title"][self.language] for entry in shown for source in entry.sources))

    def _valid(self, name: str) -> list[SpokenEntry]:
        found = [self.speech.entries.get(target) for target in self.parts(name)]
        return [entry for entry in found if entry and entry.valid_on(self.today)]

    def _answer(self, entry: SpokenEntry) -> str:
        return placeholders.fill(entry.answer[self.language], {})


def preferred(header: str) -> str:
    """Return our language that an Accept-Language header ranks highest, or the default."""
    ranked: dict[str, float] = {}
    for part in header[:200].split(","):
        quality = _QUALITY.search(part)
        language = supported(part.split(";")[0].strip())
        if language:
            ranked[language] = max(ranked.get(language, 0.0), float(quality[1]) if quality else 1.0)
    best = max(ranked, key=lambda language: ranked[language], default=DEFAULT_LANGUAGE)
    return best if ranked.get(best, 1.0) > 0 else DEFAULT_LANGUAGE


def version(files: StaticFiles, name: str) -> str | None:
    """Return what follows ``?v=`` in a file's address: it changes with the file, so that both may be kept for ever."""
    file = files.find(name)
    return file.tag.strip('W/"') if file else None


def _marked_up(text: str) -> Markup:
    return Markup(_BOLD.sub(r"<strong>\1</strong>", str(escape(text))))  # noqa: S704 - escaped just before
