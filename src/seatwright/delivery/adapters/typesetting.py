"""
Tickets set by Typst.

A press is a compiler that stays warm: its fonts are parsed and its template evaluated once, and
an order reaches it as a JSON file, not as `sys.inputs`, because changing those throws away all
that was remembered (measured: 10 ms an order with inputs, 5 ms with a file). The press sees one
private folder with the template and that file, nothing else of the machine and no network.

Typst works without the GIL, so a press for each core is a thread each.
"""

import asyncio
import os
import queue
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import typst

from seatwright.delivery.domain.sheets import Sheet
from seatwright.kit import telemetry
from seatwright.kit.errors import Unavailable

# A sheet of the largest order takes a tenth of a second; this is for a machine in trouble.
SETTING_DEADLINE = timedelta(seconds=15)
PREVIEW_PIXELS_AN_INCH = 110.0
_TEMPLATE = "tickets.typ"
T = TypeVar("T")


def _folder_of(package: str) -> Path:
    # Found, not imported: there is nothing in it but a font.
    found = find_spec(package)
    assert found is not None, f"{package} is part of an installation"
    assert found.origin is not None, f"{package} is a folder"
    return Path(found.origin).parent


EAST_ASIAN = _folder_of("noto_cjk_sans_otc")


class Press:
    """One warm compiler; used by one thread at a time."""

    def __init__(self, fonts: typst.Fonts) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="seatwright-press-")
        root = Path(self._folder.name)
        self._sheet = root / "sheet.json"
        template = root / _TEMPLATE
        source = resources.files("seatwright.delivery.adapters").joinpath(_TEMPLATE)
        template.write_bytes(source.read_bytes())
        self._compiler = typst.Compiler(template, root=root, font_paths=fonts)

    def pdf(self, sheet: Sheet) -> bytes:
        """One PDF with a page for each ticket of the sheet."""
        return self._set(sheet, "pdf")[0]

    def pictures(self, sheet: Sheet) -> list[bytes]:
        """The pages as PNG, for looking at them."""
        return self._set(sheet, "png")

    def close(self) -> None:
        """Remove the press's folder."""
        self._folder.cleanup()

    def _set(self, sheet: Sheet, form: Literal["pdf", "png"]) -> list[bytes]:
        self._sheet.write_bytes(msgspec.json.encode(sheet))
        made = self._compiler.compile(format=form, ppi=PREVIEW_PIXELS_AN_INCH)
        assert made is not None
        return made if isinstance(made, list) else [made]


def fonts() -> typst.Fonts:
    """
    The fonts that come with Typst, one for Chinese, Japanese and Korean, then the machine's own.

    What none of them has (Thai, where the machine has no font for it) prints as boxes; mails and
    pages show it.
    """
    return typst.Fonts(include_system_fonts=True, font_paths=[EAST_ASIAN])


class Presses:
    """As many presses as cores, made when first needed, off the event loop."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or os.cpu_count() or 1
        self._threads = ThreadPoolExecutor(self.count, thread_name_prefix="press")
        self._idle: queue.SimpleQueue[Press] = queue.SimpleQueue()
        self._fonts: typst.Fonts | None = None

    async def pdf(self, sheet: Callable[[], Sheet]) -> bytes:
        """The sheet that the function makes, set; raises `Unavailable` when it takes too long."""
        return await self.apart(lambda: self._pdf(sheet()))

    async def apart(self, work: Callable[[], T]) -> T:
        """Do other work of the same kind off the event loop; raises `Unavailable` as well."""
        future = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.wait_for(future, SETTING_DEADLINE.total_seconds())
        except TimeoutError:
            # The thread finishes by itself; only the caller stops waiting.
            telemetry.DEGRADED.labels("typesetting").inc()
            raise Unavailable("Setting the tickets takes too long at the moment.") from None

    async def close(self) -> None:
        """Let work under way finish, drop what waits, and remove the presses' folders."""
        await asyncio.to_thread(self._threads.shutdown, wait=True, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()

    def _pdf(self, sheet: Sheet) -> bytes:
        press = self._taken()
        try:
            return press.pdf(sheet)
        finally:
            self._idle.put(press)

    def _taken(self) -> Press:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            # Two threads may both load the fonts once; the second set is dropped.
            self._fonts = self._fonts or fonts()
            return Press(self._fonts)
