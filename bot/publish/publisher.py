"""One publication from the files to the ledger: check, train, compare, keep, make live; or back to an earlier one.

Knows neither terminals nor the running bot: `bot serve` follows the ledger. Everything works on a copy of the content,
so that edits and imports may go on meanwhile. Blocks for seconds, or for a training.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bot import clock, training
from bot.content import journal, library, report
from bot.content.model import Content
from bot.evaluation.datasets import Case
from bot.publish import changes as changing
from bot.publish import gate, reactions
from bot.publish.changes import Changes
from bot.publish.gate import Objection
from bot.publish.ledger import SAYINGS, Ledger, Publication
from bot.publish.workshop import Progress, Workshop
from bot.sayings import StaffError
from bot.settings import Settings


class NothingNewError(StaffError):
    """Raised when the content is what is live already."""


class BrokenError(StaffError):
    """Raised for content with errors; ``lines(language)`` names each with its place and what to do."""

    def __init__(self, lines: Callable[[str], list[str]]) -> None:
        self.lines = lines
        super().__init__(SAYINGS, "broken")


class WorseError(StaffError):
    """Raised for content that the gate does not let through."""

    def __init__(self, objections: list[Objection], content: Content, before: Content | None) -> None:
        self.objections, self.content, self.before = objections, content, before
        super().__init__(SAYINGS, "worse")


@dataclass(frozen=True)
class Undone:
    """What taking back did: the publication, the files that were put back, those that were left for hand edits."""

    publication: Publication
    restored: tuple[str, ...]
    left: tuple[str, ...]


class Publisher:
    """Publishes the content of one installation."""

    def __init__(self, settings: Settings, progress: Progress = lambda phase, step, steps, what: None) -> None:
        self._settings, self._progress = settings, progress
        self.ledger = Ledger(settings.home)
        self._open: set[Workshop] = set()
        self._stopped = False

    def stop(self) -> None:
        """End what another thread is training: its publication fails, and nothing is changed."""
        self._stopped = True
        for workshop in list(self._open):
            workshop.kill()

    def publish(self, by: str, how: str = "published", accepted: frozenset[str] = frozenset()) -> Publication:
        """Make the content as it is now live, if it is right and no worse than what is live.

        ``accepted`` are entries that may lose questions, because somebody wants it so.

        Raises:
            NothingNewError: it is live already.
            BrokenError: it has errors.
            WorseError: questions got worse; nothing was changed.
            StaffError: somebody else publishes, the training failed, the disk is full; nothing was changed.
        """
        with self.ledger.locked(), self._copy() as root, ExitStack() as started:
            live, digest = self.ledger.live(), changing.digest(root)
            code = training.code_hash()
            if live and live.digest == digest and live.code == code:
                raise NothingNewError(SAYINGS, "nothing_new", number=live.number)
            # It takes seconds to be ready, in which the content is read and checked; an edited answer does without.
            workshop = started.enter_context(self._workshop())
            self._progress("checking", 0, 1, "")
            content = self._checked(root)
            with self._content_of(live) as before:
                changes = changing.between(before, content) if before else Changes(added=tuple(content.entries))
                self._compare(changes, content, before, live, accepted, workshop)
            return self._keep(root, content, Publication(
                self.ledger.next_number(), clock.now().isoformat(timespec="seconds"), by, how,
                training.model_path(content).name, digest, changes.added if live else (), changes.changed,
                changes.removed, changes.other, tuple(sorted(accepted)), code=code,
            ))  # fmt: skip

    def first(self, content: Content) -> Publication | None:
        """Note what a bot without any publication was started with; None if there is one already."""
        with self.ledger.locked(), self._copy() as root:
            if self.ledger.live():
                return None
            model = training.model_path(content).name
            moment = clock.now().isoformat(timespec="seconds")
            publication = Publication(1, moment, "", "first", model, changing.digest(root), code=training.code_hash())
            return self._keep(root, content, publication)

    def prepare(self) -> None:
        """Ask the live model the gate's questions, so that the first edit need not wait for it. Blocks for seconds.

        Raises:
            StaffError: the worker failed; the edit will ask.
        """
        live = self.ledger.live()
        if live is None or reactions.read(self._reactions(live.model)):
            return
        with self.ledger.content(live.number) as root:
            if training.model_path(library.inspect(root)).name == live.model:  # or it would be trained here
                with self._workshop() as workshop:
                    self._work(root, reactions.cases(root), None, workshop)

    def undo(self, number: int, by: str) -> Undone:
        """Go back to what was live before publication ``number``: content and model together.

        Files that were edited since the last publication stay as they are.

        Raises:
            StaffError: there is no such publication or nothing before it; nothing was changed.
        """
        with self.ledger.locked():
            live, target = self.ledger.live(), self.ledger.before(number)
            if live is None or self.ledger.get(number) is None or number > live.number:
                raise StaffError(SAYINGS, "no_such", number=number)
            if target is None:
                raise StaffError(SAYINGS, "nothing_before", number=number)
            with self.ledger.content(target.number) as root, self.ledger.content(live.number) as now:
                content = library.load(root)
                model = self._model(root, content)
                was, restored = library.inspect(now), changing.between(library.inspect(now), content)
                publication = self._keep(root, content, Publication(
                    self.ledger.next_number(), clock.now().isoformat(timespec="seconds"), by, "undone", model,
                    target.digest, restored.added, restored.changed, restored.removed, restored.other, undoes=number,
                    code=training.code_hash(),
                ))  # fmt: skip
                put_back, left = self._put_back(root, was.root)
        return Undone(publication, put_back, left)

    def withdraw(self, number: int, reason: str) -> Publication | None:
        """Make what was live before a publication live again, because it does harm; the files stay as they are.

        Returns what is live now, None if the publication is not live any more or nothing came before it.
        """
        with self.ledger.locked():
            live, target = self.ledger.live(), self.ledger.before(number)
            if live is None or live.number != number or target is None:
                return None
            self.ledger.amend(live, withdrawn=reason)
            self.ledger.point(target.number)
            return target

    def ready(self, publication: Publication) -> Publication:
        """Return a publication with a model that fits today's code, trained if it is not there. May take a training.

        Raises:
            StaffError: its content cannot be read by today's code, or not be learnt.
        """
        if (self._settings.models_dir / publication.model).exists() and publication.code == training.code_hash():
            return publication
        with self.ledger.content(publication.number) as root:
            content, problems = library.validate(root)
            if problems.errors:
                raise BrokenError(lambda language: [report.said(one, language) for one in sorted(problems.errors)])
            model = self._model(root, content)
            return self.ledger.renew(
                publication, library.compile_speech(content), model=model, code=training.code_hash()
            )

    @contextlib.contextmanager
    def _copy(self) -> Iterator[Path]:
        """Yield a copy of the content that nobody else changes, under the same name."""
        with tempfile.TemporaryDirectory(dir=self.ledger.folder, prefix=".work-") as folder:
            root = Path(folder) / self._settings.content_dir.name
            with journal.reading(self._settings.content_dir):
                try:
                    shutil.copytree(
                        self._settings.content_dir, root, ignore=shutil.ignore_patterns(journal.FOLDER, ".git")
                    )
                except OSError as error:
                    raise StaffError(SAYINGS, "not_written", reason=error.strerror or str(error)) from error
            yield root

    @contextlib.contextmanager
    def _workshop(self) -> Iterator[Workshop]:
        """Start what trains.

        Raises:
            StaffError: `stop` was called.
        """
        with Workshop(self._settings.home) as workshop:
            self._open.add(workshop)
            try:
                if self._stopped:
                    raise StaffError(SAYINGS, "stopped")
                yield workshop
            finally:
                self._open.discard(workshop)

    def _checked(self, root: Path) -> Content:
        content, problems = library.validate(root)
        if problems.errors:
            raise BrokenError(lambda language: [report.said(problem, language) for problem in sorted(problems.errors)])
        self._progress("checking", 1, 1, "")
        return content

    @contextlib.contextmanager
    def _content_of(self, publication: Publication | None) -> Iterator[Content | None]:
        if publication is None:
            yield None
            return
        with self.ledger.content(publication.number) as root:
            yield library.inspect(root)

    def _compare(
        self, changes: Changes, content: Content, before: Content | None, live: Publication | None,
        accepted: frozenset[str], workshop: Workshop,
    ) -> None:  # fmt: skip
        if objections := gate.of_content(changes, content, clock.now().date(), accepted):
            raise WorseError(objections, content, before)
        model = training.model_path(content)
        if live and live.model == model.name and model.exists():
            return  # answers, titles or dates: nothing is understood otherwise
        cases = list(dict.fromkeys([*reactions.cases(content.root), *changes.lost]))
        self._work(content.root, cases, live, workshop)
        after = reactions.read(self._reactions(model.name))
        known = reactions.read(self._reactions(live.model)) if live else {}
        comparison = gate.Comparison(known, after, before, content, accepted)
        if objections := comparison.objections(changes, accepted):
            raise WorseError(objections, content, before)

    def _keep(self, root: Path, content: Content, publication: Publication) -> Publication:
        self.ledger.add(publication, library.compile_speech(content), root)
        self.ledger.point(publication.number)
        return publication

    def _model(self, root: Path, content: Content) -> str:
        """Return the name of the model for a content, trained if it is not kept any more."""
        model = training.model_path(content)
        if not model.exists():
            with self._workshop() as workshop:
                self._work(root, [], None, workshop)
        return model.name

    def _work(self, root: Path, cases: list[Case], live: Publication | None, workshop: Workshop) -> None:
        """Train and ask in a process of its own.

        Raises:
            StaffError: it failed.
        """
        workshop.work(root, cases, live.model if live else "", self._reactions("").parent, self._progress)

    def _reactions(self, model: str) -> Path:
        return self.ledger.folder / "reactions" / f"{model}.json"

    def _put_back(self, target: Path, live: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Write the target's files over those of the content that nobody has edited since the last publication."""
        root = self._settings.content_dir
        wanted, was = changing.files(target), changing.files(live)
        differing = sorted(place for place in wanted.keys() | was.keys() if wanted.get(place) != was.get(place))
        with journal.writing(root):
            present = {place: journal.read_bytes(root / place) for place in differing}
            mine = [place for place in differing if present[place] == was.get(place)]
            left = [place for place in differing if present[place] not in (was.get(place), wanted.get(place))]
            if mine:
                written = {root / place: wanted.get(place) for place in mine}
                journal.write(root, written, {root / place: present[place] for place in mine})
        return tuple(mine), tuple(left)
