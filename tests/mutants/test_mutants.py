"""
Each protection taken away turns its check red (`correctness.md`, positive controls).

The checks are the acceptance tests' own; that they are green otherwise is shown there, and once
more here, with nothing changed.
"""

import shutil
from pathlib import Path

import pytest

from tests.acceptance import drills
from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop
from tests.mutants.controls import CONTROLS
from tests.mutants.crash_controls import CRASH_CONTROLS
from tests.mutants.workshop import ROOT, Mutant, Patch, Workshop

# Those first that ask whether the whole database is sound: the others leave it unsound.
ALL = {**CRASH_CONTROLS, **CONTROLS}


def test_every_patch_fits_the_source() -> None:
    # Said at once and together, before the first of them has cost half a minute.
    strays = [
        f"{name}: {patch.file}: {patch.old}"
        for name, control in ALL.items()
        for patch in control.mutant.patches
        if (ROOT / "src" / "seatwright" / patch.file).read_text().count(patch.old) != 1
    ]
    assert strays == []


@pytest.mark.parametrize("name", ALL)
async def test_a_mutant_turns_its_check_red(
    house: House,
    workshop: Workshop,
    shop: Shop,
    gala: Gala,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    control = ALL[name]
    try:
        async with workshop.working(shop, control.mutant) as shops:
            monkeypatch.setenv("SEATWRIGHT_PATIENCE_S", str(control.patience_s))
            with pytest.raises(AssertionError, match=control.says):
                await control.check(house, shops, gala)
            monkeypatch.undo()
    finally:
        await workshop.forget(gala)


def test_a_point_that_nobody_drills_turns_the_list_red(tmp_path: Path) -> None:
    source = tmp_path / "seatwright"
    shutil.copytree(ROOT / "src" / "seatwright", source)
    drills.every_point_has_a_drill(source)
    file = source / "orders" / "capturing" / "tasks.py"
    written = file.read_text()
    file.write_text(written + '\n_new = crash.declare("after_something_new", "nobody knows")\n')
    with pytest.raises(AssertionError, match="after_something_new"):
        drills.every_point_has_a_drill(source)
    gone = written.replace('crash.declare("after_capture"', 'str("after_capture"')
    assert gone != written, "the point has moved to another file"
    file.write_text(gone)
    with pytest.raises(AssertionError, match="after_capture"):
        drills.every_point_has_a_drill(source)


async def test_an_unchanged_copy_turns_no_check_red(
    house: House, workshop: Workshop, shop: Shop, organiser: Organiser
) -> None:
    same = Patch(
        "orders/placing/queries.sql",
        "-- name: open_inventory\n",
        "-- name: open_inventory\n-- As it was.\n",
    )
    async with workshop.working(shop, Mutant(patches=[same])) as shops:
        for control in CONTROLS.values():
            gala = await organiser.gala()
            await control.check(house, shops, gala)
            await workshop.forget(gala)
