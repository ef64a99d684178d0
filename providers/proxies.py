# SPDX-License-Identifier: GPL-3.0-or-later
"""Which proxy a request goes by, as everywhere on this computer, and how it is called without its password."""

import os
from dataclasses import dataclass, field

import requests.utils
import urllib3.exceptions
from urllib3.util import parse_url

from .addresses import Address

SCHEMES = {"http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}


class ProxySettingError(ValueError):
    """What names the proxy cannot be used; `str(error)` says why. It never holds a password."""


@dataclass(frozen=True)
class Proxy:
    """A proxy: `name` is its host and port; `url` may hold a password."""

    name: str
    url: str = field(repr=False)


def proxy_for(address: Address) -> Proxy | None:
    """The proxy by which an address is to be reached; raises ProxySettingError.

    What is on this computer is reached without one.
    """
    if address.needs_no_proxy:
        return None
    try:
        url = requests.utils.select_proxy(address.url, requests.utils.get_environ_proxies(address.url, no_proxy=None))
        if not url:
            return None
        parts = parse_url(url if "://" in url else f"http://{url}")  # as requests does it
    except (ValueError, OSError, urllib3.exceptions.HTTPError):  # their texts may hold the password
        url, parts = "", parse_url("")
    if parts.scheme not in SCHEMES or not parts.host:
        raise ProxySettingError(f"what {_source(address)} is not the address of one") from None
    return Proxy(f"{parts.host}:{parts.port or SCHEMES[parts.scheme]}", url)


def _source(address: Address) -> str:
    """What the proxy's address is told by, to follow "what"."""
    names = (f"{address.scheme}_proxy", f"{address.scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    variable = next((name for name in names if os.environ.get(name)), "")
    return f"the environment variable {variable} holds" if variable else "the settings of this computer hold"
