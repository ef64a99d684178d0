# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a model's weights: from where it comes, by what it is known, and how it gets into its place. No bpy.

A download that ends early leaves its part beside the file, as NAME~, and the next one goes on behind it. The file has
its name only once it is whole and known by its hash.
"""

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .addresses import AddressError, parse_address
from .base import Credentials
from .errors import InvalidInput, ProviderError, RemoteFailure, UnexpectedResponse, Unreachable
from .http import LARGEST_FILE, Client

BLOCK = 2**20
IN_PART, WHOLE, BEYOND_END = 206, 200, 416
"""Statuses of answers to a request for the rest of a file."""
GOES_ON = "The next download goes on from there."

Tell = Callable[[float], None]
"""Called with the fraction 0..1 that is done; may raise `Cancelled`."""


@dataclass(frozen=True)
class ModelFile:
    """Weights as their authors give them out: `size` in bytes, `sha256` in hexadecimal digits."""

    name: str
    url: str
    size: int
    sha256: str

    @property
    def megabytes(self) -> int:
        """For sentences."""
        return round(self.size / 1e6)


SEGMENT_ANYTHING = ModelFile(
    name="mobile_sam.pt",
    url="https://raw.githubusercontent.com/ChaoningZhang/MobileSAM/f706ad9c4eb7f219c00d9050e46328518ffb65d2/weights/"
    "mobile_sam.pt",
    size=40_728_226,
    sha256="6dbb90523a35330fedd7f1d3dfc66f995213d81b29a5ca8108dbcdd4e37d6c2f",
)
"""MobileSAM (Zhang et al. 2023), Apache-2.0."""


def download(model: ModelFile, url: str, place: Path, tell: Tell, *, online: bool) -> None:
    """Bring the model from an address to its place; raises ProviderError.

    `online` tells whether Blender may use the network.
    """
    part, host = _part(place), _host(url)
    client = _FileClient(host, Credentials(url, online=online), {})
    with _disk(model, place):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            client.download_rest(model, part, tell)
        except Unreachable as error:
            if not part.exists() or not part.stat().st_size:
                raise
            raise Unreachable(f"{error} {GOES_ON}") from error
        if _hash(part) != model.sha256:
            part.unlink()
            sentence = (
                f"What {host} gives out is not {model.name}: it was removed. Correct its address in the preferences."
            )
            raise UnexpectedResponse(sentence)
        part.replace(place)


def take(model: ModelFile, source: Path, place: Path) -> None:
    """Bring the model from a file of the artist's to its place; raises ProviderError where it is another."""
    copy = place.with_name(f"{place.name}.copy")
    try:
        is_it = source.stat().st_size == model.size and _hash(source) == model.sha256
    except OSError as error:
        raise InvalidInput(f"{source.name} cannot be read ({error.strerror}): choose another file.") from error
    if not is_it:
        expected = f"{model.size:,} bytes with the SHA-256 {model.sha256}"
        raise InvalidInput(f"{source.name} is not the model: choose {model.name}, {expected}.")
    with _disk(model, place):
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(source, copy)
            copy.replace(place)
        finally:
            copy.unlink(missing_ok=True)
        _part(place).unlink(missing_ok=True)


def remove(place: Path) -> None:
    """Take the model away, and what was received of it; raises OSError."""
    for file in (place, _part(place)):
        file.unlink(missing_ok=True)


class _FileClient(Client):
    """The host of one file, whose address is the client's own."""

    def download_rest(self, model: ModelFile, part: Path, tell: Tell) -> None:
        """Receive what is missing of the file behind what `part` has of it, and keep there what has come."""
        received = part.stat().st_size if part.exists() else 0
        if received == model.size:
            return
        if received > model.size:
            received = 0
        wanted = {"Range": f"bytes={received}-", "Accept-Encoding": "identity"}
        with self._followed(self._own_address(), headers=wanted) as (content, address):
            status = content.reply.status_code
            follows = content.reply.headers.get("Content-Range", "").startswith(f"bytes {received}-")
            if status == BEYOND_END or (status == IN_PART and not follows):
                part.unlink(missing_ok=True)
                raise Unreachable(f"{address.host} gives out another part than was asked for: try again.")
            if status not in (IN_PART, WHOLE):
                reason = f"{address.host} does not give {model.name} out (HTTP {status})"
                raise RemoteFailure(f"{reason}: correct its address in the preferences, or choose a file.")
            content.is_file, content.most = True, LARGEST_FILE
            received = received if status == IN_PART else 0
            with part.open("r+b" if received else "wb") as stream:
                stream.seek(received)
                for piece in self._pieces(content):
                    stream.write(piece)
                    received += len(piece)
                    if received > model.size:
                        break  # which the hash will tell
                    tell(received / model.size)


def _part(place: Path) -> Path:
    """Where a file is while it is received."""
    return place.with_name(f"{place.name}~")


def _host(url: str) -> str:
    """Who gives the file out, for sentences."""
    try:
        return parse_address(url.strip()).host
    except AddressError:
        return "the model"


def _hash(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            found.update(block)
    return found.hexdigest()


@contextmanager
def _disk(model: ModelFile, place: Path) -> Iterator[None]:
    """What the disk refuses inside becomes a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sentence = f"The disk is full: make room for {model.megabytes} MB in {place.parent}."
        else:
            sentence = f"{place.name} cannot be written to {place.parent} ({error.strerror}): look at that folder."
        raise ProviderError(sentence) from error
