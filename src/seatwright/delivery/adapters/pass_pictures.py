"""The pictures of a pass: a torn-off ticket in the organiser's colours, drawn here."""

import struct
import zlib
from functools import lru_cache

from seatwright.delivery.domain import colors

# Apple's sizes of an icon in points; a phone takes the picture of its own density.
_ICON_POINTS = 29
_LOGO_POINTS = 50
_DENSITIES = {"": 1, "@2x": 2, "@3x": 3}
# Of the side: the ticket's margin to the left and above, the radius of its notches.
_LEFT, _TOP, _NOTCH = 0.14, 0.28, 0.09
_TEAR = 0.62
_TEAR_WIDTH = 0.03
_SAMPLES = 3


@lru_cache(maxsize=64)
def pictures(accent: str) -> dict[str, bytes]:
    """`icon.png`, `logo.png` and their denser versions, for a colour `#rrggbb`."""
    made = {}
    for name, points in (("icon", _ICON_POINTS), ("logo", _LOGO_POINTS)):
        for ending, density in _DENSITIES.items():
            made[f"{name}{ending}.png"] = _png(points * density, accent)
    return made


def _png(side: int, accent: str) -> bytes:
    back, ink = colors.channels(accent), colors.channels(colors.ink_on(accent))
    lines = []
    for y in range(side):
        line = bytearray(b"\0")
        for x in range(side):
            share = _covered(x, y, side)
            line += bytes(round(b + (i - b) * share) for b, i in zip(back, ink, strict=True))
        lines.append(bytes(line))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(lines), 9)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _covered(x: int, y: int, side: int) -> float:
    """Which share of this pixel the ticket covers."""
    step = 1 / _SAMPLES
    inside = sum(
        _in_ticket((x + (i + 0.5) * step) / side, (y + (j + 0.5) * step) / side)
        for i in range(_SAMPLES)
        for j in range(_SAMPLES)
    )
    return inside / _SAMPLES**2


def _in_ticket(x: float, y: float) -> bool:
    if not (_LEFT <= x <= 1 - _LEFT and _TOP <= y <= 1 - _TOP):
        return False
    if abs(x - _TEAR) < _TEAR_WIDTH / 2 and int(y * 24) % 2:
        return False
    return all((x - _TEAR) ** 2 + (y - edge) ** 2 > _NOTCH**2 for edge in (_TOP, 1 - _TOP))


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
