"""
A ticket's code as a QR picture: SVG for paper, PNG for screens.

Error correction M survives a folded, slightly dirty sheet and keeps the modules large; the quiet
zone of four modules that ISO/IEC 18004 asks for is part of the picture, so no layout can lose it.
"""

import re
import struct
import zlib

import zxingcpp

QUIET_MODULES = 4
# 61 modules with quiet zone become 732 pixels: sharp on a phone at full width.
PNG_PIXELS_A_MODULE = 12
_DARK = 0
# Of the eight masks a writer takes the one that looks best, which is to draw all eight: 0.48 ms a
# code, and 0.06 with one. Base64 of a signature is noise under any of them; readers know each.
_MASK = 2
_DARK_RUNS = re.compile(b"\0+")


def svg(code: str) -> str:
    """The code as one path on white, in a square of modules; no size, so paper decides."""
    rows = _modules(code)
    side = len(rows) + 2 * QUIET_MODULES
    runs = []
    for y, row in enumerate(rows, QUIET_MODULES):
        for run in _DARK_RUNS.finditer(row):
            width = run.end() - run.start()
            runs.append(f"M{run.start() + QUIET_MODULES} {y}h{width}v1h-{width}z")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{"".join(runs)}"/></svg>'
    )


def png(code: str) -> bytes:
    """The code as a PNG of one bit a pixel."""
    rows = _modules(code)
    side = (len(rows) + 2 * QUIET_MODULES) * PNG_PIXELS_A_MODULE
    blank = b"\xff" * ((side + 7) // 8)
    lines = [blank] * (QUIET_MODULES * PNG_PIXELS_A_MODULE)
    for row in rows:
        lines += [_pixels(row, side)] * PNG_PIXELS_A_MODULE
    lines += [blank] * (QUIET_MODULES * PNG_PIXELS_A_MODULE)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + line for line in lines), 6)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", body)
        + _chunk(b"IEND", b"")
    )


def _modules(code: str) -> list[bytes]:
    """The rows of the symbol, a byte a module: 0 dark, 255 light."""
    symbol = zxingcpp.create_barcode(
        code, zxingcpp.BarcodeFormat.QRCode, ec_level="M", data_mask=_MASK
    )
    picture = memoryview(symbol.to_image(scale=1, add_quiet_zones=False))  # type: ignore[arg-type]  # it has the buffer protocol
    assert picture.shape is not None
    side, width = picture.shape
    assert side == width, "a QR symbol is square"
    pixels = picture.tobytes()
    return [pixels[at : at + width] for at in range(0, side * width, width)]


def _pixels(row: bytes, side: int) -> bytes:
    bits = "1" * (QUIET_MODULES * PNG_PIXELS_A_MODULE)
    line = bits + "".join(("0" if m == _DARK else "1") * PNG_PIXELS_A_MODULE for m in row) + bits
    padded = line.ljust((side + 7) // 8 * 8, "1")
    return int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
