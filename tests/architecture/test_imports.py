"""The architecture is a file that is read, and every page stands where one would guess."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house_rules import ROOT

SOURCE = ROOT / "src" / "seatwright"
CONTRACTS = ROOT / ".importlinter"
LINT = Path(sys.executable).parent / "lint-imports"
SERVICES = ("accounts", "catalog", "reservations", "orders", "payments", "delivery", "entry")
PAGES = {"__init__", "wiring", "http", "tasks", "service", "adapters", "store", "ports", "domain"}
ORDERS = {"__init__", "wiring", "domain", "placing", "paying", "reading", "blocking", "importing"}
ORDERS |= {"checking", "comparing", "capturing", "mending"}
CAPABILITY = {"__init__", "http", "tasks", "requests", "webhooks", "service", "views", "store"}
CAPABILITY |= {"giving_back"}
# Beside the Python of a package: statements, Valkey functions, sheets to typeset, what is served.
BESIDE = {".sql", ".lua", ".typ", ".json"}


def lint(place: Path) -> subprocess.CompletedProcess[str]:
    """The contracts of this repository, kept or not by the package that lies in `place`."""
    return subprocess.run(
        [str(LINT), "--no-cache", "--config", str(CONTRACTS)],
        cwd=place, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package's source, to be changed by a test."""
    folder = tmp_path / "seatwright"
    shutil.copytree(SOURCE, folder, ignore=lambda folder, names: [
        name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())
    ])  # fmt: skip
    return folder


def test_imports_run_in_the_direction_the_architecture_says(copy):
    for place in (SOURCE.parent, copy.parent):
        done = lint(place)
        assert done.returncode == 0, done.stdout
        assert "0 broken" in done.stdout


# What each contract of `.importlinter` must find: a line that is added to a file.
FORBIDDEN = [
    ("city", "kit/money.py", "import seatwright.contracts.orders"),
    ("city", "catalog/domain/slugs.py", "import seatwright.accounts.domain"),
    ("house", "entry/domain.py", "import seatwright.entry.store"),
    ("house", "accounts/service/desk.py", "import seatwright.accounts.http.me"),
    ("orders", "orders/reading/views.py", "import seatwright.orders.paying.store"),
    ("capability", "orders/placing/store.py", "import seatwright.orders.placing.service"),
    ("purity", "orders/domain/codes.py", "import asyncpg"),
    ("purity", "contracts/payments.py", "import nats"),
    ("time", "reservations/domain/sale.py", "from seatwright.kit.clock import now"),
    ("time", "entry/domain.py", "import seatwright.kit.rates"),
    ("time", "contracts/payments.py", "from seatwright.kit import clock"),
    ("simulators", "simulators/gateway/tokens.py", "import seatwright.contracts.payments"),
    ("acyclic", "kit/instants.py", "import seatwright.kit.clock"),
]


def contracts() -> dict[str, str]:
    """Of each contract, by its key, the name by which the report calls it."""
    read = configparser.ConfigParser()
    read.read(CONTRACTS)
    begins = "importlinter:contract:"
    return {
        part.removeprefix(begins): read[part]["name"]
        for part in read.sections()
        if part.startswith(begins)
    }


@pytest.mark.parametrize(("contract", "file", "line"), FORBIDDEN)
def test_an_import_in_the_wrong_direction_is_found(copy, contract, file, line):
    with (copy / file).open("a") as changed:
        changed.write(f"\n{line}\n")
    done = lint(copy.parent)
    assert done.returncode == 1, done.stdout
    assert f"{contracts()[contract]} BROKEN" in done.stdout


def test_every_contract_was_shown_to_find_something():
    assert {contract for contract, _, _ in FORBIDDEN} == set(contracts())


def test_a_page_that_has_no_place_is_found(copy):
    capabilities = ORDERS - {"__init__", "wiring", "domain"}
    houses = ["", *SERVICES, *(f"orders/{name}" for name in capabilities)]
    for house in houses:
        (copy / house / "stray.py").write_text('"""It belongs nowhere."""\n')
    found = re.findall(r"^- seatwright\.([\w.]*)stray$", lint(copy.parent).stdout, re.MULTILINE)
    assert sorted(found) == sorted(f"{house}/".lstrip("/").replace("/", ".") for house in houses)


def children(folder: Path) -> set[str]:
    return {
        child.stem
        for child in folder.iterdir()
        if child.name != "__pycache__" and (child.is_dir() or child.suffix == ".py")
    }


def test_every_service_is_made_of_the_same_pages():
    found = {p.name for p in SOURCE.iterdir() if p.is_dir() and (p / "wiring.py").exists()}
    assert found == set(SERVICES)
    for name in SERVICES:
        assert children(SOURCE / name) <= (ORDERS if name == "orders" else PAGES), name
    for name in ORDERS - {"__init__", "wiring", "domain"}:
        assert children(SOURCE / "orders" / name) <= CAPABILITY, name


def test_every_package_is_one_and_holds_nothing_else():
    for folder in SOURCE.rglob("*"):
        if not folder.is_dir() or folder.name in {"__pycache__", "page"}:
            continue
        assert (folder / "__init__.py").exists(), folder
        others = {f.suffix for f in folder.iterdir() if f.is_file()} - {".py"}
        assert others <= BESIDE, folder


def test_every_package_says_what_it_is_for():
    for file in SOURCE.rglob("__init__.py"):
        assert file.read_text().lstrip().startswith('"""'), file
