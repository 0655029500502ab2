"""Keyrings for the tests, named in PYTHON_KEYRING_BACKEND: each has one trouble, or none."""

import json
import os
import time
from pathlib import Path

import keyring.backend
import keyring.errors


class _Ring(keyring.backend.KeyringBackend):
    priority = 0  # never chosen unless it is named

    def get_password(self, service: str, username: str) -> str | None:
        raise NotImplementedError

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


class Works(_Ring):
    """Keeps its entries in the file that RING names."""

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._keep(self._all() | {f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        rest = self._all()
        del rest[f"{service}/{username}"]
        self._keep(rest)

    def _all(self) -> dict[str, str]:
        path = Path(os.environ["RING"])
        return json.loads(path.read_text()) if path.exists() else {}

    def _keep(self, entries: dict[str, str]) -> None:
        Path(os.environ["RING"]).write_text(json.dumps(entries))


class Hangs(_Ring):
    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(3600)
        return None


class Locked(_Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("locked")


class Dismissed(_Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.InitError("Prompt dismissed")


class Broken(_Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise OSError("the bus broke")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")


class Clear(Works):
    """A keyring that keeps clear text, as keyrings.alt has one."""

    priority = 0.5
