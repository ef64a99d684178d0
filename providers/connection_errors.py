# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed connection means to an artist, told by the errors of requests, urllib3, http.client and the system.

requests wraps what urllib3 raises, which wraps the system's: which one tells most differs between their versions.
"""

import http.client
import re
import socket
import ssl
from typing import Any

import urllib3.exceptions
from requests import exceptions

TUNNEL = re.compile(r"(?i:tunnel) connection failed: (\d{3})")
NEVER_CONNECTED = socket.gaierror, urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError
GARBLED = http.client.HTTPException, exceptions.InvalidHeader, urllib3.exceptions.InvalidHeader
CUT = http.client.RemoteDisconnected, http.client.IncompleteRead


def causes_of(error: BaseException) -> list[BaseException]:
    """An error with all that it was made of."""
    found: list[BaseException] = []
    ahead: list[Any] = [error]
    while ahead:
        one = ahead.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            ahead += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


def sentence_of(causes: list[BaseException], name: str, host: str) -> str:  # noqa: PLR0911 - a list, one return each
    """What it means that the service `name` could not be reached at `host`, or did not answer."""
    if _is_of_trust(causes):
        return (
            f"The certificate of {name} is not trusted here: check the computer's clock, or name your company's "
            f"certificates with the environment variable REQUESTS_CA_BUNDLE."
        )
    if _is_of_certificates(causes):
        return (
            "The file of certificates that this computer names cannot be read: correct the environment variable "
            "REQUESTS_CA_BUNDLE, or remove it."
        )
    if _any(causes, ssl.SSLError, exceptions.SSLError, urllib3.exceptions.SSLError):
        return f"No secure connection to {name} can be made: check its address and the proxy of this computer."
    if _any(causes, socket.gaierror, UnicodeError):  # urllib3 1 has no class of its own for it
        return f"No network: the name {host} cannot be found. Check the connection."
    if _any(causes, urllib3.exceptions.NewConnectionError):
        return f"{name} cannot be reached at {host}: check network and address."
    if _any(causes, exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
        return f"{name} does not answer: check the network, or try again in a while."
    if _any(causes, exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
        return late_sentence(name)
    if _any(causes, *GARBLED) and not _any(causes, *CUT):
        return f"What answers at {host} does not speak as {name} does: check its address, or try again in a while."
    return f"The connection to {name} broke off: try again."


def late_sentence(name: str) -> str:
    """What it means that an answer takes too long."""
    return f"{name} did not answer in time: try again in a while."


def is_of_proxy(causes: list[BaseException]) -> bool:
    """Whether it may be a proxy's fault that nothing was sent, and not that of the service's certificates."""
    certificates = _is_of_trust(causes) or _is_of_certificates(causes)
    return not certificates and (_is_of_tunnel(causes) or not _any(causes, ssl.SSLError))


def proxy_fault(causes: list[BaseException]) -> str:
    """What a proxy does that passes nothing on, to follow its name."""
    for cause in causes:
        if isinstance(cause, exceptions.InvalidSchema) and "SOCKS" in str(cause):
            return "is one for SOCKS, which Blender cannot use"
        if tunnel := TUNNEL.search(str(cause)):
            return refusal(int(tunnel[1]))
    if _any(causes, *NEVER_CONNECTED):
        return "cannot be reached"
    return "does not answer as a proxy does"


def refusal(status: int) -> str:
    """What a proxy does that answers with a status of its own, to follow its name."""
    return "asks for a user name and a password" if status == 407 else f"refuses the connection (HTTP {status})"


def _any(causes: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in causes)


def _is_of_tunnel(causes: list[BaseException]) -> bool:
    return _any(causes, exceptions.ProxyError, urllib3.exceptions.ProxyError)


def _is_of_trust(causes: list[BaseException]) -> bool:
    # urllib3 1 has a private class of its own for a certificate of another host
    return any(isinstance(c, ssl.SSLCertVerificationError) or type(c).__name__ == "CertificateError" for c in causes)


def _is_of_certificates(causes: list[BaseException]) -> bool:
    """Whether requests, which has no class of its own for it, did not find the certificates to trust."""
    return any(type(cause) is OSError and "certificate" in str(cause).lower() for cause in causes)
