"""keyring's own conformance tests against the same service: what they need, kit may rely on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from keyring.testing.backend import BackendBasicTests
from secret_service import Session

pytestmark = pytest.mark.secret_service


class TestSecretService(BackendBasicTests):
    @pytest.fixture(autouse=True)
    def _init_properties(self, ring: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        for name, value in ring.environ.items():
            monkeypatch.setenv(name, value)
        self.credentials_created: set[tuple[str, str]] = set()
        self.keyring = self.init_keyring()
        yield
        self.cleanup()

    def init_keyring(self) -> Any:
        from keyring.backends.SecretService import Keyring

        return Keyring()
