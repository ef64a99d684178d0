# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be set: on the command line as --name, in the environment as SAM3D_SERVER_NAME."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, CliSuppress, SettingsConfigDict

SHORTEST_TOKEN = 16
"""Characters; shorter ones can be guessed."""


def default_data() -> Path:
    """Where this system keeps the data of programs."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "sam3d-server"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "sam3d-server"


class Settings(BaseSettings):
    """SAM 3D on a computer of your own. `sam3d-server doctor` says what is missing for the models."""

    model_config = SettingsConfigDict(
        env_prefix="SAM3D_SERVER_",
        cli_prog_name="sam3d-server",
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        extra="forbid",
    )

    host: str = Field("127.0.0.1", description="Address to listen on; any but this computer's own needs a token")
    port: int = Field(8777, ge=0, le=65535, description="Port to listen on; 0 for any free one")
    token: CliSuppress[SecretStr] = SecretStr("")
    token_file: Path | None = Field(None, description="File with the token that clients have to send")
    public_url: str = Field("", description="Address by which clients reach the server, where a proxy stands before it")
    certificate: Path | None = Field(None, description="TLS certificate (PEM), to be reached by https")
    certificate_key: Path | None = Field(None, description="Key of the certificate (PEM)")
    data: Path = Field(default_factory=default_data, description="Folder for jobs, pictures and results; a local disk")

    engine: Literal["auto", "draft", "sam3d"] = Field(
        "auto", description="draft: rough models on any CPU; sam3d: Meta's models; auto: these where they are installed"
    )
    executor: Literal["process", "ray"] = Field("process", description="Who runs the engines: processes here, or Ray")
    ray_address: str = Field("auto", description="Address of the Ray cluster's head")
    workers: int = Field(0, ge=0, le=256, description="Workers; 0 for one for each GPU, or one without a GPU")
    objects_checkpoint: Path = Field(
        Path("checkpoints/hf/pipeline.yaml"), description="SAM 3D Objects: the pipeline.yaml of its checkpoints"
    )
    objects_python: Path = Field(Path(sys.executable), description="Python of the environment with SAM 3D Objects")
    body_checkpoint: Path = Field(
        Path("checkpoints/sam-3d-body-dinov3/model.ckpt"), description="SAM 3D Body: the model.ckpt of its checkpoints"
    )
    body_python: Path = Field(Path(sys.executable), description="Python of the environment with SAM 3D Body")
    load_seconds: float = Field(300.0, gt=0, description="How long an engine may take to load")
    job_seconds: float = Field(600.0, gt=0, description="How long one try of a job may take")

    queue_length: int = Field(2000, ge=1, description="Most jobs that may wait")
    submits_per_minute: int = Field(600, ge=0, description="Most jobs a minute from one client; 0 for no limit")
    upload_mb: int = Field(64, ge=1, le=200, description="Largest picture, in MB")
    megapixels: int = Field(64, ge=1, le=1000, description="Largest picture, in millions of pixels")
    allow_urls: bool = Field(False, description="Fetch pictures from public addresses that a job names")
    silent_seconds: float = Field(
        30.0, gt=0, description="How long a TLS handshake and a head may take, and a body be silent"
    )
    connections: int = Field(512, ge=1, description="Most open connections; one beyond is refused")
    connections_each: int = Field(256, ge=1, description="Most of them from one client's address")
    keep_hours: float = Field(7 * 24.0, gt=0, description="How long pictures and results are kept")
    keep_gb: float = Field(50.0, gt=0, description="Most disk space for them; the oldest go first")
    least_free_mb: int = Field(512, ge=0, description="Nothing new is taken while the disk has less free than this")

    @model_validator(mode="after")
    def _check(self) -> Settings:
        if self.token_file is not None:
            try:
                self.token = SecretStr(self.token_file.read_text(encoding="utf-8").strip())
            except OSError as error:
                raise ValueError(f"The token file cannot be read ({error.strerror}).") from error
        token = self.token.get_secret_value()
        if not token and not self.is_loopback:
            raise ValueError(
                f"Listening on {self.host} needs a token, so that not everybody in the network can use this computer: "
                "set the environment variable SAM3D_SERVER_TOKEN, or --token-file. "
                'A good one: python -c "import secrets; print(secrets.token_urlsafe())"'
            )
        if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
            raise ValueError(f"The token must have at least {SHORTEST_TOKEN} plain characters and no spaces.")
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("A certificate needs its key: give both --certificate and --certificate-key.")
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether only this computer can reach the server."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False
