"""Replay seeds: `python -m tests.simulation SEED [HOW MANY]`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from seatwright.run import migrations
from seatwright.run.engines import Engines
from tests.databases import empty_database
from tests.simulation.universe import Stage, run


async def main(first: int, count: int) -> int:
    with tempfile.TemporaryDirectory(prefix="seatwright-simulation-") as folder:
        Path(folder).chmod(0o711)
        engines = await Engines.start(Path(folder))
        try:
            url = await empty_database(engines.addresses.database_url, "simulation")
            await migrations.install(url)
            stage = await Stage.set(url)
            bad = 0
            for seed in range(first, first + count):
                told = await run(stage, seed)
                bad += told.fault is not None
                print(told.report() if told.fault else f"seed {seed} {told.facts}", flush=True)
            await stage.truth.close()
        finally:
            await engines.stop()
    return 1 if bad else 0


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    sys.exit(asyncio.run(main(words[0], words[1] if len(words) > 1 else 1)))
