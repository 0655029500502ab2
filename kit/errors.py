"""Everything that can go wrong, as one tree: whose fault it is, what to do next, and the exit code.

    KitError                 1  bug           (never raised itself)
    ├── UsageError           2  usage         you: a flag, an argument, an unknown run
    │   └── ConfigError      2  usage         you: the configuration file or a profile
    ├── AuthError            3  auth          you: no key, a locked keyring, HTTP 401/403
    ├── RejectedError        4  rejected      them: the request was refused, for good
    │   ├── QuotaError       4  rejected      them: the account has no money or quota left
    │   ├── RefusedError     4  rejected      them: the model or a content filter declined
    │   └── UnusableError    4  rejected      them: the reply is not an answer
    ├── UnavailableError     5  unavailable   the network: worth another try
    │   ├── TimedOutError    5  unavailable   nothing came in time
    │   └── RateLimitError   5  unavailable   them: too many requests for now
    ├── IncompleteError      6  incomplete    the network or a limit: the answer was cut
    ├── UnmetError           7  unmet         the answers do not reach what was asked of them
    ├── BudgetError          8  budget        you: a limit that you set was reached
    └── StoppedError    128+n cancelled     you: a signal

Foreign exceptions are mapped to these once, at the border, with ``from error``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know the name; `kit --help` needs no typing
if TYPE_CHECKING:
    from typing import Any, ClassVar


class KitError(Exception):
    """One sentence that says what went wrong, and a hint that says what to do about it."""

    exit: ClassVar[int] = 1
    status: ClassVar[str] = "bug"

    def __init__(
        self, message: str, *, hint: str = "", http_status: int | None = None, request_id: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.http_status = http_status
        self.request_id = request_id
        self.should_retry: bool | None = None  # x-should-retry, or what kit knows; None: its class
        self.unsent = False  # the request never reached a server
        self.recorded = ""  # the run whose record holds it: nothing was sent this time
        self.result: Any = None  # the library's Result: what was paid for stays

    @property
    def code(self) -> int:
        """The exit code of the process when this ends it."""
        return self.exit

    @property
    def unbilled(self) -> bool:
        """The request surely cost nothing: it was never sent, or refused by a status of HTTP."""
        return self.unsent or (self.http_status or 0) >= 400


class UsageError(KitError):
    exit, status = 2, "usage"


class ConfigError(UsageError):
    """The message starts with ``file:line:column:`` where they are known."""


class AuthError(KitError):
    exit, status = 3, "auth"


class RejectedError(KitError):
    exit, status = 4, "rejected"


class QuotaError(RejectedError):
    pass


class RefusedError(RejectedError):
    pass


class UnusableError(RejectedError):
    pass


class UnavailableError(KitError):
    """``retry_after``: seconds that the server asked to wait; None when it did not say."""

    exit, status = 5, "unavailable"

    def __init__(self, message: str, *, retry_after: float | None = None, **rest: object) -> None:
        super().__init__(message, **rest)  # type: ignore[arg-type]  # passed on untouched
        self.retry_after = retry_after


class TimedOutError(UnavailableError):
    pass


class RateLimitError(UnavailableError):
    pass


class IncompleteError(KitError):
    exit, status = 6, "incomplete"

    @property
    def unbilled(self) -> bool:
        return False


class UnmetError(KitError):
    exit, status = 7, "unmet"


class BudgetError(KitError):
    exit, status = 8, "budget"


class StoppedError(KitError):
    """Ended by a signal; ``signal`` is its number."""

    status = "cancelled"

    def __init__(self, message: str, *, signal: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.signal = signal

    @property
    def code(self) -> int:
        return 128 + self.signal


def rebuilt(
    name: str, message: str, *, hint: str = "", http_status: int | None = None, signal: int = 0
) -> KitError:
    """The error that a record tells of, by the name of its class; a plain KitError when this
    release knows no such class."""
    kind = globals().get(name)
    if kind is StoppedError:
        return StoppedError(message, signal=signal, hint=hint)
    known = kind if isinstance(kind, type) and issubclass(kind, KitError) else KitError
    return known(message, hint=hint, http_status=http_status)
