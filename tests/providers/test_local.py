import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import embedded
import pytest

from kit.errors import ConfigError, UnavailableError, UsageError
from kit.events import CallSent, Event, Message, Replied, Request, Text, TextDelta
from kit.providers.config.profiles import Profile
from kit.providers.local import Llama, LocalProvider, installed, model_file

PROFILE = Profile(name="local", provider="local", api="local", timeout=embedded.PATIENCE, retries=0)
STORY = Request((Message("user", (Text("Tell me a story about a bear."),)),), max_tokens=32, seed=1)


@pytest.fixture(autouse=True)
def _model() -> None:
    embedded.wanted()


@asynccontextmanager
async def opened(profile: Profile = PROFILE) -> AsyncGenerator[LocalProvider, None]:
    provider = LocalProvider(profile)
    try:
        yield provider
    finally:
        await provider.aclose()


async def all_of(provider: LocalProvider, request: Request) -> list[Event]:
    async with aclosing(provider.stream(request)) as events:
        return [event async for event in events]


async def reply_of(provider: LocalProvider, request: Request) -> Replied:
    last = (await all_of(provider, request))[-1]
    assert isinstance(last, Replied)
    return last


def asked(text: str, **settings: object) -> Request:
    return replace(STORY, messages=(Message("user", (Text(text),)),), **settings)


@pytest.mark.model
def test_an_answer_arrives_in_pieces_with_its_usage() -> None:
    async def listen() -> list[Event]:
        async with opened() as provider:
            return await all_of(provider, STORY)

    sent, *deltas, replied = asyncio.run(listen())
    assert isinstance(sent, CallSent)
    assert sent.model == "smollm2-135m"
    assert len(deltas) > 8
    assert all(isinstance(delta, TextDelta) for delta in deltas)
    assert isinstance(replied, Replied)
    assert replied.message.text == "".join(delta.text for delta in deltas)  # type: ignore[union-attr]
    assert replied.finish == "length"
    assert replied.usage is not None
    assert replied.usage.output_tokens == 32
    assert (replied.usage.input_tokens or 0) > 10
    assert (sent.reserve_usd, replied.usage.cost_usd) == (0.0, 0.0)


@pytest.mark.model
def test_first_calls_together_start_one_server_and_are_answered_together() -> None:
    async def ask() -> tuple[list[Replied], int]:
        async with opened() as provider:
            started: set[int] = set()

            async def one(seed: int) -> Replied:
                reply = await reply_of(provider, replace(STORY, seed=seed, max_tokens=16))
                started.add(id(provider._llama))
                return reply

            return list(await asyncio.gather(*map(one, range(6)))), len(started)

    replies, servers = asyncio.run(ask())
    assert servers == 1
    assert [bool(reply.message.text) for reply in replies] == [True] * 6


@pytest.mark.model
def test_one_seed_gives_one_answer_and_another_seed_another() -> None:
    async def ask() -> list[str]:
        async with opened() as provider:
            warm = replace(STORY, temperature=0.9)
            seeds = (7, 7, 8)
            return [(await reply_of(provider, replace(warm, seed=s))).message.text for s in seeds]

    first, again, other = asyncio.run(ask())
    assert first == again
    assert first != other


@pytest.mark.model
def test_a_schema_is_kept_to() -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
    request = asked("Anna is 31 years old. Extract name and age.", schema=schema, temperature=0.0)

    async def ask() -> Replied:
        async with opened() as provider:
            return await reply_of(provider, replace(request, max_tokens=64))

    assert json.loads(asyncio.run(ask()).message.text) == {"name": "Anna", "age": 31}


@pytest.mark.model
def test_a_stream_that_is_closed_frees_its_slot() -> None:
    """Five that would run on for long, one after the other, on four slots: were a slot not given
    back, the last answer would have to wait for 8,000 tokens."""
    endless = replace(STORY, max_tokens=8000, options={"ignore_eos": True})

    async def ask() -> Replied:
        async with opened() as provider:
            for _ in range(5):
                async with aclosing(provider.stream(endless)) as events:
                    async for event in events:
                        if isinstance(event, TextDelta):
                            break
            return await reply_of(provider, replace(STORY, max_tokens=4))

    assert asyncio.run(ask()).usage is not None


@pytest.mark.model
def test_the_loop_is_free_while_the_model_loads() -> None:
    async def ticks() -> int:
        async with opened() as provider:
            answer = asyncio.ensure_future(all_of(provider, replace(STORY, max_tokens=1)))
            count = 0
            while provider._endpoint is None and not answer.done():
                count += 1
                await asyncio.sleep(0.01)
            await answer
            return count

    assert asyncio.run(ticks()) > 5


@pytest.mark.model
def test_a_start_that_is_cancelled_leaves_no_process() -> None:
    async def cancelled() -> Llama:
        async with opened() as provider:
            answer = asyncio.ensure_future(all_of(provider, STORY))
            while provider._llama is None and not answer.done():
                await asyncio.sleep(0)
            llama = provider._llama
            assert llama is not None
            answer.cancel()
            with pytest.raises(asyncio.CancelledError):
                await answer
            assert not llama.alive
            return llama

    assert not asyncio.run(cancelled()).alive


@pytest.mark.model
def test_a_server_that_died_is_started_again() -> None:
    async def ask() -> bool:
        async with opened() as provider:
            short = replace(STORY, max_tokens=2)
            await reply_of(provider, short)
            assert provider._llama is not None
            provider._llama.stop()
            return bool(await reply_of(provider, short))

    assert asyncio.run(ask())


@pytest.mark.model
def test_without_the_key_nobody_is_let_in() -> None:
    import urllib.error

    llama = Llama(model_file(), key="k" * 32)
    try:
        chat = f"{llama.wait_loaded()}/v1/chat/completions"
        with pytest.raises(urllib.error.HTTPError, match="401"):
            embedded.post(chat, {"messages": [], "max_tokens": 1})
    finally:
        llama.close()


PROGRAM = """
import asyncio, sys
from dataclasses import replace
from kit.events import Message, Request, Text, TextDelta
from kit.providers.local import LocalProvider
from kit.providers.config.profiles import Profile

request = Request((Message("user", (Text("Tell me a story."),)),), max_tokens=8000,
                  options={"ignore_eos": True})

async def main():
    provider = LocalProvider(Profile(name="local", api="local", provider="local"))
    events = provider.stream(request)
    if sys.argv[1] == "loading":
        asyncio.get_running_loop().call_soon(lambda: print("now", flush=True))
    async for event in events:
        if isinstance(event, TextDelta):
            print("now", flush=True)
            if sys.argv[1] == "leaving":
                return  # nothing closed, an answer under way

asyncio.run(main())
"""


def started(moment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, moment],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def servers_of(pid: int) -> list[int]:
    """Processes whose parent is ``pid``; only where /proc tells."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.model
@pytest.mark.parametrize("moment", ["loading", "answering"])
def test_ctrl_c_ends_the_program(moment: str) -> None:
    with started(moment) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "now\n"
        program.send_signal(signal.SIGINT)
        _, said = program.communicate(timeout=embedded.PATIENCE)
    assert program.returncode == -signal.SIGINT
    assert said.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.model
def test_a_program_that_leaves_in_the_middle_of_an_answer_ends_quietly() -> None:
    with started("leaving") as program:
        _, said = program.communicate(timeout=embedded.PATIENCE)
    assert (program.returncode, said) == (0, "")


@pytest.mark.model
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc for child processes")
def test_the_server_does_not_outlive_a_program_that_was_killed() -> None:
    with started("answering") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "now\n"
        (server,) = servers_of(program.pid)
        program.kill()
    until = time.monotonic() + embedded.PATIENCE
    while not gone(server) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(server)


def test_missing_weights_are_named_with_what_installs_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert not installed()
    with pytest.raises(ConfigError) as caught:
        asyncio.run(all_of(LocalProvider(PROFILE), STORY))
    assert caught.value.message == "the weights of the embedded model are not installed"
    assert caught.value.hint == "kit local install"


def test_a_model_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        model_file("/nowhere/model.gguf")
    assert caught.value.message == "model /nowhere/model.gguf: No such file or directory"


def test_a_file_of_another_kind_is_not_loaded(tmp_path: Path) -> None:
    other = tmp_path / "model.gguf"
    other.write_text("<html>")
    with pytest.raises(ConfigError) as caught:
        model_file(str(other))
    assert caught.value.message == f"{other} is not a GGUF model"


@pytest.mark.model
def test_a_model_that_is_cut_short_is_refused_in_words(tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    with model_file().open("rb") as whole:
        cut.write_bytes(whole.read(3_000_000))
    with pytest.raises(ConfigError) as caught:
        asyncio.run(all_of(LocalProvider(replace(PROFILE, model_path=str(cut))), STORY))
    assert caught.value.message == f"llama.cpp cannot load {cut}"


@pytest.mark.model
def test_a_port_that_is_taken_is_named(llama_server: str) -> None:
    port = int(llama_server.removesuffix("/v1").rpartition(":")[2])
    llama = Llama(model_file(), port=port)
    try:
        with pytest.raises(UsageError) as caught:
            llama.wait_loaded()
    finally:
        llama.close()
    assert caught.value.message == f"port {port} is used by another program"


@pytest.mark.model
def test_a_server_that_is_killed_while_it_loads_is_said() -> None:
    llama = Llama(model_file())
    llama.stop()
    with pytest.raises(UnavailableError, match="ended while it loaded"):
        llama.wait_loaded()
    llama.close()


@pytest.mark.model
def test_nothing_of_llama_cpp_is_seen(capfd: pytest.CaptureFixture[str]) -> None:
    async def ask() -> None:
        async with opened() as provider:
            await reply_of(provider, replace(STORY, max_tokens=2))

    asyncio.run(ask())
    assert capfd.readouterr() == ("", "")
    assert os.environ.get("GOMP_SPINCOUNT") is None, "set for the server alone"
