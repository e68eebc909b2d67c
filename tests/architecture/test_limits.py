"""Every limit says its unit and is used; only the edges of a process read its environment."""

import ast
import re
from datetime import timedelta

import pytest

from seatwright.kit import limits
from tests.architecture.house_rules import ROOT

SOURCE = ROOT / "src" / "seatwright"
UNITS = ("_BYTES", "_CHARS", "_ITEMS", "_DEPTH", "_MAX", "_DEFAULT")
LIMITS = {name: value for name, value in vars(limits).items() if name.isupper()}
# A setting is read where a process begins; a crash point and a simulator's secret besides.
MAY_READ_ENVIRONMENT = (
    "cli.py", "__main__.py", "run/", "kit/crash.py", "simulators/"
)  # fmt: skip


def texts():
    return {f.relative_to(SOURCE).as_posix(): f.read_text() for f in SOURCE.rglob("*.py")}


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_a_limit_says_its_unit_and_bounds_something(name):
    value = LIMITS[name]
    if isinstance(value, timedelta):
        assert value > timedelta(0)
    else:
        assert isinstance(value, int)
        assert value > 0
        assert any(unit in name for unit in UNITS), "a bare number has its unit in its name"
    users = [path for path, text in texts().items() if re.search(rf"\blimits\.{name}\b", text)]
    assert users, "nothing asks for it"


def test_deadlines_fit_into_each_other():
    # A caller that waits longer than its own caller does work that nobody reads.
    assert limits.VALKEY_CALL < limits.RPC_READ <= limits.POSTGRES_STATEMENT < limits.RPC_WRITE
    assert limits.POSTGRES_CONNECT <= limits.POSTGRES_POOL_WAIT <= limits.RPC_READ
    assert limits.BROKER_PUBLISH < limits.RPC_WRITE
    assert limits.BODY_BYTES_MAX < limits.UPLOAD_BYTES_MAX


def test_only_the_edges_of_a_process_read_its_environment():
    readers = {
        path
        for path, text in texts().items()
        if re.search(r"\bos\.(environ|getenv|putenv)\b|\bimport environ\b", text)
    }
    others = {path for path in readers if not path.startswith(MAY_READ_ENVIRONMENT)}
    assert not others
    assert "kit/crash.py" in readers, "or this looks for nothing"


def test_nothing_happens_when_a_module_is_read():
    # No engine is asked, no file opened, no thread begun by an import: a target loads them all.
    asked = re.compile(r"^(asyncio\.run|open\(|socket\.|subprocess\.|threading\.Thread)")
    found = [
        f"{path}:{node.lineno}"
        for path, text in texts().items()
        for node in ast.parse(text).body
        if isinstance(node, ast.Expr | ast.Assign) and asked.match(ast.unparse(node.value))
    ]
    assert not found
