# SPDX-License-Identifier: GPL-3.0-or-later
"""The help in Blender: what opens the browser, and at which place; the sample; presets; entries for keys."""

import json
import re
import urllib.request
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import bpy
from bl_ext.user_default.sam3d.operators.keymap import ANYWHERE, IN_VIEWPORT
from bl_ext.user_default.sam3d.panels.menus import MENUS
from bl_ext.user_default.sam3d.runtime.manual_map import PLACES
from common import FOLDER, all_preferences, empty_file, imported_objects, newest

OPENED = FOLDER / "opened.txt"
"""Where the browser of these tests writes the addresses that it is to open."""
HERE = "http://127.0.0.1:"


def opened() -> str:
    """The page and place that the browser was sent to last, which is there, in that page."""
    address = OPENED.read_text().split()[-1]
    assert address.startswith(HERE), address
    _, _, place = address.removeprefix("http://").partition("/")
    page, _, anchor = address.partition("#")
    text = urllib.request.urlopen(page, timeout=10).read().decode()
    assert not anchor or f'id="{anchor}"' in text, address
    return place


def help_is_opened_at_its_place() -> None:
    """By the button, by F1 over properties and operators, and from messages."""
    empty_file()
    assert bpy.ops.sam3d.help() == {"FINISHED"}
    assert opened() == "guide.html"
    bpy.ops.sam3d.help(page="services.html", anchor="setting-up")
    assert opened() == "services.html#setting-up"
    for asked, place in (
        ("SAM3D_PG_settings.image", "guide.html#where-the-photo-comes-from"),
        ("SAM3D_PG_settings.face_limit", "guide.html#options"),
        ("SAM3D_PG_mask.use", "choosing.html"),
        ("sam3d.rig_body", "bodies.html#a-mesh-from-elsewhere"),
        ("SAM3D_AP_preferences.segmind_api_key", "segmind.html#getting-a-key"),
    ):
        if bpy.app.version < (5, 0) and "preferences" in asked:  # those Blenders do not find any add-on's
            continue
        assert bpy.ops.wm.doc_view_manual(doc_id=asked) == {"FINISHED"}, asked
        assert opened() == place
    bpy.ops.sam3d.explain(message="WaveSpeedAI's answer names no model: it is kept in the job's folder.")
    assert opened() == "troubleshooting.html#s-answer-names-no-model-it-is-kept-in-the"
    bpy.ops.sam3d.explain(message="Nobody says this.")
    assert opened() == "troubleshooting.html"
    bpy.ops.wm.doc_view_manual(doc_id="Object.location")  # Blender's own
    assert "docs.blender.org" in OPENED.read_text().split()[-1]


def manual_covers_everything() -> None:
    """Each property and operator has a place, and each place is there. All of them tell what they do."""
    names = [f"bpy.ops.sam3d.{name}" for name in dir(bpy.ops.sam3d)]
    groups = (bpy.types.Scene.bl_rna.properties["sam3d"].fixed_type, all_preferences().bl_rna)
    groups += tuple(groups[0].properties[name].fixed_type for name in ("masks", "points"))
    inherited = {"bl_idname", *bpy.types.PropertyGroup.bl_rna.properties.keys()}
    own = [(group, prop) for group in groups for prop in group.properties if prop.identifier not in inherited]
    names += [f"bpy.types.{group.identifier}.{prop.identifier}".lower() for group, prop in own]
    assert len(names) > 80
    assert not [name for name in names if not any(fnmatchcase(name, pattern) for pattern, _ in PLACES)]
    for _, place in PLACES:
        page, _, anchor = place.partition("#")
        text = Path(all_files(), page).read_text("utf-8")
        assert not anchor or f'id="{anchor}"' in text, place
    silent = [f"{group.identifier}.{prop.identifier}" for group, prop in own if is_silent(prop)]
    for name in dir(bpy.ops.sam3d):
        operator = getattr(bpy.ops.sam3d, name).get_rna_type()
        silent += [] if operator.description else [name]
        silent += [f"{name}.{prop.identifier}" for prop in operator.properties if is_silent(prop)]
    assert not silent, silent


def is_silent(prop: Any) -> bool:
    """Whether an artist who points at a property is told nothing."""
    return not (prop.description or prop.is_hidden or prop.identifier == "rna_type")


def all_files() -> Path:
    """The folder of the pages in the installed extension."""
    from bl_ext.user_default.sam3d.runtime.help_pages import FOLDER as PAGES

    return PAGES


def a_sample_becomes_an_object() -> None:
    """A mug, and a mannequin for bodies: taken along in the file, so that the extension may go."""
    _, settings = empty_file()
    assert bpy.ops.sam3d.try_sample() == {"FINISHED"}
    image = settings.image
    assert image.packed_file is not None and image.name == "mug.jpg"
    assert bpy.ops.sam3d.try_sample() == {"FINISHED"} and settings.image == image
    assert bpy.ops.sam3d.reconstruct() == {"FINISHED"}, newest()[0].message
    (mug,) = imported_objects()
    assert mug.type == "MESH"
    settings.subject = "BODY"
    assert bpy.ops.sam3d.try_sample() == {"FINISHED"}
    assert settings.image.name == "mannequin.png"


def presets_are_kept_applied_and_forgotten() -> None:
    """Options go into a file of Blender's own; photo, prompt and keys do not."""
    _, settings = empty_file()
    all_preferences().wavespeed_api_key = "a-secret-key"
    bpy.ops.sam3d.try_sample()
    settings.prompt = "a secret prompt"
    settings.provider, settings.variations, settings.height, settings.face_limit = "WAVESPEED", 3, 0.25, 5000
    assert bpy.ops.sam3d.add_preset(name="Hero") == {"FINISHED"}
    (file,) = (
        Path(folder, "Hero.py") for folder in bpy.utils.preset_paths("sam3d") if Path(folder, "Hero.py").exists()
    )
    text = file.read_text()
    assert not re.search("secret|mug|api_key|image|masks\\b", text), text
    settings.provider, settings.variations, settings.height, settings.face_limit = "DRAFT", 1, 0.0, 0
    applied: dict[str, Any] = {"filepath": str(file), "menu_idname": "SAM3D_PT_presets"}
    assert bpy.ops.script.execute_preset(**applied) == {"FINISHED"}
    assert (settings.provider, settings.variations, settings.face_limit) == ("WAVESPEED", 3, 5000)
    assert abs(settings.height - 0.25) < 1e-6
    assert settings.prompt == "a secret prompt" and settings.image is not None
    assert bpy.ops.sam3d.add_preset(name="Hero", remove_name=True) == {"FINISHED"}
    assert not file.exists()
    brought = sorted(path for folder in bpy.utils.preset_paths("sam3d") for path in Path(folder).glob("*.py"))
    assert len(brought) == 3
    for path in brought:
        applied["filepath"] = str(path)
        assert bpy.ops.script.execute_preset(**applied) == {"FINISHED"}
    assert (settings.provider, settings.variations) == ("DRAFT", 4)


def keys_and_menus_have_entries() -> None:
    """Keys are the artist's to give; Blender's menus draw what is ours."""
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is not None:
        ours = [
            item
            for keymap in configuration.keymaps
            for item in keymap.keymap_items
            if item.idname in ANYWHERE + IN_VIEWPORT
        ]
        assert len(ours) == 2 * len(ANYWHERE) + len(IN_VIEWPORT)
        assert {item.type for item in ours} == {"NONE"}
        steps = [item.properties.step for item in ours if item.idname == "sam3d.show_variation"]
        assert sorted(steps) == [-1, 1]
    for name, _, draw in MENUS:
        assert draw in getattr(bpy.types, name).draw._draw_funcs, name
    print(json.dumps(sorted(name for name, _, _ in MENUS)))
