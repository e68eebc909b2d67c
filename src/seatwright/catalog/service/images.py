"""Posters: immutable files named by their hash, made by us."""

import hashlib

from seatwright.catalog.service.catalogue import IMAGES
from seatwright.kit.files import Files


async def keep_poster(files: Files, svg: bytes) -> str:
    """
    Keep a poster that our own code has drawn, and answer its address.

    Not a door for uploads: what others draw must be parsed and drawn anew before it gets here.
    """
    name = f"{hashlib.sha256(svg).hexdigest()[:32]}.svg"
    await files.write(folder=IMAGES, name=name, content=svg)
    return f"/v1/images/{name}"
