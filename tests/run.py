"""
Every check and every test, one line each; what `bin/test` runs.

    bin/test            all of it
    bin/test fast       the checks and the unit tests
    bin/test lint       the checks alone
    bin/test long       thousands of simulated universes, other ones than `bin/test` runs
    bin/test NAME…      groups or checks by name (`bin/test list` prints them)

A folder below `tests/` is a group: none can be forgotten here. A check fails by its exit code;
what it printed is shown then, and only then. The last line is `N passed, N failed, N skipped`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = Path(sys.executable)
BIN = PYTHON.parent
CODE = ["src", "tests", "bin", *(d for d in ("bench", "drills") if (ROOT / d).exists())]
STEP_TIMEOUT_S = 900
COVERAGE_PERCENT_MIN = 95
# What the floor holds for: the rules, the promises, and what everything stands on.
COVERED = "*/domain.py,*/domain/*,*/contracts/*,*/kit/*"
# Groups that spread over two processes without meeting; each process has engines of its own.
# How they spread: whole files, or what a group's conftest keeps together.
PARALLEL = {
    "unit": "loadfile",
    "integration": "loadfile",
    "contract": "loadfile",
    "acceptance": "loadgroup",
    # one story after the other in each, every browser with a shop of its own
    "browser": "load",
    "simulation": "load",
}
# Coverage slows a process down; whole journeys, races and browsers go at full speed. What it asks
# for is covered without them.
MEASURED = {"unit", "contract", "integration", "migration"}
ORDER = ("architecture", "unit", "contract", "migration", "integration", "acceptance")
LONG_SEEDS = 800
LONG_FROM = (1000, 1800, 2600)
WEB_SCRIPTS = ("lint", "check", "test", "budget", "browser")


@dataclass(frozen=True)
class Step:
    """One line of the report. `results` is where pytest leaves its counts."""

    name: str
    command: Sequence[str | Path]
    kind: str
    cwd: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    results: Path | None = None


@dataclass
class Tally:
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def lint_steps() -> list[Step]:
    def step(name: str, *command: str | Path) -> Step:
        return Step(name, command, "lint")

    migrations = sorted((ROOT / "db" / "migrations").glob("*.sql"))
    steps = [
        step("format", BIN / "ruff", "format", "--check", "--quiet", *CODE),
        step("rules", BIN / "ruff", "check", "--quiet", *CODE),
        step("types", BIN / "mypy", "--no-error-summary", *CODE),
        step("imports", BIN / "lint-imports", "--no-cache"),
        step("dependencies", BIN / "deptry", "src"),
        # Addresses and folders (B104, B108) are judged by ruff's twins, with a reason at the place.
        step("security", BIN / "bandit", "-q", "-r", "src", "-ll", "-ii", "-s", "B104,B108"),
    ]
    if migrations:
        steps.append(step("migration rules", BIN / "squawk", *migrations))
    return steps


def groups() -> list[str]:
    """Folders with tests, the quick ones first."""
    found = {p.relative_to(ROOT / "tests").parts[0] for p in ROOT.glob("tests/*/**/test_*.py")}
    known = [name for name in ORDER if name in found]
    return known + sorted(found - set(known))


def test_steps(scratch: Path) -> list[Step]:
    steps = []
    for name in groups():
        results = scratch / f"{name}.xml"
        command: list[str | Path] = [
            PYTHON,
            "-m",
            "pytest",
            f"tests/{name}",
            "-q",
            f"--junitxml={results}",
        ]
        if name in PARALLEL:
            command += ["-n", "2", "--dist", PARALLEL[name]]
        environment = {}
        if name in MEASURED:
            environment = {
                "COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"),
                "COVERAGE_FILE": str(scratch / "coverage"),
            }
        steps.append(Step(name, command, "test", environment=environment, results=results))
    return steps


def coverage_step(scratch: Path) -> Step:
    report = (
        f'"{PYTHON}" -m coverage combine --quiet && "{PYTHON}" -m coverage report '
        f'--precision=1 --include="{COVERED}" --fail-under={COVERAGE_PERCENT_MIN}'
    )
    environment = {"COVERAGE_FILE": str(scratch / "coverage")}
    return Step("coverage", ["/bin/sh", "-c", report], "coverage", environment=environment)


def long_steps(scratch: Path) -> list[Step]:
    """More of what chance decides, in pieces that end in time."""
    command: list[str | Path] = [PYTHON, "-m", "pytest", "tests/simulation", "-q"]
    command += ["-k", "every_invariant", "-n", "2", "--dist", "load"]
    steps = []
    for first in LONG_FROM:
        results = scratch / f"long-{first}.xml"
        seeds = {"SIMULATION_FIRST_SEED": str(first), "SIMULATION_SEEDS": str(LONG_SEEDS)}
        steps.append(
            Step(
                f"universes {first}",
                [*command, f"--junitxml={results}"],
                "test",
                environment=seeds,
                results=results,
            )
        )
    return steps


def web_steps() -> list[Step]:
    manifest = ROOT / "web" / "package.json"
    if not manifest.exists():
        return []
    scripts = json.loads(manifest.read_text())["scripts"]
    node = BIN.parent / "node"
    environment = {"PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}"}
    return [
        Step(
            f"web {name}",
            [node / "npm", "run", "--silent", name],
            "web",
            cwd=ROOT / "web",
            environment=environment,
        )
        for name in WEB_SCRIPTS
        if name in scripts
    ]


def chosen(words: Sequence[str], scratch: Path) -> list[Step]:
    lint, tests, web = lint_steps(), test_steps(scratch), web_steps()
    coverage = [coverage_step(scratch)] if tests else []
    if not words:
        return [*lint, *tests, *coverage, *web]
    if words == ["fast"]:
        return [*lint, *(s for s in tests if s.name in {"architecture", "unit"})]
    if words == ["lint"]:
        return lint
    if words == ["long"]:
        return long_steps(scratch)
    by_name = {s.name: s for s in [*lint, *tests, *coverage, *web]}
    unknown = [w for w in words if w not in by_name]
    if unknown:
        print(f"No check or group is called {', '.join(unknown)}. There are:", *by_name, sep="\n  ")
        sys.exit(2)
    return [by_name[w] for w in words]


def run(step: Step, scratch: Path) -> tuple[bool, str]:
    """Whether it went well, and what it said. A step that hangs is ended with its children."""
    # A folder of its own, short: sockets have a length, browsers leave things lying about.
    own = Path(tempfile.mkdtemp(dir=scratch))
    # Under root PostgreSQL runs as nobody, who must pass through.
    own.chmod(0o711)
    environment = {**os.environ, **step.environment, "TMPDIR": str(own)}
    log = own / "output"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in step.command],
            cwd=step.cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=STEP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = -1
            output.write(f"\nno end after {STEP_TIMEOUT_S} s\n".encode())
        finally:
            # Also after Ctrl-C here: nothing of a step outlives it.
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    said = log.read_text("utf-8", "replace")
    shutil.rmtree(own, ignore_errors=True)
    return code == 0, said


def count(step: Step, *, well: bool, tally: Tally) -> str:
    """Add the step's results to the tally; its own counts in words."""
    if step.results is None or not step.results.exists():
        tally.passed += well
        tally.failed += not well
        return ""
    suites = list(ET.parse(step.results).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        sum(int(s.get(key, 0)) for s in suites)
        for key in ("tests", "failures", "errors", "skipped")
    )
    bad = max(failures + errors, 0 if well else 1)
    tally.passed += max(total - skipped - failures - errors, 0)
    tally.failed += bad
    tally.skipped += skipped
    return f"{total} tests" + (f", {skipped} skipped" if skipped else "")


def main(words: Sequence[str]) -> int:
    started = time.monotonic()
    tally = Tally()
    broken = []
    with tempfile.TemporaryDirectory(prefix="sw-test-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o711)
        steps = chosen([w for w in words if w != "list"], scratch)
        if "list" in words:
            print(*(s.name for s in steps), sep="\n")
            return 0
        for step in steps:
            began = time.monotonic()
            if sys.stdout.isatty():
                print(f"…      {step.name}", end="\r", flush=True)
            well, said = run(step, scratch)
            counted = count(step, well=well, tally=tally)
            mark = "ok    " if well else "FAILED"
            seconds = time.monotonic() - began
            print(f"{mark} {step.name:<18} {seconds:6.1f} s  {counted}".rstrip(), flush=True)
            if not well:
                broken.append(step.name)
                print(said, flush=True)
    minutes, seconds = divmod(int(time.monotonic() - started), 60)
    if broken:
        print(f"Failed: {', '.join(broken)}")
    print(
        f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped"
        f" in {minutes} min {seconds} s"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
