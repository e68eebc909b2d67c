"""Immutable files as they are asked for: charts and posters, the latest ones in memory."""

from collections import OrderedDict

from seatwright.kit.errors import NotFound
from seatwright.kit.files import Files

# A gateway with the folder beside it serves charts itself; this is for where there is none.
KEPT_BYTES_MAX = 32 * 1024 * 1024


class FileNotHere(NotFound):
    """No file of that name."""

    code = "file_not_found"
    title = "No such file"


class Shelf:
    """Files by folder and name; what was read lately stays in memory, up to 32 MB."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0

    async def read(self, *, folder: str, name: str) -> bytes:
        """The whole file; raises `FileNotHere`."""
        place = (folder, name)
        content = self._kept.get(place)
        if content is not None:
            self._kept.move_to_end(place)
            return content
        content = await self._files.read(folder=folder, name=name)
        if content is None:
            raise FileNotHere("There is no such file.")
        self._keep(place, content)
        return content

    def _keep(self, place: tuple[str, str], content: bytes) -> None:
        if place in self._kept:
            return  # somebody else read it meanwhile
        self._kept[place] = content
        self._bytes += len(content)
        while self._bytes > KEPT_BYTES_MAX and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)
