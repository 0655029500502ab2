"""The index of all runs: an SQLite file in the cache, made again whenever it is damaged.

It holds of each file what ``entry`` tells, and from when (mtime, size) that is. The only file that
imports sqlite3. Many processes may use it at once: it is opened and replaced under a lock, in WAL
mode, and who finds runs missing learns them in small transactions, so that others go on from there.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from kit.errors import UsageError
from kit.events import Json
from kit.trace import cells
from kit.trace.alive import hold_soon
from kit.trace.entry import Entry, Figures, entry
from kit.trace.folders import make_ours
from kit.trace.runs import Run, unfinished

VERSION = 1
"""Of the tables and what stands in them (``entry``, ``Run``, ``Figures``): another is replaced."""

BUSY_S = 15.0  # seconds that another process may keep the index from being written
BATCH = 250  # runs that are learned in one transaction
BATCH_BYTES = 8 * 2**20  # or so many bytes of their files
TRIGRAMS = 40  # that a search asks for at most: what they find is looked at anyway

# Trigrams, as what is searched for may be a part of a word, in any script, or no word at all;
# without positions (detail=none) they take a quarter of the room, and the text tells the rest.
_TABLES = f"""
CREATE TABLE runs (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, mtime INTEGER NOT NULL, size INTEGER NOT NULL,
  ended INTEGER NOT NULL, pid INTEGER NOT NULL, run TEXT NOT NULL, figures TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5(asked, said, tokenize='trigram', detail='none');
PRAGMA user_version = {VERSION};
"""

_RUNS = "SELECT key, ended, pid, run FROM runs WHERE key >= ?"
_COUNTED = "SELECT key, ended, pid, run, figures FROM runs WHERE key >= ?"
_ALL = """SELECT key, ended, pid, run, asked, said
FROM words JOIN runs ON runs.id = words.rowid ORDER BY key DESC"""
_MATCHING = _ALL.replace("ORDER BY", "WHERE words MATCH ? ORDER BY")

T = TypeVar("T")


Counted: TypeAlias = tuple[Run, tuple[Figures, ...]]


class Index:
    """One open index. Everything raises sqlite3.Error when the file is damaged or busy."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self._folder, self._db = folder, connection
        self._above = len(os.fspath(folder)) + 1

    def runs(self, paths: Sequence[Path]) -> list[Run]:
        """These files, the newest ones of the folder, in their order; those that are gone or cannot
        be read are left out."""
        return [_run(path, *row) for path, row in self._rows(_RUNS, paths)]

    def counted(self, paths: Sequence[Path]) -> list[Counted]:
        """The same with the figures of their calls."""
        return [
            (_run(path, *row), _read(cells.figures, figures))
            for path, (*row, figures) in self._rows(_COUNTED, paths)
        ]

    def holding(self, paths: Sequence[Path], texts: Iterable[str]) -> Iterator[Entry]:
        """Newest first, every run that may hold all of these texts, and few others. ``paths`` are
        all there are."""
        self._learn(paths, "")
        wanted = sorted({text[n : n + 3] for text in texts for n in range(len(text) - 2)})
        match = " AND ".join('"' + each.replace('"', '""') + '"' for each in wanted[:TRIGRAMS])
        rows = self._db.execute(_MATCHING, (match,)) if match else self._db.execute(_ALL)
        for key, *row, asked, said in rows:
            yield Entry(_run(self._folder / key, *row), (), asked, said)

    def forget(self, paths: Sequence[Path]) -> None:
        """Leave nothing on the disk of runs that are not there any more; ``paths`` are all."""
        self._learn(paths, "")
        self._db.execute("INSERT INTO words(words) VALUES ('optimize')")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # --- learning -------------------------------------------------------------------------------
    def _learn(self, paths: Sequence[Path], oldest: str) -> None:
        """Make the index right about these files: all there are from the key ``oldest`` on."""
        here = {self._key(path): stamp for path in paths if (stamp := _stamp(path))}
        known = self._stamps(oldest)
        if gone := [key for key in known if key not in here]:
            with self._change():
                self._drop(gone)
        changed = [key for key, stamp in here.items() if known.get(key) != stamp]
        for keys in _batches(changed, here):
            with self._change():
                known = self._stamps(min(keys), max(keys))  # others may have been faster
                for key in keys:
                    if known.get(key) != here[key]:
                        self._put(key, *here[key])

    def _stamps(self, oldest: str, newest: str = "~") -> dict[str, tuple[int, int]]:
        """``~`` comes after every key."""
        rows = self._db.execute(
            "SELECT key, mtime, size FROM runs WHERE key BETWEEN ? AND ?", (oldest, newest)
        )
        return {key: (mtime, size) for key, mtime, size in rows}

    def _put(self, key: str, mtime: int, size: int) -> None:
        self._drop([key])
        try:
            read = entry(self._folder / key)
        except UsageError:  # removed meanwhile, or not ours to read
            return
        row = self._db.execute(
            "INSERT INTO runs (key, mtime, size, ended, pid, run, figures)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (key, mtime, size, read.ended, _small(read.pid), *cells.of(read)),
        )
        self._db.execute(
            "INSERT INTO words (rowid, asked, said) VALUES (?, ?, ?)",
            (row.lastrowid, read.asked, read.said),
        )

    def _drop(self, keys: Iterable[str]) -> None:
        for key in keys:
            for (row,) in self._db.execute("SELECT id FROM runs WHERE key = ?", (key,)).fetchall():
                self._db.execute("DELETE FROM words WHERE rowid = ?", (row,))
                self._db.execute("DELETE FROM runs WHERE id = ?", (row,))

    @contextmanager
    def _change(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:  # a full disk has taken it back already
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # --- rows -----------------------------------------------------------------------------------
    def _rows(self, query: str, paths: Sequence[Path]) -> Iterator[tuple[Path, list[Json]]]:
        oldest = self._key(paths[-1]) if paths else ""
        self._learn(paths, oldest)
        rows = {key: row for key, *row in self._db.execute(query, (oldest,))}
        keyed = ((path, self._key(path)) for path in paths)
        return ((path, rows[key]) for path, key in keyed if key in rows)

    def _key(self, path: Path) -> str:
        """Below the folder; it sorts by age. (``relative_to`` takes longer than all else here.)"""
        return os.fspath(path)[self._above :].replace(os.sep, "/")


def _run(path: Path, ended: int, pid: int, cell: str) -> Run:
    run = _read(partial(cells.run, path), cell)
    return run if ended else replace(run, status=unfinished(path, pid))


def _read(reader: Callable[[str], T], cell: str) -> T:
    try:
        return reader(cell)
    except (ValueError, TypeError) as error:
        raise sqlite3.DatabaseError("a cell of the index cannot be read") from error


def _small(pid: int) -> int:
    return pid if 0 < pid < 2**31 else 0  # more would be no process, and no integer of SQLite's


def _stamp(path: Path) -> tuple[int, int] | None:
    """From when this file is; None when it is gone. Asked before it is read: what is appended
    meanwhile is found the next time."""
    with suppress(OSError):
        found = path.stat()
        return found.st_mtime_ns, found.st_size
    return None


def _batches(keys: Sequence[str], stamps: Mapping[str, tuple[int, int]]) -> Iterator[list[str]]:
    batch: list[str] = []
    size = 0
    for key in keys:
        batch.append(key)
        size += stamps[key][1]
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


# --- the file -----------------------------------------------------------------------------------
def ask(folder: Path, cache: Path, question: Callable[[Index], T]) -> T | None:
    """What the index of this folder answers; None when there is none to be had: then the files
    themselves must tell. A damaged one is replaced, silently: nothing is lost with it."""
    file = place(folder, cache)
    for _ in range(2):
        inode = None
        try:
            with _opened(file) as connection:
                inode = _inode(file)
                return question(Index(folder, connection))
        except sqlite3.Error as error:
            if _is_busy(error) or not _remove(file, inode):
                return None
        except OSError:
            return None
    return None


def place(folder: Path, cache: Path) -> Path:
    """Each folder of runs has an index of its own."""
    return cache / f"runs-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}.sqlite"


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    make_ours(file.parent)
    with _locked(file):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | _SAFE, 0o600))
        connection = sqlite3.connect(file, timeout=BUSY_S, isolation_level=None)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    with closing(connection):
        yield connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA secure_delete = ON")
    [[version]] = connection.execute("PRAGMA user_version")
    [[tables]] = connection.execute("SELECT count(*) FROM sqlite_master")
    if not tables and not version:
        connection.executescript(_TABLES)
    elif version != VERSION:
        raise sqlite3.DatabaseError(f"an index of version {version}")


_SAFE = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Nobody else opens or replaces this index now. OSError when that cannot be had."""
    lock = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | _SAFE, 0o600)
    try:
        if not hold_soon(lock, BUSY_S):
            raise BlockingIOError(f"{file} is being opened by another process")
        yield
    finally:
        os.close(lock)


def _inode(file: Path) -> int | None:
    with suppress(OSError):
        return file.stat().st_ino
    return None


def _remove(file: Path, inode: int | None) -> bool:
    """Remove the index that proved damaged, but not one that another process has put in its place.
    False when it cannot be."""
    try:
        with _locked(file):
            if inode is None or inode == _inode(file):
                for end in ("", "-wal", "-shm"):
                    Path(f"{file}{end}").unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _is_busy(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)
