# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the protocol: WaveSpeed's, and what this server adds to them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool

Data = TypeVar("Data")
Address = Annotated[str, Field(min_length=1, max_length=2000)]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")]
Pixel = Annotated[float, Field(ge=-1e6, le=1e6)]
Box = Annotated[list[Pixel], Field(min_length=4, max_length=4)]
MOST_SUBJECTS = 16


class Envelope(BaseModel, Generic[Data]):
    """What every answer comes in."""

    code: int = 200
    message: str = "success"
    data: Data


class Error(BaseModel):
    """What every refusal comes in: `message` is a sentence that says what to do."""

    code: int
    message: str
    data: None = None


class _Inputs(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    image: Address = Field(description="Address of an uploaded picture")
    enable_sync_mode: StrictBool = Field(False, description="Answer when the job has ended, or after 90 s")
    seed: int | None = Field(
        None, ge=0, lt=2**32, description="The same gives the same again; drawn where there is none"
    )
    face_count: int = Field(0, ge=0, le=5_000_000, description="Most triangles; 0 for as the model makes them")
    details: StrictBool = Field(False, description="Also a JSON file with what is known beside, as in `details`")
    alternative: int = Field(0, ge=0, le=100, description="Other readings of the shape, by the draft engine only")
    idempotency_key: Key | None = Field(None, description="The same job submitted twice with one key is one job")


class ObjectInputs(_Inputs):
    """A job for sam-3d-objects. Fields below `enable_sync_mode` are beyond WaveSpeed's."""

    prompt: str = Field("", max_length=2000, description="Taken for the protocol's sake: the model here knows no words")
    mask_images: list[Address] = Field([], max_length=MOST_SUBJECTS, description="A mask for each object, white on it")
    texture: StrictBool = Field(False, description="A baked texture instead of vertex colors")
    gaussian: StrictBool = Field(False, description="Also each object's Gaussian splats, as PLY")


class BodyInputs(_Inputs):
    """A job for sam-3d-body. `mask_image` is WaveSpeed's, the rest beyond."""

    mask_image: Address | None = Field(None, description="A mask of the one person, white on it")
    mask_images: list[Address] = Field([], max_length=MOST_SUBJECTS, description="A mask for each person")
    boxes: list[Box] = Field([], max_length=MOST_SUBJECTS, description="[left, top, right, bottom] for each person")


class Urls(BaseModel):
    """Where to ask further."""

    get: str
    cancel: str


class Timings(BaseModel):
    """In milliseconds: `inference` of the last try, 0 while it is not known; `waiting` before it began."""

    inference: int
    waiting: int


class Prediction(BaseModel):
    """A job. From `progress` on the fields are beyond WaveSpeed's."""

    id: str
    model: str
    status: Literal["created", "processing", "completed", "failed", "cancelled"]
    outputs: list[str] = Field(description="Addresses of the results, the models first")
    urls: Urls
    has_nsfw_contents: list[bool] = []
    created_at: str
    error: str = Field(description="Why there is no result, in a sentence")
    timings: Timings
    code: int | None = Field(None, description="WaveSpeed's code of the error")
    progress: float = Field(ge=0, le=1)
    stage: str = Field(description="What is being done, in a few words")
    queue_position: int | None = Field(None, description="How many jobs wait before this one")
    engine: str
    tries: int
    details: dict[str, Any] = Field(description="Poses, focal length, keypoints, joints, notes; see the documentation")


class UploadWish(BaseModel):
    """A picture that is to be uploaded."""

    model_config = ConfigDict(extra="forbid")

    filename: str = Field(min_length=1, max_length=500, description="For nothing but people: the server draws its own")
    size: int = Field(ge=1, le=2**40)
    content_type: str = Field("application/octet-stream", pattern=r"^[\w.+-]{1,60}/[\w.+-]{1,60}$")


class UploadWay(BaseModel):
    """How to send the bytes: with exactly these headers, and no other credentials."""

    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]


class Uploaded(BaseModel):
    """A picture that is there."""

    type: str
    download_url: str
    filename: str
    size: int


class Announced(Uploaded):
    """A picture that is expected."""

    upload: UploadWay


class Balance(BaseModel):
    """The server is free; the balance is a large number for clients that look at it before they begin."""

    balance: float = 1_000_000.0
    currency: str = "USD"
    free: bool = True


class PriceWish(BaseModel):
    """A model whose price is asked for."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    model_id: str = Field(max_length=200)
    inputs: dict[str, Any] = {}


class Price(BaseModel):
    """Always nothing."""

    model_config = ConfigDict(protected_namespaces=())

    model_id: str
    price: float = 0.0
    currency: str = "USD"


class Model(BaseModel):
    """A model and the engine that stands behind it here."""

    model_config = ConfigDict(protected_namespaces=())

    model_id: str
    base_price: float = 0.0
    engine: str


class Gpu(BaseModel):
    """A GPU as its driver describes it; memory in MB."""

    index: int
    name: str
    memory: int
    memory_used: int
    driver: str


class Queue(BaseModel):
    """The jobs."""

    waiting: int
    running: int
    most: int


class Health(BaseModel):
    """Whether the server is well, and what it can do."""

    status: Literal["ok"] = "ok"
    version: str
    engines: dict[str, str] = Field(description="The engine behind each model")
    missing: dict[str, list[str]] = Field(description="What Meta's models lack, by engine")
    executor: str
    workers: list[str]
    busy: int
    gpus: list[Gpu]
    queue: Queue
    disk_free_mb: int
