"""Runs the assistant on one machine: model server, action server, Rasa, and the watch over the content.

Order matters to visitors: Rasa starts at once, beside training, so that an early message is answered with
"one moment" instead of a refused connection; the address is printed when a turn is really answered.
"""

import asyncio
import contextlib
import signal
import socket
import sys
import uuid
from pathlib import Path

import aiohttp
import yaml
from watchfiles import awatch

from bot import training
from bot.content import library
from bot.content.model import Content
from bot.errors import BotError, ContentError, ServiceError
from bot.events.sample import ensure_sample
from bot.publish import changes, wording
from bot.publish.ledger import Publication
from bot.publish.publisher import NothingNewError, Publisher
from bot.publish.watch import Watch
from bot.sayings import STAFF_LANGUAGE, StaffError
from bot.serving import follower
from bot.serving.children import Child, Children
from bot.serving.follower import Live
from bot.serving.model_server import PATH, ModelServer
from bot.serving.upkeep import Upkeep
from bot.settings import PROJECT_ROOT, Settings

READY_SECONDS = 300.0
PULL_SECONDS = 1
LEDGER_SECONDS, LEDGER_PAUSE = 0.3, 10.0
"""How often the ledger is looked at, and how long it is left alone after it could not be read."""
PREPARE_SECONDS = 30.0
"""Visitors who have waited for the start come first."""
PROBE_SECONDS, PROBE_PAUSE = 30.0, 0.1


class Supervisor:
    """One `bot serve`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._models = ModelServer(settings.models_token, training.code_hash())
        self._children = Children(settings.logs_dir)
        self._publisher = Publisher(settings)
        self._served: int | None = None

    async def run(self) -> None:
        """Serve until interrupted.

        Raises:
            ContentError: the content has errors and no earlier model could serve instead.
            ServiceError: a port is taken, or a child died.
        """
        for port in (self._settings.port, self._settings.actions_port, self._settings.models_port):
            _require_free(port)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        work: list[asyncio.Task[None]] = []
        try:
            # The processes take seconds to import Rasa; the content is read meanwhile.
            await self._start_processes()
            ensure_sample(self._settings)
            content = await asyncio.to_thread(self._content_or_last_good)
            upkeep = Upkeep(self._settings.database_url, _say)
            jobs = (self._watch_children(), self._bring_up(content), upkeep.run())
            work = [asyncio.create_task(job) for job in jobs]
            await _until_first(asyncio.create_task(stop.wait()), *work)
        finally:
            self._publisher.stop()  # or this process would wait for what it trains
            for task in work:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*work, return_exceptions=True)
            await self._children.stop()
            await self._models.stop()
        _say("stopped")

    def _content_or_last_good(self) -> Content | None:
        """Return the content to train, or None when there is something to serve already.

        With publications, the live one is served, and edits wait for the next. Before the first, the content itself
        is, or the last good answers and model if it has errors.
        """
        if self._settings.follow_url:
            if live := follower.last(self._settings.compiled_content, self._settings.models_dir):
                self._models.publish(*live)
            return None
        if published := self._publisher.ledger.live():
            self._serve(published)
            return None
        try:
            content = library.load(self._settings.content_dir)
        except ContentError as error:
            newest = training.newest_model()
            if newest is None or not self._settings.compiled_content.exists():
                raise
            _say(f"{error}\nthe content has errors: the last good answers and model are served until it is mended")
            self._models.publish(newest)
            return None
        library.publish_speech(content, self._settings.compiled_content)
        if (model := training.model_path(content)).exists():
            self._models.publish(model)
        elif newest := training.newest_model():
            self._models.publish(newest)
        return content

    def _serve(self, live: Publication) -> None:
        """Speak from a publication: answers first, the model within a pull of Rasa's; blocks on the disk."""
        live = self._publisher.ready(live)
        self._speak((self._settings.models_dir / live.model, self._publisher.ledger.speech(live.number)))
        self._served = live.number

    def _speak(self, live: Live) -> None:
        model, speech = live
        library.write_speech(speech, self._settings.compiled_content)
        self._models.publish(model, speech)

    async def _follow_other(self) -> None:
        """Take over what another server has made live, for ever; also before the first answer."""

        def take(live: Live) -> None:
            self._speak(live)
            _say(f"publication {live[1].get('publication')} of {chosen.follow_url} is live within {PULL_SECONDS + 1} s")

        chosen = self._settings
        code, models = training.code_hash(), chosen.models_dir
        await follower.Follower(chosen.follow_url, chosen.models_token, code, models, take, _say).run()

    async def _start_processes(self) -> None:
        await self._models.start(self._settings.models_host, self._settings.models_port)
        common = {
            "RASA_TELEMETRY_ENABLED": "false",
            "BOT_HOME": str(self._settings.home),
            "BOT_CONTENT": str(self._settings.content_dir),
            "BOT_PORT": str(self._settings.port),
            # glibc keeps what start-up freed in arenas of every thread otherwise; elsewhere these say nothing.
            "MALLOC_ARENA_MAX": "2",
            "MALLOC_TRIM_THRESHOLD_": "65536",
            # One process each: replicas are for another machine (docs/architecture.md).
            "SANIC_WORKERS": "1",
        }
        await self._children.start(
            "actions",
            ["rasa_sdk", "--actions", "actions", "--port", str(self._settings.actions_port)],
            {**common, "SANIC_HOST": "127.0.0.1"},  # it has no flag for this and no authentication
        )
        await self._children.start(
            "rasa",
            ["rasa", "run", "--interface", self._settings.host, "--port", str(self._settings.port),
             "--endpoints", str(self._write_endpoints()), "--credentials", str(self._settings.credentials),
             "--response-timeout", "60"],
            common,
        )  # fmt: skip

    def _write_endpoints(self) -> Path:
        """Write endpoints.yml with this installation's ports."""
        endpoints = yaml.safe_load((PROJECT_ROOT / "endpoints.yml").read_text(encoding="utf-8"))
        endpoints["action_endpoint"]["url"] = self._settings.actions_url
        endpoints["models"] = {
            "url": f"{self._settings.models_url}{PATH}",
            "wait_time_between_pulls": PULL_SECONDS,
            # Rasa reads it from the environment: no secret is written into a file.
            **({"token": "${BOT_MODELS_TOKEN}"} if self._settings.models_token else {}),
        }
        path = self._settings.home / "endpoints.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
        return path

    async def _watch_children(self) -> None:
        child = await self._children.first_to_die()
        raise ServiceError(_obituary(child))

    async def _bring_up(self, content: Content | None) -> None:
        """Train if need be, wait for the first answer, then follow publications and edits for ever."""
        if self._settings.follow_url:
            await asyncio.gather(self._follow_other(), self._say_when_ready())
        if content is not None:
            await self._train(content)
            if first := await asyncio.to_thread(self._publisher.first, content):
                await asyncio.to_thread(self._serve, first)
        await self._say_when_ready()
        follow = [self._follow_publications(), self._prepare()]
        if self._settings.publishes_edits:
            follow.append(self._follow_edits())
        await asyncio.gather(*follow)

    async def _prepare(self) -> None:
        """Do what the first edit would wait for; if that fails, it will say so itself."""
        await asyncio.sleep(PREPARE_SECONDS)
        with contextlib.suppress(BotError):
            await asyncio.to_thread(self._publisher.prepare)

    async def _say_when_ready(self) -> None:
        await self._wait_until_ready()
        _say(f"ready: {self._settings.url}   (Ctrl-C stops)")

    async def _wait_until_ready(self) -> None:
        url = f"{self._settings.url}/health/ready"
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while asyncio.get_running_loop().time() < deadline:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(url) as answer:
                        if answer.status == 200 and await self._answers(session):
                            return
                await asyncio.sleep(0.2)
        raise ServiceError(f"no answer at {url} within {READY_SECONDS:.0f} s; see {self._settings.logs_dir}")

    async def _answers(self, session: aiohttp.ClientSession) -> bool:
        """Whether a turn is answered: the only proof that everything is up. Asked as a visitor, and deleted again."""
        base = f"{self._settings.url}/webhooks/web"
        async with session.post(f"{base}/session", json={}) as answer:
            if answer.status != 201:
                return False
            visitor = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        try:
            headers = {**visitor, "Idempotency-Key": uuid.uuid4().hex}
            async with session.post(f"{base}/messages", json={"text": "help"}, headers=headers) as answer:
                return answer.status == 202 and await self._is_answered(session, base, visitor)
        finally:
            async with session.delete(f"{base}/session", headers=visitor):
                pass

    async def _is_answered(self, session: aiohttp.ClientSession, base: str, visitor: dict[str, str]) -> bool:
        for _ in range(round(PROBE_SECONDS / PROBE_PAUSE)):
            await asyncio.sleep(PROBE_PAUSE)
            async with session.get(f"{base}/history", headers=visitor) as answer:
                found = await answer.json() if answer.status == 200 else {"messages": []}
            if any(message["role"] == "bot" for message in found["messages"]):
                return True
        return False

    async def _follow_publications(self) -> None:
        """Serve what becomes live in the ledger, whoever published it, and watch it for a while."""
        watching: asyncio.Task[None] | None = None
        while True:
            try:
                live = await asyncio.to_thread(self._publisher.ledger.live)
                if live and live.number != self._served:
                    await asyncio.to_thread(self._serve, live)
                    _say(f"publication {live.number} is live within {PULL_SECONDS + 1} s")
                    if watching:
                        watching.cancel()
                    watching = None if live.restored else asyncio.create_task(self._look_after(live))
            except (BotError, OSError) as error:
                _say(f"{error}\nthe earlier publication is still served")
                await asyncio.sleep(LEDGER_PAUSE)
            await asyncio.sleep(LEDGER_SECONDS)

    async def _look_after(self, live: Publication) -> None:
        """Take a publication back if visitors get no answers from it; the edited files stay for their mending."""
        harm = await Watch(self._settings.url, live.number, self._settings.watch_seconds).harm()
        if harm and (earlier := await asyncio.to_thread(self._publisher.withdraw, live.number, harm)):
            why = wording.reason(harm, STAFF_LANGUAGE)
            _say(f"publication {live.number} was taken back ({why}): {earlier.number} is live again")

    async def _follow_edits(self) -> None:
        # An edit made while nothing was running waits for its turn like one that is made now.
        await self._take_edit()
        watched = [self._settings.content_dir, PROJECT_ROOT / "config.yml", PROJECT_ROOT / "domain.yml"]
        async for _ in awatch(*watched, debounce=400, step=100):
            await self._take_edit()

    async def _take_edit(self) -> None:
        """Publish what was saved, through the gate; a refusal says why, and the live publication goes on."""
        if await asyncio.to_thread(self._was_withdrawn):
            return
        try:
            made = await asyncio.to_thread(self._publisher.publish, "", "saved")
        except NothingNewError:
            return
        except StaffError as error:
            lines = "\n".join(wording.refusal(error, STAFF_LANGUAGE))
            _say(f"{lines}\nthe edit is not live: mend it and save again; what was live is still served")
        else:
            _say(f"saved as publication {made.number}: {wording.what(made, STAFF_LANGUAGE)}")

    def _was_withdrawn(self) -> bool:
        """Whether the content is one that was taken back: publishing it again would do the same harm again."""
        digest = changes.digest(self._settings.content_dir)
        newest = [one for one in self._publisher.ledger.all() if one.digest == digest]
        return bool(newest and newest[-1].withdrawn)

    async def _train(self, content: Content) -> None:
        """Train in a process of its own, so that serving goes on; a failure leaves the old model."""
        model = training.model_path(content)
        if not model.exists():
            _say("training …")
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot.cli", "train", stdin=asyncio.subprocess.DEVNULL, cwd=PROJECT_ROOT
            )
            try:
                code = await process.wait()
            except asyncio.CancelledError:
                process.terminate()
                await process.wait()
                raise
            if code != 0:
                if self._models.etag is None:
                    raise ServiceError("training failed and there is no earlier model")
                _say("training failed: the earlier model is still served")
                return
        self._models.publish(model)
        _say(f"model {model.name.removesuffix('.tar.gz')} is live within {PULL_SECONDS + 1} s")


async def _until_first(*tasks: "asyncio.Task[object] | asyncio.Task[None]") -> None:
    """Wait until one task ends and raise what it raised."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


def _obituary(child: Child) -> str:
    return f"{child.name} ended with code {child.process.returncode}; the end of {child.log}:\n{child.tail()}"


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ServiceError(
                f"port {port} is taken; stop what uses it, or set BOT_PORT (also BOT_ACTIONS_PORT, BOT_MODELS_PORT)"
            ) from error


def _say(text: str) -> None:
    print(text, flush=True)
