"""F06 to F15 of the fault battery: names, folders, disks and damage, from the command line."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shelves
from command import Kit, until
from loopback import HANG, Server, chat_stream, cut

from kit.trace.catalogue import latest, search
from kit.trace.folders import place
from kit.trace.runs import read, records

RELEASED = sorted((Path(__file__).parents[1] / "trace" / "fixtures").glob("schema*.jsonl"))
RUN = "01KAN1V5C0SCHEMA1F1XTVRE00"
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals, limits and owners")


@pytest.fixture
def fake(kit: Kit) -> Kit:
    kit.configure('[profiles.f]\napi = "fake"\nreplies = ["forty-two"]\n')
    return kit


@pytest.fixture
def folder(kit: Kit) -> Path:
    return kit.home / "state" / "kit" / "runs"


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "01KA/../x"])
def test_f06_trace_id_traversal(name: str, kit: Kit, folder: Path) -> None:
    shelves.ask(folder, run=RUN)
    before = kit.written()
    for command in ("show", "path", "stats", "export", "rm", "replay", "resume"):
        ran = kit("trace", command, "--", name)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), command
        assert "root:" not in ran.err
    assert kit.written() == before


@posix
def test_f07_symlinked_trace_dir(fake: Kit, folder: Path, tmp_path: Path) -> None:
    """A link to a folder of one's own is followed, as many keep their state on another disk; to a
    folder of somebody else's it is not."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(theirs)
    assert fake("ask", "hi").err == ""
    assert len(list(theirs.rglob("*.jsonl"))) == 1
    if os.getuid():
        pytest.skip("only root can give a folder away")
    shutil.rmtree(theirs)
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    ran = fake("ask", "hi")
    assert (ran.code, ran.out) == (0, "forty-two\n")
    assert "belongs to another user" in ran.err
    assert list(theirs.iterdir()) == []


@pytest.mark.parametrize("how", ["a file is in the way", "no such file system", "mode 0500"])
def test_f08_read_only_home(how: str, fake: Kit) -> None:
    state = fake.home / "closed"
    if how == "a file is in the way":
        state.write_text("")
    elif how == "no such file system":
        state = Path("/proc/kit-test" if Path("/proc/self").exists() else "/dev/null/kit-test")
    else:
        state.mkdir(mode=0o500)
        if os.access(state, os.W_OK):
            pytest.skip("root may write anywhere")
    where = {"XDG_STATE_HOME": str(state), "XDG_CACHE_HOME": str(state / "cache")}
    ran = fake("ask", "hi", **where)
    assert (ran.code, ran.out, ran.err.count("\n")) == (0, "forty-two\n", 1)
    assert "this run is not recorded" in ran.err
    assert "the answer is not affected" in ran.err
    listed = fake("trace", "list", **where)
    assert (listed.code, listed.out) == (0, "")


def test_f08_no_home(fake: Kit) -> None:
    """Neither a HOME nor a folder of XDG's: somewhere, or nowhere with one warning."""
    gone = ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    env = {key: value for key, value in fake.env().items() if key not in gone}
    done = subprocess.run(
        fake.argv("ask", "hi"),
        env={**env, "KIT_STATE_DIR": "/proc/kit-test"},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (0, b"forty-two\n", 1)


def test_f08_read_only_cache_costs_nothing(kit: Kit, folder: Path) -> None:
    """What an index would have told the files tell."""
    path = shelves.vote(folder)
    (kit.home / "file").write_text("")
    nowhere = str(kit.home / "file" / "cache")
    for command in (["list"], ["stats", "--json"], ["search", "6 ×"], ["stats", "--by", "model"]):
        with_index = kit("trace", *command)
        assert kit("trace", *command, XDG_CACHE_HOME=nowhere) == with_index
    assert path.stem in kit("trace", "list", XDG_CACHE_HOME=nowhere).out


@posix
def test_f09_disk_full(fake: Kit, folder: Path) -> None:
    """The kernel takes a part of a line and then refuses."""
    import resource

    done = subprocess.run(
        fake.argv("ask", "hi"), env=fake.env(), stdin=subprocess.DEVNULL, capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)),
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (0, b"forty-two\n", 1)
    assert b"not recorded to its end" in done.stderr
    [torn] = folder.rglob("*.jsonl")
    assert torn.stat().st_size == 300
    listed = fake("trace", "list", "--json")
    assert [(run["status"], run["skipped"]) for run in listed.object] == [("interrupted", 1)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=8k,mode=0700", "kit-test", str(place)]
    if not mount or subprocess.run([mount, *options], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_f09_disk_full_of_a_small_file_system(fake: Kit, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 4096)
    where = {"KIT_STATE_DIR": str(small_disk), "XDG_CACHE_HOME": str(small_disk)}
    long = "why? " * 4000
    for _ in range(2):
        ran = fake("ask", "-", stdin=long, **where)
        assert (ran.code, ran.out, ran.err.count("\n")) == (0, "forty-two\n", 1)
        assert "no space left on device" in ran.err
    assert fake("trace", "list", **where).code == 0
    assert fake("trace", "stats", "--json", **where).code == 0


@posix
def test_f10_kill_9_midstream(kit: Kit, server: Server, folder: Path) -> None:
    server.script(cut("one two", how=HANG))
    kit.serve(server.base, "m")
    process = kit.start("ask", "count")
    until(lambda: b'"one two"' in kit.written())
    assert kit("trace", "list", "--json").object[0]["status"] == "running"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    [run] = kit("trace", "list", "--json").object
    assert (run["status"], run["answer"], run["prompt"]) == ("interrupted", "one two", "count")
    assert kit("trace", "stats", "--json").object["statuses"] == {"interrupted": 1}


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
import shelves
folder, who, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
for n in range(count):
    shelves.ask(folder, f"writer {who} asks {n} " + "x" * (n % 7 * 1000), f"{who}/{n}")
"""


@posix
def test_f13_8_writers(kit: Kit, folder: Path) -> None:
    """Nothing is lost or mixed, also while others make the index. KIT_ALL_TESTS: 10,000 runs."""
    each = 1250 if os.environ.get("KIT_ALL_TESTS") else 25
    here = str(Path(shelves.__file__).parent)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(who), str(each), here])
        for who in range(8)
    ]
    cache = kit.home / "cache" / "kit"
    while any(writer.poll() is None for writer in writers):
        assert all(run.skipped == 0 for run in latest(folder, cache, 50))
        time.sleep(0.05)
    assert [writer.returncode for writer in writers] == [0] * 8
    runs = latest(folder, cache)
    said = sorted(run.answer for run in runs)
    assert said == sorted(f"{who}/{n}" for who, n in itertools.product(range(8), range(each)))
    for run in runs:
        who, n = run.answer.split("/")
        assert run.prompt.startswith(f"writer {who} asks {n} ")
        assert (run.status, run.skipped) == ("ok", 0)
    for path in folder.rglob("*.jsonl"):
        assert [json.loads(line)["seq"] for line in path.read_bytes().splitlines()][-1] >= 6
    [found] = search(folder, cache, ["writer 3 asks 8 x"], 9)
    assert found.run.answer == "3/8"
    assert kit("trace", "stats", "--json").object["runs"] == 8 * each


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)
@pytest.mark.parametrize("schema", [None, 99])
def test_f14_old_new_schema(path: Path, schema: int | None, kit: Kit, folder: Path) -> None:
    """Each format that a release has written, and one that is not yet known, through every view."""
    there = place(folder, RUN)
    there.parent.mkdir(parents=True)
    text = path.read_text()
    if schema:
        text = text.replace('"schema":1', f'"schema":{schema}')
        text += '{"seq":99,"t":"x","kind":"run.dreamt","call":"1","of":[1]}\n'
    there.write_text(text)
    views = [["show"], ["stats"], ["export", "--format", "otlp"]]
    if not schema:
        views += [["show", "--format", form] for form in ("timeline", "steps", "json", "raw")]
        views += [["export", "--format", form] for form in ("jsonl", "csv", "html")]
        views += [["list"], ["stats", "--by", "profile"], ["search", read(path).prompt[:9]]]
    for args in views:
        ran = kit("trace", *args)
        assert (ran.code, bool(ran.out), ran.err) == (0, True, ""), args
    if path.stem == "schema1":
        told = kit("trace", "stats", "--json").object
        assert (told["calls"], told["at_least"]["output_tokens"]) == (4, 23)
    assert there.read_text() == text, "a reader never writes"


def test_f15_corrupt_line(kit: Kit, folder: Path) -> None:
    path, other = shelves.ask(folder, run=RUN), shelves.vote(folder)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1:1] = [b"{torn\n", b"\xff\xfe\n", b'{"kind":7}\n', b"[" * 9999 + b"\n"]
    path.write_bytes(b"".join(lines))
    for args in (["list"], ["stats"], ["search", "6 ×"], ["export", RUN], ["show", RUN]):
        assert kit("trace", *args).code == 0, args
    listed = kit("trace", "list", "--json")
    assert [(run["run"], run["skipped"], run["status"]) for run in listed.object] == [
        (other.stem, 0, "ok"), (RUN, 4, "ok"),
    ]  # fmt: skip
    assert kit("trace", "list").err == "kit: passed over 4 lines that are not a record\n"
    assert len(list(records(path))) == read(path).records == 6


def test_a_run_that_is_removed_while_it_is_read_is_no_error(
    kit: Kit, server: Server, folder: Path
) -> None:
    server.script(chat_stream("done", delay=0.2))
    kit.serve(server.base, "m")
    process = kit.start("ask", "hi")
    until(lambda: any(folder.rglob("*.jsonl")))
    next(folder.rglob("*.jsonl")).unlink()
    assert kit("trace", "list").code == 0
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, b"done\n")
