# SPDX-License-Identifier: GPL-3.0-or-later
"""What services state of their settings: the names that are stored, and the credentials that are made of them."""

from types import SimpleNamespace

import pytest

from sam3d.providers import SERVICES
from sam3d.providers.base import Credentials, Service
from sam3d.providers.settings import SettingKind

DEFAULTS = {
    "local_url": "http://127.0.0.1:8777",
    "local_token": "",
    "wavespeed_api_key": "",
    "wavespeed_url": "https://api.wavespeed.ai",
    "segmind_api_key": "",
    "segmind_url": "https://api.segmind.com",
    "runware_api_key": "",
    "runware_url": "https://api.runware.ai",
    "runware_sync": False,
    "runware_keep_hours": 0,
    "runware_upload_endpoint": "",
    "runware_webhook_url": "",
}
"""The preferences that artists have on their disks, and scripts set."""
VARIABLES = {
    "LOCAL": "SAM3D_LOCAL_TOKEN",
    "WAVESPEED": "WAVESPEED_API_KEY",
    "SEGMIND": "SEGMIND_API_KEY",
    "RUNWARE": "RUNWARE_API_KEY",
}


def key_of(service: Service) -> str:
    """The preference that holds a service's key."""
    (key,) = [setting for setting in service.settings if setting.kind is SettingKind.KEY]
    return service.preference(key)


def test_preferences_keep_their_names_and_defaults() -> None:
    stated = {
        service.preference(setting): setting.default for service in SERVICES.values() for setting in service.settings
    }
    assert stated == DEFAULTS


@pytest.mark.parametrize("provider", SERVICES)
def test_settings_are_what_their_kinds_say(provider: str) -> None:
    kinds = {SettingKind.SWITCH: bool, SettingKind.NUMBER: int}
    settings = SERVICES[provider].settings
    for setting in settings:
        assert type(setting.default) is kinds.get(setting.kind, str)
        assert bool(setting.variable) == (setting.kind is SettingKind.KEY)
        assert (setting.largest > 0) == (setting.kind is SettingKind.NUMBER)
        assert setting.label[0].isupper() and setting.label.split()[-1].strip("()").istitle()
        assert not setting.help or (setting.help[0].isupper() and not setting.help.endswith("."))  # as in Blender
    for kind in (SettingKind.KEY, SettingKind.ADDRESS):
        assert sum(setting.kind is kind for setting in settings) == bool(settings)


@pytest.mark.parametrize("provider", VARIABLES)
def test_the_environment_serves_while_there_is_no_key(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service = SERVICES[provider]
    preferences = SimpleNamespace(**DEFAULTS)
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    assert service.credentials(preferences, online=True).key == ""
    monkeypatch.setenv(VARIABLES[provider], " of-the-environment\n")
    assert service.credentials(preferences, online=True).key == "of-the-environment"
    setattr(preferences, key_of(service), " of-the-preferences ")
    assert service.credentials(preferences, online=True).key == "of-the-preferences"


def test_what_only_one_service_has_goes_along() -> None:
    chosen = {"runware_api_key": "key", "runware_keep_hours": 3, "runware_webhook_url": " https://hook.example "}
    credentials = SERVICES["RUNWARE"].credentials(SimpleNamespace(**{**DEFAULTS, **chosen}), online=False)
    options = {"sync": False, "keep_hours": 3, "upload_endpoint": "", "webhook_url": "https://hook.example"}
    assert credentials == Credentials("https://api.runware.ai", "key", False, options)


def test_a_draft_wants_to_know_nothing() -> None:
    assert SERVICES["DRAFT"].credentials(SimpleNamespace(), online=False) == Credentials(online=False)
