"""What went wrong between here and a server, in words a user can act on.

The HTTP client's exceptions are told apart by the names of their classes, so that only
``client.py`` has to import the client.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Iterator

from kit.dataclass import dataclass
from kit.errors import IncompleteError, KitError, TimedOutError, UnavailableError


@dataclass(frozen=True, slots=True)
class Place:
    """Who was asked, through which proxy ("" for none), with how much patience (seconds)."""

    host: str
    proxy: str
    timeout: float
    clean: Callable[[str], str]


def failure(error: BaseException, place: Place, *, begun: bool = False) -> KitError:
    """``begun``: bytes of the body had arrived before."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & {"TimeoutException", "TimeoutError"}:
        return _too_slow(names, place)
    if begun:
        return IncompleteError(f"{place.host} broke off in the middle of the answer")
    if names & {"ConnectError", "ProxyError"}:
        return _unsent(_not_reached(error, place))
    if "LocalProtocolError" in names:
        return UnavailableError(f"the request to {place.host} cannot be sent as HTTP")
    if names & {"RemoteProtocolError", "DecodingError"}:
        return UnavailableError(
            f"{place.host} does not answer as a web server does", hint="check base_url"
        )
    return UnavailableError(f"the connection to {place.host} was lost before an answer came")


def _too_slow(names: set[str], place: Place) -> KitError:
    """A time-out that used up all patience is not followed by another try: ``timeout`` is what
    somebody wants to wait."""
    connecting = "ConnectTimeout" in names
    waited = min(10.0, place.timeout) if connecting else place.timeout
    what = "did not accept a connection" if connecting else "sent nothing"
    error = TimedOutError(f"{place.host} {what} for {waited:g} s", hint="--timeout sets how long")
    error.should_retry = None if waited < place.timeout else False
    error.unsent = connecting
    return error


def _unsent(error: KitError) -> KitError:
    error.unsent = True
    return error


def _not_reached(error: BaseException, place: Place) -> KitError:
    for cause in causes(error):
        match cause:
            case ssl.SSLError():
                return _untrusted(cause, place)
            case socket.gaierror() if not place.proxy:
                return _unknown_host(cause, place)
            case _:
                pass
    if place.proxy:
        return UnavailableError(
            f"the proxy {place.proxy} gives no connection to {place.host}",
            hint="HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names it; NO_PROXY goes around it",
        )
    if any(_refused(cause) for cause in causes(error)):
        return UnavailableError(
            f"connection refused by {place.host}", hint="is the server running? check base_url"
        )
    return UnavailableError(f"cannot connect to {place.host}", hint="check the network")


def _refused(error: BaseException) -> bool:
    """Of several addresses that refused, asyncio tells in one OSError of words only."""
    told = isinstance(error, OSError) and f"[Errno {errno.ECONNREFUSED}]" in str(error)
    return told or isinstance(error, ConnectionRefusedError)


def _untrusted(cause: ssl.SSLError, place: Place) -> KitError:
    if isinstance(cause, ssl.SSLCertVerificationError):
        error = UnavailableError(
            f"the TLS certificate of {place.host} is not trusted: {cause.verify_message}",
            hint="when it is the right server, name its CA file in SSL_CERT_FILE",
        )
    else:
        error = UnavailableError(
            f"no TLS connection to {place.host}: {cause.reason or 'the server broke off'}",
            hint="does the server speak https? check base_url",
        )
    error.should_retry = False
    return error


def _unknown_host(cause: socket.gaierror, place: Place) -> KitError:
    error = UnavailableError(
        f"the address of {place.host} cannot be found",
        hint="check base_url and the network",
    )
    error.should_retry = None if cause.errno == socket.EAI_AGAIN else False
    return error


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and all that led to it, groups opened."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for member in error.exceptions:
                yield from causes(member)
        error = error.__cause__ or error.__context__
