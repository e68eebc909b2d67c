"""
Abstract pictures for events that do not exist.

Pure: the same slug, colours and style give the same bytes. No text, no links, no scripts.
"""

import hashlib
from collections.abc import Iterator
from itertools import count
from math import cos, pi, sin, tau
from typing import Literal

PosterStyle = Literal["rays", "waves", "rings", "drapes", "hills", "confetti"]
WIDTH, HEIGHT = 1200, 900


class _Dice:
    """Numbers that look random and are a function of a text."""

    def __init__(self, seed: str) -> None:
        self._numbers = self._stream(seed)

    def between(self, low: float, high: float) -> float:
        """A number with one decimal, low ≤ number ≤ high."""
        return round(low + (high - low) * next(self._numbers) / 65_535, 1)

    @staticmethod
    def _stream(seed: str) -> Iterator[int]:
        for block in count():
            digest = hashlib.sha256(f"{seed}/{block}".encode()).digest()
            for at in range(0, len(digest), 2):
                yield int.from_bytes(digest[at : at + 2], "big")


def poster(slug: str, colors: tuple[str, str, str], style: PosterStyle) -> bytes:
    """
    An SVG of 1200 by 900: ground, main and accent colour (`#RRGGBB`) in one of six styles.

    The middle third carries the motif, so that it can be cropped to a square or a banner.
    """
    ground, main, accent = colors
    shapes = "".join(_STYLES[style](_Dice(slug), main, accent))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-hidden="true">'
        f'<defs><linearGradient id="g" x1="0" y1="0" x2="0.4" y2="1">'
        f'<stop offset="0" stop-color="{ground}"/>'
        f'<stop offset="1" stop-color="{_mixed(ground, main, 0.35)}"/></linearGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#g)"/>{shapes}</svg>'
    ).encode()


def _rays(dice: _Dice, main: str, accent: str) -> Iterator[str]:
    x, y = dice.between(450, 750), dice.between(560, 660)
    beams = 11
    for i in range(beams):
        turn = pi + pi * (i + dice.between(0.2, 0.8)) / beams
        half = dice.between(0.03, 0.09)
        corners = (
            f"{x + 1500 * cos(side):.0f},{y + 1500 * sin(side):.0f}"
            for side in (turn - half, turn + half)
        )
        color = accent if i % 3 == 0 else main
        yield f'<path d="M{x},{y} L{" L".join(corners)}Z" fill="{color}" opacity="0.55"/>'
    yield f'<circle cx="{x}" cy="{y}" r="{dice.between(90, 130)}" fill="{accent}"/>'
    for _ in range(40):
        yield _dot(dice, "#FFFFFF", (780, 900), (4, 14), 0.35)
    yield f'<rect y="790" width="{WIDTH}" height="110" fill="#000000" opacity="0.35"/>'


def _waves(dice: _Dice, main: str, accent: str) -> Iterator[str]:
    moon = dice.between(90, 150)
    yield f'<circle cx="{dice.between(700, 950)}" cy="220" r="{moon}" fill="{accent}"/>'
    layers = 7
    for layer in range(layers):
        top = 330 + layer * 80
        lift, length = dice.between(25, 60), dice.between(240, 420)
        phase = dice.between(0, tau)
        crest = " ".join(
            f"L{x},{top + lift * sin(x / length * tau + phase):.0f}"
            for x in range(0, WIDTH + 1, 24)
        )
        color = _mixed(main, accent, layer / layers / 2)
        yield f'<path d="M0,{HEIGHT} {crest} L{WIDTH},{HEIGHT}Z" fill="{color}" opacity="0.5"/>'


def _rings(dice: _Dice, main: str, accent: str) -> Iterator[str]:
    x, y = dice.between(480, 720), dice.between(380, 520)
    for i in range(13):
        radius = 40 + i * 46
        length = tau * radius
        arc = length * dice.between(0.35, 0.8)
        color = accent if i % 4 == 1 else main
        yield (
            f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{color}" '
            f'stroke-width="{dice.between(6, 26)}" stroke-linecap="round" opacity="0.85" '
            f'stroke-dasharray="{arc:.0f} {length - arc:.0f}" '
            f'transform="rotate({dice.between(0, 360)} {x} {y})"/>'
        )


def _drapes(dice: _Dice, main: str, accent: str) -> Iterator[str]:
    yield (
        f'<ellipse cx="600" cy="700" rx="{dice.between(300, 380)}" ry="90" fill="{accent}" '
        'opacity="0.85"/>'
    )
    folds = 9
    for side in (-1, 1):
        for fold in range(folds):
            outer = 600 + side * (620 - fold * 46)
            foot = outer - side * dice.between(-10, 60) * (folds - fold) / folds
            color = _mixed(main, "#000000", (fold % 2) * 0.25)
            yield (
                f'<path d="M{outer},0 Q{outer - side * 30},450 {foot:.0f},{HEIGHT} '
                f'L{600 + side * 700},{HEIGHT} L{600 + side * 700},0Z" fill="{color}" '
                'opacity="0.6"/>'
            )
    swags = " ".join(
        f"Q{x + 75},{dice.between(150, 200)} {x + 150},80" for x in range(0, WIDTH, 150)
    )
    yield f'<path d="M0,0 L0,80 {swags} L{WIDTH},0Z" fill="{main}"/>'


def _hills(dice: _Dice, main: str, accent: str) -> Iterator[str]:
    x, y = dice.between(350, 850), dice.between(240, 320)
    yield f'<circle cx="{x}" cy="{y}" r="{dice.between(110, 150)}" fill="{accent}"/>'
    for layer in range(4):
        color = _mixed(main, "#000000", layer * 0.16)
        for _ in range(3):
            cx, rx = dice.between(0, WIDTH), dice.between(320, 560)
            top = 520 + layer * 95
            yield f'<ellipse cx="{cx}" cy="{top + 330}" rx="{rx}" ry="330" fill="{color}"/>'
    for _ in range(12):
        yield _dot(dice, "#FFFFFF", (60, 420), (3, 9), 0.7)


def _confetti(dice: _Dice, main: str, accent: str) -> Iterator[str]:
    colors = (main, accent, "#FFFFFF", _mixed(main, accent, 0.5))
    for i in range(90):
        x, y = dice.between(0, WIDTH), dice.between(0, HEIGHT)
        size = dice.between(14, 70)
        color, turn = colors[i % len(colors)], dice.between(0, 360)
        if i % 3 == 0:
            yield f'<circle cx="{x}" cy="{y}" r="{size / 2:.1f}" fill="{color}" opacity="0.8"/>'
        else:
            yield (
                f'<rect x="{x}" y="{y}" width="{size}" height="{size / 3:.1f}" rx="4" '
                f'fill="{color}" opacity="0.8" transform="rotate({turn} {x} {y})"/>'
            )
    yield f'<circle cx="600" cy="450" r="{dice.between(170, 230)}" fill="{main}"/>'
    yield f'<circle cx="600" cy="450" r="{dice.between(90, 130)}" fill="{accent}"/>'


_STYLES = {
    "rays": _rays,
    "waves": _waves,
    "rings": _rings,
    "drapes": _drapes,
    "hills": _hills,
    "confetti": _confetti,
}


def _dot(
    dice: _Dice, color: str, rows: tuple[int, int], sizes: tuple[int, int], opacity: float
) -> str:
    return (
        f'<circle cx="{dice.between(0, WIDTH)}" cy="{dice.between(*rows)}" '
        f'r="{dice.between(*sizes)}" fill="{color}" opacity="{opacity}"/>'
    )


def _mixed(one: str, other: str, share: float) -> str:
    # `share` of the other colour in the one.
    pairs = ((int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
