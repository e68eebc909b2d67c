"""An organiser's colour, and what can be read on it."""

import re

DEFAULT = "#16181d"
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_DARK, _LIGHT = "#16181d", "#ffffff"
# WCAG 2.2 §1.4.3 asks 4.5 of text; where white reaches it, white it is, as buttons mostly are.
_CONTRAST_MIN = 4.5


def sound(color: str) -> str:
    """The colour, or a dark grey when it is none."""
    return color.lower() if _COLOR.fullmatch(color) else DEFAULT


def ink_on(color: str) -> str:
    """Black or white, whichever is read on this colour (WCAG 2.2, contrast of at least 4.5)."""
    return _LIGHT if contrast(_LIGHT, color) >= _CONTRAST_MIN else _DARK


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def channels(color: str) -> tuple[int, int, int]:
    """Red, green and blue of `#rrggbb`, 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    low = 0.04045
    return channel / 12.92 if channel <= low else float(((channel + 0.055) / 1.055) ** 2.4)
