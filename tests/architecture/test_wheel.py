"""An installed wheel has what a checkout has: the schema too, which is no Python."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOLD = (
    "from seatwright.run import migrations as m;"
    "print(m.folder()); print(len(m.known()), len(m.schema_sql()))"
)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, as it lies on another machine."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ("build", "--target", "wheel", "--directory", folder)
    subprocess.run(
        [sys.executable, "-m", "hatchling", *words], cwd=ROOT, check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_schema_is_in_the_wheel_and_nothing_beside_the_package(unpacked: Path) -> None:
    sources = {path.relative_to(ROOT / "db") for path in (ROOT / "db").rglob("*.sql")}
    packed = unpacked / "seatwright" / "db"
    assert {path.relative_to(packed) for path in packed.rglob("*.sql")} == sources
    assert sorted(path.name.partition("-")[0] for path in unpacked.iterdir()) == ["seatwright"] * 2


def test_an_installed_release_finds_its_schema(unpacked: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", TOLD],
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        cwd=unpacked, check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert told[0] == str(unpacked / "seatwright" / "db")
    assert int(told[1]) >= 1
    assert int(told[2]) > 10_000
