# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene a result was made for, whatever becomes of the scene's name and of its file meanwhile.

Each scene has an identity. While its file is open it goes by Blender's own `session_uid`, which renaming, saving under
any name and undo leave alone; a copy of a scene has another one. In the file it is a setting of the scene, for when
that is opened again. Only the file of that path counts then: a copy of it has the same scenes, and is another file.
"""

import uuid

import bpy

from ..jobs.model import Destination
from ..properties import scene_settings


class SceneIdentities:
    """The identities of the scenes that this Blender has had open, and where their files are."""

    def __init__(self) -> None:
        """No scene is known yet."""
        self._open: dict[str, int] = {}
        """The `session_uid` of each scene of the open file that has an identity."""
        self._saved: dict[str, str] = {}
        """The file in which each scene was saved last."""
        self._unmarked: set[int] = set()
        """Scenes of the open file that had no identity when it was opened."""
        self._is_read = False

    def of(self, scene: bpy.types.Scene) -> str:
        """The scene's identity, a new one where it had none: what was appended is this file's own, whatever it says."""
        self._read_once()
        known = next((identity for identity, uid in self._open.items() if uid == scene.session_uid), "")
        identity = known or uuid.uuid4().hex
        self._open[identity] = scene.session_uid
        self._saved.setdefault(identity, bpy.data.filepath)
        _mark(scene, identity)
        return identity

    def find(self, destination: Destination) -> bpy.types.Scene | None:
        """The scene of the open file that a destination means; None where that has gone, or is in another file."""
        self._read_once()
        uid = self._open.get(destination.identity)
        if uid is not None:
            return next((scene for scene in bpy.data.scenes if scene.session_uid == uid), None)
        saved = self._saved.get(destination.identity, destination.blend)
        scene = bpy.data.scenes.get(destination.scene)
        if scene is None or not saved or saved != bpy.data.filepath:
            return None
        if destination.identity and scene.session_uid not in self._unmarked:
            return None
        return scene

    def keep_in_file(self) -> None:
        """Before a file is saved: its scenes get their identities, also those that undo has taken them from."""
        for scene in _own_scenes():
            self.of(scene)

    def note_saved(self) -> None:
        """After a file was saved, perhaps under another name."""
        self._saved.update(dict.fromkeys(self._open, bpy.data.filepath))
        self._unmarked.clear()

    def read_file(self) -> None:
        """After a file was opened: find its scenes again. One that was never saved has none that are known."""
        self._is_read = True
        self._open.clear()
        scenes = _own_scenes()
        marks = [scene_settings(scene).identity for scene in scenes]
        self._unmarked = {scene.session_uid for scene, mark in zip(scenes, marks, strict=True) if not mark}
        for scene, mark in zip(scenes, marks, strict=True):
            # a scene and its copy may have been saved with the same mark: then neither is surely the one
            if mark and marks.count(mark) == 1 and self._free_mark(scene):
                self._open[mark] = scene.session_uid
                self._saved[mark] = bpy.data.filepath

    def _read_once(self) -> None:
        """The file may have been open before the extension was enabled."""
        if not self._is_read:
            self.read_file()

    def _free_mark(self, scene: bpy.types.Scene) -> str:
        """The identity that the file tells of a scene, unless it is another's: of a copy, or of another file."""
        mark, path = scene_settings(scene).identity, bpy.data.filepath
        mine = path and mark not in self._open and self._saved.get(mark, path) == path
        return mark if mine else ""


def _own_scenes() -> list[bpy.types.Scene]:
    """The scenes of the open file that are not linked from another one."""
    return [scene for scene in bpy.data.scenes if scene.library is None]


def _mark(scene: bpy.types.Scene, identity: str) -> None:
    if scene.library is None and scene_settings(scene).identity != identity:
        scene_settings(scene).identity = identity
