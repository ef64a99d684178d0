# SPDX-License-Identifier: GPL-3.0-or-later
"""What a service wants to know from the artist: preferences and credentials are made from these statements."""

from dataclasses import dataclass
from enum import StrEnum


class SettingKind(StrEnum):
    """What a setting holds. A service has at most one address and one key."""

    ADDRESS = "ADDRESS"
    KEY = "KEY"
    TEXT = "TEXT"
    SWITCH = "SWITCH"
    NUMBER = "NUMBER"


@dataclass(frozen=True)
class Setting:
    """One of a service's preferences.

    `name` is kept with the service's id before it (`wavespeed_url`); `label` is what the artist reads. `default` is a
    text, a truth value or a whole number, as `kind` says; a number lies from 0 to `largest`, and `zero` says what
    0 means. While a key is empty, the environment `variable` serves; `key_page` is where keys are made. What is
    `advanced` is folded away.
    """

    name: str
    kind: SettingKind
    label: str
    help: str = ""
    default: str | bool | int = ""
    largest: int = 0
    zero: str = ""
    variable: str = ""
    key_page: str = ""
    advanced: bool = False
