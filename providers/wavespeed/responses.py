# SPDX-License-Identifier: GPL-3.0-or-later
"""What WaveSpeedAI says: envelopes of {code, message, data}, and the predictions in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...engine.matching.evidence import KnownPose
from ..base import Progress
from ..errors import ProviderError, Unreachable
from ..json_values import is_address, is_ended, number
from ..response import GONE, Response, one_line, redact
from .errors import FAILURES, OUTAGES, SYNC_TIMEOUT, TASK_CODES, error_of, failure_of

MOST_OUTPUTS = 64
COMPLETED = "completed"
STAGES: Final = {"created": Progress(0.0, "Waiting"), "processing": Progress(0.1, "Reconstructing")}


@dataclass(frozen=True)
class Prediction:
    """What the service tells of a task; `progress` is None once it is completed. `raw` is its answer for the log.

    `frontal` is for results as in `Result`, and so is each of `poses`, in the order of the models.
    """

    progress: Progress | None
    outputs: tuple[str, ...]
    model: str
    raw: str
    frontal: bool = False
    poses: tuple[KnownPose, ...] = ()


def read_envelope(response: Response) -> tuple[int, dict[str, Any]]:
    """The code that counts and the data of an envelope; 200 comes with data only.

    Raises Unreachable where a success is not JSON, and Unexpected where it is not an envelope.
    """
    if not response.ok:
        try:
            body = response.object()
        except ProviderError:  # a gateway's page, say: the status is all there is
            body = {}
        return _task_code(body) or response.status, {}
    body = response.object()
    code, data = body.get("code", 200), body.get("data")
    if not isinstance(code, int) or isinstance(code, bool) or (code == 200 and not isinstance(data, dict)):
        raise response.unexpected()
    return code, data if isinstance(data, dict) else {}


def read_data(response: Response) -> dict[str, Any]:
    """The data of an envelope of success; raises the error that is in it, which may come with HTTP 200."""
    code, data = read_envelope(response)
    if code != 200:
        raise error_of(response, code)
    return data


def read_prediction(response: Response) -> Prediction:
    """What has become of a task; raises RemoteFailure once it has failed for good."""
    code, data = read_envelope(response)
    if code in GONE:
        response.object()  # only the service itself can say so: anything else comes from something on the way
        # it may be so for a moment only, and the result is paid for: not given up
        sentence = f"{response.service} does not know this job, so far or any more: it keeps results for 7 days."
        raise Unreachable(sentence, raw=response.raw)
    status = data.get("status")
    task_code = _task_code(data) or (code if code in TASK_CODES and code not in OUTAGES else None)
    goes_on = status == COMPLETED or (status == "processing" and task_code == SYNC_TIMEOUT)
    if task_code and not goes_on:
        raise failure_of(response, task_code, _reason(response, data))
    if not isinstance(status, str):
        raise response.unexpected() if code == 200 else error_of(response, code)
    if status in FAILURES or is_ended(status):
        raise failure_of(response, status if status in FAILURES else "failed", _reason(response, data))
    if status == COMPLETED:
        model = data.get("model")
        name = one_line(model) if isinstance(model, str) else ""
        return Prediction(None, _addresses(response, data.get("outputs")), name, response.raw)
    if status in STAGES:
        return Prediction(_progress(data, STAGES[status]), (), "", response.raw)
    raise response.unexpected()


def read_address(response: Response, value: Any) -> str:
    """An address that an answer names; raises Unexpected for what is none."""
    if not is_address(value):
        raise response.unexpected()
    return value


def _progress(data: Mapping[str, Any], usual: Progress) -> Progress:
    """How far a task is, by a server that tells it; otherwise as usual for its status."""
    fraction, stage = number(data.get("progress")), data.get("stage")
    if fraction is None or not isinstance(stage, str) or not stage:
        return usual
    return Progress(min(max(fraction, 0.0), 1.0), one_line(stage))


def _task_code(body: Mapping[str, Any]) -> int | None:
    """One of `TASK_CODES`, wherever it stands."""
    for name in ("code", "error_code"):
        code = body.get(name)
        if isinstance(code, int) and code in TASK_CODES:
            return code
    return None


def _reason(response: Response, data: Mapping[str, Any]) -> str:
    """What a prediction that failed says of it; an envelope of success says nothing of its own."""
    error = data.get("error") if data else response.error_text()
    return one_line(redact(response.key, error)) if isinstance(error, str) else ""


def _addresses(response: Response, outputs: Any) -> tuple[str, ...]:
    """The addresses in a prediction's outputs, each once; raises Unexpected for what is none.

    Outputs are addresses, or objects that hold them as `url` or under names of their own; or null.
    """
    found: list[Any] = []
    for item in outputs if isinstance(outputs, list) else [outputs]:
        if isinstance(item, dict):
            found += [item["url"]] if "url" in item else filter(is_address, item.values())
        elif item is not None:
            found.append(item)
    if len(found) > MOST_OUTPUTS or not all(map(is_address, found)):
        raise response.unexpected()
    return tuple(dict.fromkeys(found))
