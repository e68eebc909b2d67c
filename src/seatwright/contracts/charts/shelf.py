"""Charts as a process needs them: read once from the file store, then kept in memory."""

import asyncio
from collections import OrderedDict

from seatwright.contracts.charts.published import PublishedChart
from seatwright.contracts.charts.wire import decode_chart
from seatwright.kit.errors import Unavailable
from seatwright.kit.files import Files

# A chart of 70,000 seats takes about a megabyte; this is the most a process keeps.
CHARTS_KEPT_MAX = 256
FOLDER = "charts"


class ChartShelf:
    """The newest-used charts, decoded; a version never changes, so nothing grows stale."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kept: OrderedDict[str, PublishedChart] = OrderedDict()
        self._loading: dict[str, asyncio.Task[PublishedChart]] = {}

    def at_hand(self, version: str) -> PublishedChart | None:
        """The chart when it is in memory already."""
        chart = self._kept.get(version)
        if chart is not None:
            self._kept.move_to_end(version)
        return chart

    async def get(self, version: str) -> PublishedChart:
        """The chart of this version; raises `Unavailable` when its file cannot be read."""
        chart = self.at_hand(version)
        if chart is not None:
            return chart
        loading = self._loading.get(version)
        if loading is None:
            loading = asyncio.ensure_future(self._load(version))
            self._loading[version] = loading
            loading.add_done_callback(lambda _: self._loading.pop(version, None))
        return await asyncio.shield(loading)

    async def _load(self, version: str) -> PublishedChart:
        raw = await self._files.read(folder=FOLDER, name=f"{version}.json")
        if raw is None:
            raise Unavailable("The seat chart cannot be read just now.")
        chart = await asyncio.to_thread(decode_chart, raw)
        self._kept[version] = chart
        while len(self._kept) > CHARTS_KEPT_MAX:
            self._kept.popitem(last=False)
        return chart
