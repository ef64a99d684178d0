# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kind of shape a word for the subject tells."""

from __future__ import annotations

import re

NOUNS = {
    "revolution": (
        "apple ball barrel bottle bowl bucket bulb candle can cone cup cylinder dish drum flask funnel glass "
        "globe goblet jar jug keg lantern melon mug orange pan pawn pill pitcher plate plates pot pumpkin "
        "saucer sphere tomato urn vase wheel wok"
    ),
    "box": (
        "battery book box brick cabinet carton chest computer crate cube cupboard die dice dresser fridge "
        "microwave monitor oven package parcel phone radio refrigerator safe speaker suitcase television "
        "toaster trunk tv wardrobe"
    ),
    "carved": "barn building cabin castle church cottage factory garage hotel house hut shed tower villa",
    "furniture": "armchair bed bench chair couch desk shelf sofa stool table",
    "vehicle": (
        "ambulance automobile bulldozer bus cab car jeep limousine locomotive lorry pickup sedan suv taxi "
        "tractor train tram truck van"
    ),
    "organic": (
        "animal bear bird boy bust bush bunny cat cow croissant cushion dinosaur dog doll dolphin dragon duck "
        "elephant face figure fish flower fox frog girl guitar hand hare head horse human lemur lion lizard "
        "man monkey monster mouse mushroom owl panda penguin person pig pillow plant plush rabbit rat rock "
        "rose shark sheep shoe shoes sneaker squirrel statue stone teddy tiger tree turtle unicorn violin "
        "whale wolf woman"
    ),
}
"""Words for subjects that are of one kind of shape as a rule."""
KINDS_OF_WORDS = {word: kind for kind, words in NOUNS.items() for word in words.split()}
BEGIN_ASIDES = frozenset("with on in at of for from by beside under near behind and without made".split())
"""Words after which something else is spoken of."""


def kind_told(prompt: str) -> str:
    """The kind of shape that a prompt such as "a red mug on a table" tells; empty where it tells none.

    The last word that is known counts, before anything that is told beside: a toy car is a car.
    """
    told = ""
    for word in re.findall(r"[a-z]+", prompt.casefold()):
        if word in BEGIN_ASIDES:
            break
        singular = (word, word.removesuffix("s"), word.removesuffix("es"))
        told = next((KINDS_OF_WORDS[known] for known in singular if known in KINDS_OF_WORDS), told)
    return told
