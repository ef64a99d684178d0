# SPDX-License-Identifier: GPL-3.0-or-later
"""What a scene remembers: the photo, its masks and other photos, the options.

Each annotation holds the type of a value beside Blender's property, which `registration` hands on. Arrays count as
tuples: Blender's own are read and set alike.
"""

from collections.abc import Iterator
from typing import Annotated

import bpy

from .items import Items
from .mask_properties import MOST_PROMPT, SAM3D_PG_mask, SAM3D_PG_point, SAM3D_PG_view, note_file
from .match_properties import GUIDE_AXES, SAM3D_PG_match, photo_source
from .photos.file_kind import source_obstacle
from .providers import SERVICES, Capabilities, Service, Subject

WITH_SURFACE = frozenset({"MESH", "CURVE", "SURFACE", "META", "FONT"})
"""Types of objects that a camera sees as bodies."""
USUAL_HEIGHT, USUAL_FACES = 1.0, 20_000
"""Meters and triangles that a limit begins with when it is switched on."""


def _on_photo(settings: "SAM3D_PG_settings", _context: bpy.types.Context) -> None:
    """A photo that has just been chosen is as its file is now."""
    note_file(settings.image)


class SAM3D_PG_painting(bpy.types.PropertyGroup):
    """`workspace.sam3d_painting`: what was set before a mask is painted, and comes back afterwards.

    Undo leaves the colors of the brushes as they are, and it leaves workspaces alone, too.
    """

    is_active: Annotated[bool, bpy.props.BoolProperty()]
    mode: Annotated[str, bpy.props.StringProperty()]
    use_unified_color: Annotated[bool, bpy.props.BoolProperty()]
    color: Annotated[tuple[float, float, float], bpy.props.FloatVectorProperty()]
    secondary_color: Annotated[tuple[float, float, float], bpy.props.FloatVectorProperty()]


class SAM3D_PG_drawing(bpy.types.PropertyGroup):
    """`window_manager.sam3d_drawing`: how the tools draw masks. It is in no file, and no undo changes it."""

    target: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Target",
            items=[
                ("NEW", "New Mask", "Each gesture shows a further object"),
                ("ACTIVE", "Change Mask", "Gestures add to the active mask or take away from it"),
            ],
        ),
    ]
    guide_axis: Annotated[
        str,
        bpy.props.EnumProperty(name="Axis", description="What the next guide is drawn along", items=GUIDE_AXES),
    ]
    brush_radius: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Radius",
            description="Of the brush for strokes, in pixels of the screen",
            subtype="PIXEL",
            default=20.0,
            min=2.0,
            max=400.0,
            precision=0,
        ),
    ]


def _shown_height(settings: "SAM3D_PG_settings") -> float:
    """The height in the scene's units, which is how Blender takes and shows lengths."""
    return settings.height / _unit(settings)


def _set_shown_height(settings: "SAM3D_PG_settings", value: float) -> None:
    settings.height = value * _unit(settings)


def _has_height(settings: "SAM3D_PG_settings") -> bool:
    return settings.height > 0.0


def _switch_height(settings: "SAM3D_PG_settings", on: bool) -> None:
    settings.height = USUAL_HEIGHT if on else 0.0


def _has_face_limit(settings: "SAM3D_PG_settings") -> bool:
    return settings.face_limit > 0


def _switch_face_limit(settings: "SAM3D_PG_settings", on: bool) -> None:
    settings.face_limit = USUAL_FACES if on else 0


def _unit(settings: "SAM3D_PG_settings") -> float:
    """Meters that a unit of the scene is shown as; without a system of units, Blender shows its numbers as they are."""
    scene = settings.id_data
    assert isinstance(scene, bpy.types.Scene)
    units = scene.unit_settings
    return 1.0 if units.system == "NONE" else units.scale_length


class SAM3D_PG_settings(bpy.types.PropertyGroup):
    """`scene.sam3d`: everything that a reconstruction is started from."""

    identity: Annotated[
        str,
        bpy.props.StringProperty(
            name="Identity", description="By which results find this scene again", options={"HIDDEN"}
        ),
    ]
    subject: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Subject",
            description="What the photo shows",
            items=[
                (Subject.OBJECT.value, "Object", "A prop, an animal, a vehicle: anything but people", "MESH_CUBE", 0),
                (Subject.BODY.value, "Body", "People, with a skeleton to pose them", "ARMATURE_DATA", 1),
            ],
        ),
    ]
    provider: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Service",
            description="Who reconstructs",
            items=[(service.id, service.name, service.description) for service in SERVICES.values()],
            default="DRAFT",
        ),
    ]
    source: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Source",
            description="Where the photo comes from",
            items=[
                ("IMAGE", "Image", "A photo or any other image", "IMAGE_DATA", 0),
                ("CAMERA", "Camera", "A render of the scene's camera", "CAMERA_DATA", 1),
            ],
        ),
    ]
    render_mode: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Render Mode",
            description="How the camera's picture is made",
            items=[
                ("RENDER", "Render", "With the scene's engine and settings, as F12 does", "RENDER_STILL", 0),
                ("VIEWPORT", "Viewport", "At once, shaded as the 3D viewport shows it", "VIEW3D", 1),
            ],
        ),
    ]
    camera_masks: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Masks",
            description="Which objects of the scene are masks of the camera's picture, exact to the pixel",
            items=[
                ("NONE", "No Object Masks", "The whole picture, its transparency, or the masks in the list"),
                ("SELECTED", "Selected Objects as One", "All selected objects together are one subject"),
                (
                    "EACH",
                    "Each Selected Object",
                    "Each selected object is a subject of its own, and the result takes its place",
                ),
            ],
        ),
    ]
    image: Annotated[
        bpy.types.Image | None,
        bpy.props.PointerProperty(name="Photo", description="The photo", type=bpy.types.Image, update=_on_photo),
    ]
    masks: Annotated[
        "Items[SAM3D_PG_mask]",
        bpy.props.CollectionProperty(name="Masks", description="Each is one subject of the photo", type=SAM3D_PG_mask),
    ]
    added_views: Annotated[
        "Items[SAM3D_PG_view]",
        bpy.props.CollectionProperty(
            name="Added Photos",
            description="Other photos of what the photos of the scene show, which make drafts better from their sides",
            type=SAM3D_PG_view,
        ),
    ]
    active_mask: Annotated[
        int,
        bpy.props.IntProperty(name="Active Mask", description="The place in the list of the mask that is worked on"),
    ]
    show_masks: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Masks", description="Show the masks over the photo in the image editor", default=True
        ),
    ]
    prompt: Annotated[
        str,
        bpy.props.StringProperty(name="Prompt", description="What the subject is, in a few words", maxlen=MOST_PROMPT),
    ]
    points: Annotated[
        "Items[SAM3D_PG_point]",
        bpy.props.CollectionProperty(name="Points", description="Where the subject is", type=SAM3D_PG_point),
    ]
    use_box: Annotated[
        bool, bpy.props.BoolProperty(name="Use Box", description="Look for the subject inside a box only")
    ]
    box: Annotated[
        tuple[int, int, int, int],
        bpy.props.IntVectorProperty(
            name="Box", description="Left, top, right and bottom in pixels from the photo's top left", size=4, min=0
        ),
    ]
    use_seed: Annotated[
        bool, bpy.props.BoolProperty(name="Fixed Seed", description="Off: a new seed each time, shown afterwards")
    ]
    seed: Annotated[
        int, bpy.props.IntProperty(name="Seed", description="The same seed gives the same result again", min=0)
    ]
    variations: Annotated[
        int,
        bpy.props.IntProperty(
            name="Variations",
            description="Results for each subject; the draft engine tries another kind of shape each time",
            default=1,
            min=1,
            max=4,
        ),
    ]
    artifacts: Annotated[
        bool, bpy.props.BoolProperty(name="Keep Extra Files", description="Also keep the extra files of the service")
    ]
    even_light: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Even Light",
            description="Take the photo's light and shade out of the object's colors, to light it anew; "
            "highlights and cast shadows remain",
        ),
    ]
    face_limit: Annotated[
        int,
        bpy.props.IntProperty(
            name="Face Limit", description="Most faces of each imported object; 0 for as delivered", min=0
        ),
    ]
    height: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Height",
            description="Height of each imported object in meters; 0 for as delivered",
            min=0.0,
        ),
    ]
    shown_height: Annotated[
        float,
        bpy.props.FloatProperty(
            name="Height",
            description="Height of each imported object in the scene; 0 for as delivered",
            min=0.0,
            unit="LENGTH",
            subtype="DISTANCE",
            get=_shown_height,
            set=_set_shown_height,
            options={"SKIP_SAVE"},
        ),
    ]

    use_height: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Use Height",
            description="Off: imported objects are as high as they are delivered",
            get=_has_height,
            set=_switch_height,
            options={"SKIP_SAVE"},
        ),
    ]
    use_face_limit: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Use Face Limit",
            description="Off: imported objects have as many faces as they are delivered with",
            get=_has_face_limit,
            set=_switch_face_limit,
            options={"SKIP_SAVE"},
        ),
    ]
    helper_bones: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Keep Helper Bones",
            description="Of a skeleton that comes with a body: twists, ends, face; off: folded into the bones they "
            "help",
        ),
    ]

    placement: Annotated[
        str,
        bpy.props.EnumProperty(
            name="Placement",
            description="Where results stand",
            items=[
                ("CURSOR", "At the Cursor", "Several beside one another, around the 3D cursor"),
                (
                    "PHOTO",
                    "As in the Photo",
                    "On the ground where the photo shows them, with a camera that sees them as it does",
                ),
            ],
        ),
    ]
    matches: Annotated[
        "Items[SAM3D_PG_match]",
        bpy.props.CollectionProperty(
            name="Matches", description="The photos of the scene whose cameras are known", type=SAM3D_PG_match
        ),
    ]
    masks_in_one_run: Annotated[
        bool,
        bpy.props.BoolProperty(
            name="Masks in One Run",
            description="Send all masks together: paid for once, and what comes back arrives as one result",
        ),
    ]

    @property
    def photo(self) -> bpy.types.Image:
        """The image, where it is known that one was chosen."""
        assert self.image is not None
        return self.image

    @property
    def camera(self) -> bpy.types.Object | None:
        """The camera that was matched to the current photo; None where there is none in the scene."""
        match = self.match
        return None if match is None else self.camera_of(match)

    @property
    def match(self) -> SAM3D_PG_match | None:
        """What the scene remembers of the current photo; None before."""
        return None if self.image is None else self.match_of(photo_source(self.image))

    def match_of(self, source: str) -> SAM3D_PG_match | None:
        """What the scene remembers of a photo; None before."""
        known = next((match for match in self.matches if match.source == source), None)
        if known is not None:
            return known
        moved = (match for match in self.matches if match.image is not None and photo_source(match.image) == source)
        return next(moved, None)

    def camera_of(self, match: SAM3D_PG_match) -> bpy.types.Object | None:
        """The camera of a match, unless it was taken out of the scene."""
        return match.camera if match.camera is not None and self._holds(match.camera) else None

    def ground_of(self, match: SAM3D_PG_match) -> bpy.types.Object | None:
        """The ground of a match, likewise."""
        return match.ground if match.ground is not None and self._holds(match.ground) else None

    def _holds(self, obj: bpy.types.Object) -> bool:
        scene = self.id_data
        assert isinstance(scene, bpy.types.Scene)
        return scene.objects.get(obj.name) == obj

    @property
    def can_place_as_in_photo(self) -> bool:
        """Whether there is a choice. What the scene's camera shows has its places in the scene already: results stand
        where the objects do that are its masks.
        """
        return bool(self.source == "IMAGE")

    @property
    def places_as_in_photo(self) -> bool:
        """Whether results stand where the photo shows them."""
        return self.can_place_as_in_photo and self.placement == "PHOTO"

    @property
    def service(self) -> Service:
        """The chosen provider's description."""
        return SERVICES[self.provider]

    @property
    def capabilities(self) -> Capabilities | None:
        """What the chosen provider can do with the subject; None where it does not make it."""
        return self.service.capabilities.get(self.kind)

    @property
    def kind(self) -> Subject:
        """The subject as the services know it."""
        return Subject(self.subject)

    @property
    def active(self) -> SAM3D_PG_mask | None:
        """The mask that is active in the list."""
        return self.masks[self.active_mask] if 0 <= self.active_mask < len(self.masks) else None

    def used_masks(self) -> list[SAM3D_PG_mask]:
        """The masks that become objects."""
        return [mask for mask in self.masks if mask.use]

    @property
    def views(self) -> list[SAM3D_PG_view]:
        """The other photos of what the photo shows."""
        if self.source != "IMAGE" or self.image is None or not self.added_views:
            return []
        return [view for view in self.added_views if view.photo == self.image and view.image is not None]

    @property
    def most_views(self) -> int:
        """How many other photos the service takes."""
        return 0 if self.source != "IMAGE" or self.capabilities is None else self.capabilities.views

    @property
    def sends_views(self) -> bool:
        """Whether the other photos serve, too."""
        return self.most_views > 0

    def all_masks(self) -> Iterator[SAM3D_PG_mask]:
        """Those in the list, and those of all added photos."""
        yield from self.masks
        yield from (view.mask for view in self.added_views)

    def painted_mask(self, editor: bpy.types.SpaceImageEditor) -> SAM3D_PG_mask | None:
        """The mask that an image editor is set up to paint; None where it shows anything else."""
        if editor.mode != "PAINT" or editor.image is None or editor.image == self.image:
            return None
        return next((mask for mask in self.all_masks() if mask.image == editor.image), None)

    def view_in(self, space: bpy.types.Space | None) -> SAM3D_PG_view | None:
        """The added photo that an image editor shows, or whose mask it is set up to paint."""
        if not isinstance(space, bpy.types.SpaceImageEditor) or space.image is None:
            return None
        paints = space.mode == "PAINT"
        return next(
            (view for view in self.views if view.image == space.image or (paints and view.mask.image == space.image)),
            None,
        )

    def photo_in(self, space: bpy.types.Space | None) -> bpy.types.Image | None:
        """The photo, or the added one, that an image editor shows, or a mask of which it is set up to paint."""
        if not isinstance(space, bpy.types.SpaceImageEditor) or space.image is None:
            return None
        view = self.view_in(space)
        if view is not None:
            return view.image
        return self.image if space.image == self.image or self.painted_mask(space) is not None else None

    def mask_in(self, space: bpy.types.Space | None) -> SAM3D_PG_mask | None:
        """The mask that is worked on: that of the added photo that an image editor shows, else the active one."""
        view = self.view_in(space)
        return self.active if view is None else view.mask

    @property
    def masks_objects(self) -> bool:
        """Whether objects of the scene are the masks, instead of those in the list."""
        return bool(self.source == "CAMERA" and self.camera_masks != "NONE")

    def selected_objects(self) -> list[bpy.types.Object]:
        """The selected objects of the scene that a camera sees as bodies."""
        scene, context = self.id_data, bpy.context
        assert isinstance(scene, bpy.types.Scene)
        layer = context.view_layer if context.scene == scene else scene.view_layers[0]
        assert layer is not None
        return [obj for obj in layer.objects.selected if obj.type in WITH_SURFACE]

    @property
    def subject_count(self) -> int:
        """How many masks there are to tell subjects by, at least one for the whole photo."""
        if not self.masks_objects:
            return max(1, len(self.used_masks()))
        return max(1, len(self.selected_objects())) if self.camera_masks == "EACH" else 1

    @property
    def sends_masks_together(self) -> bool:
        """Whether all masks go into one task."""
        many = self.capabilities is not None and self.capabilities.masks > 1
        return bool(self.masks_in_one_run) and many and self.subject_count > 1

    @property
    def result_count(self) -> int:
        """How many results the button asks for, each of which is paid for."""
        subjects = 1 if self.sends_masks_together else self.subject_count
        return subjects * int(self.variations)

    def obstacle(self, scene: bpy.types.Scene) -> str:
        """Why these settings cannot be reconstructed now, as a sentence; empty when they can. Cheap enough to draw."""
        service, capabilities = self.service, self.capabilities
        if capabilities is None:
            return f"{service.name} makes objects only: set the subject to Object."
        obstacle = self._photo_obstacle(scene) or ("" if self.masks_objects else self._masks_obstacle())
        obstacle = obstacle or self._views_obstacle()
        if obstacle:
            return obstacle
        if self.sends_masks_together and self.subject_count > capabilities.masks:
            return f"{service.name} takes {capabilities.masks} masks in one run at most: switch some off."
        if self.use_seed and capabilities.largest_seed and self.seed > capabilities.largest_seed:
            return f"{service.name} takes seeds up to {capabilities.largest_seed:,}: choose a smaller one."
        return ""

    def _photo_obstacle(self, scene: bpy.types.Scene) -> str:  # noqa: PLR0911 - a list of reasons
        """Why there is no photo, or why the camera cannot take it now."""
        if self.source == "IMAGE":
            image = self.image
            if image is None:
                return "Choose a photo first."
            return source_obstacle(image.name, image.source, image.filepath, len(image.tiles))
        if scene.camera is None:
            return "The scene has no camera: add one, or use an image."
        if self.render_mode == "VIEWPORT" and bpy.app.background:
            return "Without a window there is no viewport to draw: set the render mode to Render."
        if self.masks_objects and not self.selected_objects():
            return "No object is selected: select what to reconstruct, or choose No Object Masks."
        if bpy.app.is_job_running("RENDER"):  # type: ignore[func-returns-value]  # it returns a bool
            return "Blender is rendering: wait for it, or stop it with Esc."
        if (self.render_mode == "RENDER" or self.masks_objects) and _has_rigid_bodies(scene):
            return "Rigid bodies would be seen where they began: bake them to keyframes, or use a render as the image."
        return ""

    def _masks_obstacle(self) -> str:
        """Why the masks in the list cannot be used."""
        used = self.used_masks()
        if any(mask.is_empty for mask in used):
            return "A mask is empty: draw a box or points, paint it, choose an image, or remove it."
        if self.sends_masks_together and any(mask.image is None for mask in used):
            return "Masks in one run need an image each: update the masks, or switch that option off."
        if self.masks and not used:
            return "No mask is switched on: switch one on, or remove all masks to use the whole photo."
        return ""

    def _views_obstacle(self) -> str:
        """Why the added photos cannot be used."""
        views = self.views if self.sends_views else []
        if len(views) > self.most_views:
            return f"{self.service.name} takes {self.most_views + 1} photos of a thing at most: remove one first."
        for number, view in enumerate(views, 2):
            if view.mask.is_empty:
                return f"Photo {number} has no mask yet: draw a box around the thing in it, or remove the photo."
        if views and self.subject_count > 1:
            return "Several photos show one thing: switch all masks but one off, or remove the added photos."
        return ""


def _has_rigid_bodies(scene: bpy.types.Scene) -> bool:
    """Whether physics has moved objects of the scene, which a copy of the scene does not know of."""
    world = scene.rigidbody_world
    if world is None or not world.enabled or world.collection is None:
        return False
    begun = scene.frame_current > world.point_cache.frame_start
    return begun and any(obj.rigid_body and obj.rigid_body.type == "ACTIVE" for obj in world.collection.objects)


def settings_of(context: bpy.types.Context) -> SAM3D_PG_settings:
    """The settings of the context's scene."""
    assert context.scene is not None
    return scene_settings(context.scene)


def scene_settings(scene: bpy.types.Scene) -> SAM3D_PG_settings:
    """`scene.sam3d`, with its type."""
    settings: SAM3D_PG_settings = scene.sam3d  # type: ignore[attr-defined]  # Blender's stubs do not know it
    return settings


def drawing_of(manager: bpy.types.WindowManager) -> SAM3D_PG_drawing:
    """`window_manager.sam3d_drawing`, with its type."""
    drawing: SAM3D_PG_drawing = manager.sam3d_drawing  # type: ignore[attr-defined]  # as above
    return drawing


def painting_of(workspace: bpy.types.WorkSpace) -> SAM3D_PG_painting:
    """`workspace.sam3d_painting`, with its type."""
    painting: SAM3D_PG_painting = workspace.sam3d_painting  # type: ignore[attr-defined]  # as above
    return painting
