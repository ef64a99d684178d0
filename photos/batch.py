# SPDX-License-Identifier: GPL-3.0-or-later
"""The subjects of one photo that were asked for together: the photo is prepared once for all of them. No bpy."""

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from ..engine.arrays import Mask
from ..engine.matching.evidence import CameraGuess
from ..engine.matching.guides import GuideError
from ..engine.selection import SelectionError
from .camera_guesses import NO_WISHES, CameraWishes, guess_camera
from .close_up import CloseUp, close_up, union
from .color import OPAQUE, to_srgb
from .decode import Opened, fitting, open_picture
from .errors import PhotoError
from .exif import ExifLens, read_exif_lens
from .layout import Frame, Place, arrange, extent
from .masks import HALF, UprightMask, from_alpha, to_png, turned_upright
from .orientation import Size, apply_orientation, inverse, turned_box, upright_size
from .photo_selector import PhotoSelector
from .picture import LONGEST_EDGE, Picture, PictureBytes, PictureFile, PicturePixels
from .prompts import NO_PROMPTS, Prompts, on_sent, to_pixels


@dataclass(frozen=True)
class PreparedPhoto:
    """The photo as it was opened, and as it is sent: upright 8-bit sRGB, RGB or RGBA, not too large."""

    opened: Opened
    upright: Image.Image

    @property
    def notes(self) -> tuple[str, ...]:
        """What the artist should know of it."""
        cut = "The end of the photo's file is missing: see in Blender whether the photo is whole, or use another copy."
        return (cut,) if self.opened.is_cut else ()


@dataclass(frozen=True)
class SubjectMask:
    """A subject in the sent photo: its masks as grayscale PNGs of 0 and 255 in the photo's size, the frame around them
    (None: the whole photo), and what the artist should know. `close_up` is the part of the photo that shows more of it,
    if any, with its masks there. `selected` is a mask that is not sent, because the service understands the prompts.
    """

    masks: tuple[bytes, ...]
    frame: Frame | None
    notes: tuple[str, ...]
    close_up: CloseUp | None = None
    selected: bytes | None = None

    @property
    def known_masks(self) -> tuple[bytes, ...]:
        """What is known of where the subject is, whatever is sent."""
        return self.masks if self.selected is None else (self.selected,)


@dataclass(frozen=True)
class SubjectPrompt:
    """How the artist tells one subject: by masks, of which several go into one run, else by prompts; else all is meant.

    `prompts_are_sent` tells that the service understands the prompts itself, so that they need not become a mask;
    `may_be_foreign` that masks which have files of their own may be another program's.
    """

    masks: tuple[Picture, ...] = ()
    prompts: Prompts = NO_PROMPTS
    prompts_are_sent: bool = False
    may_be_foreign: bool = False


class Batch:
    """One photo and its subjects. Safe to use from several threads: what one has worked out serves all."""

    def __init__(
        self,
        photo: Picture,
        subjects: Sequence[SubjectPrompt] = (SubjectPrompt(),),
        longest_edge: int = LONGEST_EDGE,
        wishes: CameraWishes = NO_WISHES,
        model: Path | None = None,
    ) -> None:
        """`subjects` has one for each; `longest_edge` is the most pixels of the photo's longer side.

        `wishes` are what is known of the photo's camera. `model` is the file of the model that selects by prompts; None
        for the built-in selection.
        """
        self._photo, self._subjects, self._longest_edge, self._wishes = photo, subjects, longest_edge, wishes
        self._model = model
        self._lock = threading.RLock()
        self._prepared: PreparedPhoto | None = None
        self._selector: PhotoSelector | None = None
        self._subject_masks: dict[int, SubjectMask] = {}
        self._in_full: Opened | None = None
        self._camera: CameraGuess | None = None

    def photo(self) -> PreparedPhoto:
        """The photo; raises PhotoError where it cannot be used."""
        with self._lock:
            if self._prepared is None:
                self._prepared = self._prepare()
            return self._prepared

    def subject_mask(self, number: int) -> SubjectMask:
        """The subject of that number, from 0; raises PhotoError where its masks cannot be used."""
        with self._lock:
            if number not in self._subject_masks:
                self._subject_masks[number] = self._make_mask(number)
            return self._subject_masks[number]

    def places(self, *, height: float, bodies: bool) -> tuple[list[Place], float]:
        """The place of each subject as `arrange` tells, and the room in meters that all of them take along X.

        A subject that cannot be used, which its own job will tell, counts as all of the photo.
        """
        with self._lock:
            frames = [self._frame(number) for number in range(len(self._subjects))]
            places = arrange(frames, height=height, bodies=bodies)
            return places, extent(places)

    def lens(self) -> ExifLens | None:
        """What the EXIF of the photo's own file tells of its lens."""
        file: Picture | None = self._photo
        while isinstance(file, PictureBytes | PicturePixels):
            found = read_exif_lens(file.data) if isinstance(file, PictureBytes) else None
            if found is not None:
                return found
            file = file.loaded_from
        return read_exif_lens(file.path) if isinstance(file, PictureFile) else None

    def camera(self) -> CameraGuess:
        """The likeliest camera of the photo, in pixels of the photo that is sent; raises PhotoError."""
        with self._lock:
            if self._camera is None:
                picture, masks = np.asarray(self.photo().upright.convert("RGB")), self._all_masks()
                try:
                    self._camera = guess_camera(picture, self.upright_size(), self.lens(), self._wishes, masks)[0]
                except GuideError as error:
                    raise PhotoError(str(error)) from error
            return self._camera

    def _prepare(self) -> PreparedPhoto:
        opened = open_picture(self._photo, "photo", self._longest_edge)
        upright = apply_orientation(shown(opened, self._longest_edge), opened.orientation)
        if min(upright.size) < 2:  # a line of pixels has no area
            width, height = opened.size
            raise PhotoError(f"The photo has only {width} x {height} pixels: choose a larger one.")
        if upright.mode == "RGBA" and not upright.getchannel("A").getbbox():
            raise PhotoError(
                "The photo is fully transparent, so nothing can be seen in it: choose another, or remove its alpha."
            )
        return PreparedPhoto(opened, upright)

    def close_up_photo(self, close_up: CloseUp) -> Image.Image:
        """That part of the photo, as it is sent: upright 8-bit sRGB, RGB or RGBA; raises PhotoError."""
        with self._lock:
            opened = self._opened_in_full()
        lying = turned_box(close_up.window, close_up.whole, inverse(opened.orientation))
        part = to_srgb(opened.image.crop(lying), opened.profile)
        part = apply_orientation(part, opened.orientation)
        return part if part.size == close_up.size else part.resize(close_up.size, Image.Resampling.LANCZOS)

    def upright_size(self) -> Size:
        """The size of the upright photo in its own pixels; raises PhotoError."""
        opened = self.photo().opened
        return upright_size(opened.size, opened.orientation)

    def _opened_in_full(self) -> Opened:
        """The photo with all its pixels: a JPEG was opened in fewer."""
        opened = self.photo().opened
        if opened.image.size == opened.size:
            return opened
        if self._in_full is None:
            self._in_full = open_picture(self._photo, "photo")
        return self._in_full

    def _make_mask(self, number: int) -> SubjectMask:
        photo, subject = self.photo(), self._subjects[number]
        if subject.masks:
            masks = self._opened_masks(subject)
            scaled = [mask.scaled(photo.upright.size) for mask in masks]
            notes = tuple(mask.note for mask in masks if mask.note)
            return self._subject_mask(scaled, masks, subject.prompts, notes)
        if subject.prompts:
            selected, notes = self._select(subject.prompts)
            if subject.prompts_are_sent:
                part = self._close_up([], subject.prompts)
                return SubjectMask((), _frame([selected]), (), part, to_png(selected))
            return self._subject_mask([selected], [UprightMask(selected)], subject.prompts, notes)
        alpha = from_alpha(photo.upright)
        if alpha is None:
            return SubjectMask((), None, ())
        own = apply_orientation(photo.opened.image.getchannel("A"), photo.opened.orientation)
        return self._subject_mask([alpha], [UprightMask(own)])

    def _opened_masks(self, subject: SubjectPrompt) -> list[UprightMask]:
        masks = []
        for index, mask in enumerate(subject.masks, 1):
            role = "mask" if len(subject.masks) == 1 else f"mask {index}"
            foreign = subject.may_be_foreign and _has_file(mask)
            opened = open_picture(mask, role)
            masks.append(turned_upright(opened, self.photo().opened, role, may_be_foreign=foreign))
        return masks

    def _subject_mask(
        self,
        scaled: Sequence[Image.Image],
        masks: Sequence[UprightMask],
        prompts: Prompts = NO_PROMPTS,
        notes: tuple[str, ...] = (),
    ) -> SubjectMask:
        """The subject that masks show: `scaled` to the sent photo, and as they are."""
        part = self._close_up(masks, prompts)
        if part is not None:
            part = replace(part, masks=tuple(to_png(mask.scaled(part.size, part.shares)) for mask in masks))
        return SubjectMask(tuple(map(to_png, scaled)), _frame(scaled), notes, part)

    def _close_up(self, masks: Sequence[UprightMask], prompts: Prompts) -> CloseUp | None:
        """The part of the photo around all masks and prompts. Points alone do not tell how large their subject is."""
        whole = self.upright_size()
        if max(whole) <= self._longest_edge or not (masks or prompts.box):
            return None
        opened = self.photo().opened
        placed = on_sent(prompts, opened.size, whole, opened.orientation)
        frames = [frame for mask in masks if (frame := mask.frame(whole))]
        frames += [Frame(*placed.box)] if placed.box else []
        frames += [Frame(point.x, point.y, point.x + 1, point.y + 1) for point in placed.points]
        return close_up(union(frames), whole, self._longest_edge) if frames else None

    def _select(self, prompts: Prompts) -> tuple[Image.Image, tuple[str, ...]]:
        """The mask of what the prompts show, and what the artist should know; raises PhotoError where they show
        nothing.
        """
        photo = self.photo()
        if self._selector is None:
            self._selector = PhotoSelector(np.asarray(photo.upright.convert("RGB")), self._model)
        opened = photo.opened
        try:
            pixels = to_pixels(prompts, opened.size, photo.upright.size, opened.orientation)
            selected = self._selector.candidates(pixels)[0].mask
        except SelectionError as error:
            raise PhotoError(str(error)) from error
        notes = (self._selector.problem,) if self._selector.problem else ()
        return Image.fromarray(selected.astype(np.uint8) * OPAQUE), notes

    def _all_masks(self) -> list[Mask]:
        """Those of all subjects (h, w) in the sent photo; what cannot be used its own job will tell."""
        found: list[Mask] = []
        for number in range(len(self._subjects)):
            try:
                masks = self.subject_mask(number).known_masks
            except PhotoError:
                continue
            found += [np.asarray(Image.open(io.BytesIO(mask))) >= HALF for mask in masks]
        return found

    def _frame(self, number: int) -> Frame:
        try:
            frame = self.subject_mask(number).frame
        except PhotoError:
            frame = None
        return frame or Frame(0, 0, *self.photo().upright.size)


def _has_file(mask: Picture) -> bool:
    """Whether a mask has a file of its own, which what is drawn or painted in Blender has not."""
    return isinstance(mask, PictureFile) or (isinstance(mask, PictureBytes) and mask.loaded_from is not None)


def shown(opened: Opened, longest_edge: int) -> Image.Image:
    """A photo as it lies in its file, in sRGB and not too large: RGB or RGBA."""
    image, size = opened.image, fitting(opened.size, longest_edge)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return to_srgb(image, opened.profile)


def _frame(masks: Sequence[Image.Image]) -> Frame | None:
    """The rectangle around all masks, in their pixels; None where they are black."""
    boxes = [Frame(*box) for mask in masks if (box := mask.getbbox())]
    return union(boxes) if boxes else None
