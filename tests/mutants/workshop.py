"""
Taking a protection away, to see that its check notices.

A mutant is a patched copy of the source, run by the processes of an installation, and sometimes
a few statements to its database. A patch that no longer fits the source is an error: a control
that controls nothing would be worse than none.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from seatwright.run.engines import Command
from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.judging import charges
from tests.acceptance.shop import Gala, Shop

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Patch:
    """`old`, which stands once in a file below `src/seatwright`, becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """What is changed; `undo` gives the database its protection back."""

    patches: Sequence[Patch] = ()
    sql: Sequence[str] = ()
    undo: Sequence[str] = ()


@dataclass
class Workshop:
    """
    An installation whose processes run one copy of the source after another.

    They go on with a mutant until the next one comes, because each start of them takes seconds.
    """

    house: House
    _usual: dict[str, Command] = field(default_factory=dict)
    _copy: Path | None = None

    @contextlib.asynccontextmanager
    async def working(self, shop: Shop, mutant: Mutant) -> AsyncIterator[list[Shop]]:
        """The mutant in all processes and in the database; clients of each API process."""
        await self._run(mutant.patches)
        try:
            for statement in mutant.sql:
                await self.house.sql(statement)
            yield [shop.at(self.house.direct(name)) for name in self.house.apis()]
        finally:
            async with self.house.connection() as connection, connection.transaction():
                for statement in mutant.undo:
                    await connection.execute(statement)

    async def forget(self, gala: Gala) -> None:
        """Take away what a mutant left behind: nothing else would ever come to an end of it."""
        for table in ("tickets", "attempts", "claims", "idempotency", "codes", "orders"):
            await self.house.sql(f"DELETE FROM orders.{table} WHERE event_id = $1", gala.id)

        async def given_back() -> bool:
            left = await charges(self.house, gala)
            for payment in left:
                await self.house.give_back(payment)
            return not left

        await until(given_back, "all money is given back")

    def close(self) -> None:
        """Remove the last copy."""
        if self._copy is not None:
            shutil.rmtree(self._copy, ignore_errors=True)

    async def _run(self, patches: Sequence[Patch]) -> None:
        house, before = self.house, self._copy
        if not patches and before is None:
            return
        if not self._usual:
            names = [*house.apis(), house.named("worker"), house.named("papers")]
            self._usual = {name: house.command(name) for name in names}
        commands, self._copy = self._usual, None
        if patches:
            self._copy = Path(tempfile.mkdtemp(prefix="seatwright-mutant-"))
            _patched_copy(self._copy, patches)
            commands = _patched_commands(self._usual, self._copy)
        await asyncio.gather(*(house.halt(name) for name in commands))
        await asyncio.gather(
            *(house.installation.engines.lifeline.run(one) for one in commands.values())
        )
        await asyncio.gather(*(house.until_ready(name) for name in commands))
        if before is not None:
            shutil.rmtree(before, ignore_errors=True)


def _patched_copy(copy: Path, patches: Sequence[Patch]) -> None:
    # Files keep their times, so Python's compiled ones are good for all but the patched.
    shutil.copytree(ROOT / "src", copy / "src")
    shutil.copytree(ROOT / "db", copy / "db")
    for patch in patches:
        file = copy / "src" / "seatwright" / patch.file
        text = file.read_text()
        assert text.count(patch.old) == 1, f"the patch does not fit {patch.file}: {patch.old}"
        file.write_text(text.replace(patch.old, patch.new))


def _patched_commands(usual: dict[str, Command], copy: Path) -> dict[str, Command]:
    return {
        name: replace(
            command,
            # The number lets two processes differ where a mutant needs it.
            env={**command.env, "PYTHONPATH": str(copy / "src"), "MUTANT_NUMBER": str(number)},
        )
        for number, (name, command) in enumerate(usual.items())
    }
