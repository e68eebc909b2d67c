"""Reading PNGs back, as a scanner's camera would: grey values, then the code in them."""

import struct
import zlib

import zxingcpp

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def codes(png: bytes) -> list[str]:
    """The texts of all QR codes in a picture."""
    rows = grey(png)
    flat = b"".join(rows)
    view = memoryview(flat).cast("B", (len(rows), len(rows[0])))
    # Of all kinds of codes, the stripes in a QR code now and then look like a bar code too.
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [found.text for found in zxingcpp.read_barcodes(view, formats=formats)]


def size(png: bytes) -> tuple[int, int]:
    """Width and height."""
    rows = grey(png)
    return len(rows[0]), len(rows)


def grey(png: bytes) -> list[bytes]:
    """Rows of grey values; 1-bit grey, and 8-bit RGB with or without alpha."""
    assert png.startswith(_SIGNATURE)
    at, header, packed = len(_SIGNATURE), b"", b""
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        header = body if kind == b"IHDR" else header
        packed += body if kind == b"IDAT" else b""
        at += size + 12
    width, height, depth, color = struct.unpack(">IIBB", header[:10])
    samples = {0: 1, 2: 3, 6: 4}[color]
    step = max(1, samples * depth // 8)
    stride = (width * samples * depth + 7) // 8
    rows = _unfiltered(zlib.decompress(packed), height, stride, step)
    if depth == 1:
        return [
            bytes(255 * int(bit) for bit in f"{int.from_bytes(r):0{stride * 8}b}"[:width])
            for r in rows
        ]
    return [row[1::samples] for row in rows]


def _unfiltered(raw: bytes, height: int, stride: int, step: int) -> list[bytes]:
    rows: list[bytes] = []
    above = bytearray(stride)
    for y in range(height):
        start = y * (stride + 1)
        line = bytearray(raw[start + 1 : start + 1 + stride])
        _undo(raw[start], line, above, step)
        rows.append(bytes(line))
        above = line
    return rows


def _undo(method: int, line: bytearray, above: bytearray, step: int) -> None:
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        up = above[i]
        if method == 1:
            add = left
        elif method == 2:
            add = up
        elif method == 3:
            add = (left + up) // 2
        elif method == 4:
            corner = above[i - step] if i >= step else 0
            guess = left + up - corner
            near = (abs(guess - left), abs(guess - up), abs(guess - corner))
            add = (left, up, corner)[near.index(min(near))]
        else:
            return
        line[i] = (line[i] + add) & 255
