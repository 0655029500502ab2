"""How a key travels: the header that carries it, and the texts that must never hold it."""

from __future__ import annotations

from collections.abc import Mapping

from kit.errors import KitError
from kit.providers.config.presets import Auth
from kit.providers.credentials.redact import MASK, Redactor
from kit.providers.credentials.secret import Secret

_SECRET = ("authorization", "api-key", "key", "token", "cookie", "secret")  # ends of header names


class Credentials:
    """One secret, or none. ``more``: the profile's own headers, which may hold others."""

    def __init__(self, secret: Secret | None, auth: Auth, more: Mapping[str, str]) -> None:
        self._secret, self._auth = secret, auth
        self._redactor = Redactor(each.reveal() for each in in_use(secret, more))

    @property
    def shown(self) -> str:
        return MASK if self._secret else ""

    def headers(self) -> dict[str, str]:
        """The header that carries the key: for a request that leaves, and for nothing else."""
        if self._secret is None or self._auth == "none":
            return {}
        key = self._secret.reveal()
        return {"Authorization": f"Bearer {key}"} if self._auth == "bearer" else {self._auth: key}

    def clean(self, text: str) -> str:
        return self._redactor.clean(text)

    def cleaned(self, error: KitError) -> KitError:
        """The same error: servers quote keys back."""
        error.message, error.hint = self.clean(error.message), self.clean(error.hint)
        error.request_id = self.clean(error.request_id)
        error.args = (error.message,)
        return error


def in_use(secret: Secret | None, headers: Mapping[str, str]) -> list[Secret]:
    """What must not be seen: the secret, and those that a profile's own headers hold."""
    values = (value.removeprefix("Bearer ") for name, value in headers.items() if is_secret(name))
    return [*([secret] if secret else []), *map(Secret, values)]


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers for somebody to look at."""
    return {name: _mask(value) if is_secret(name) else value for name, value in headers.items()}


def _mask(value: str) -> str:
    return f"Bearer {MASK}" if value.startswith("Bearer ") else MASK


def is_secret(name: str) -> bool:
    """A header of this name carries a key."""
    return name.lower().endswith(_SECRET)
