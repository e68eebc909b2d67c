"""The two commands in a checkout of their own: a path with a space, no home, nothing on PATH."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BIN = ("demo", "dev", "test", "ci", "lint", "bench", "seatwright", "setup")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The commands, an empty lock, and a program that repeats what it was told."""
    root = tmp_path / "a checkout"
    shutil.copytree(ROOT / "bin", root / "bin")
    (root / "locks").mkdir()
    for name in ("runtime", "dev"):
        (root / "locks" / f"{name}.txt").write_text("# nothing\n")
    program = root / "src" / "seatwright"
    program.mkdir(parents=True)
    (program / "__main__.py").write_text("import sys; print(*sys.argv[1:], sep='|')\n")
    return root


def run(command: Path, *words: str, path: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", command, *words],
        env={"HOME": "", "PATH": path},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_checkout_sets_itself_up_once_and_runs_from_anywhere(checkout: Path) -> None:
    path = f"{Path(sys.executable).resolve().parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    first = run(checkout / "bin" / "demo", "--port", "1", path=path)
    assert first.returncode == 0, first.stderr
    assert first.stdout == f"demo|--data|{checkout / 'data'}|--port|1\n"
    assert "making .venv" in first.stderr
    assert "no web apps in this checkout" in first.stderr

    second = run(checkout / "bin" / "demo", path=path)
    assert (second.returncode, "making .venv" in second.stderr) == (0, False)
    assert "installing" not in second.stderr

    # Everybody knows the log-in on the demo's folder; what git should not keep is ignored.
    dev = run(checkout / "bin" / "dev", "--split", path=path)
    assert dev.stdout == f"up|--data|{checkout / 'data-dev'}|--split\n"
    assert {"/data/", "/data-dev/"} <= set((ROOT / ".gitignore").read_text().split())

    # A lock that changed is installed again; an interpreter that is gone is replaced.
    (checkout / "locks" / "runtime.txt").write_text("# still nothing\n")
    assert "installing" in run(checkout / "bin" / "demo", path=path).stderr
    (checkout / ".venv" / "bin" / "python").unlink()
    third = run(checkout / "bin" / "seatwright", "doctor", path=path)
    assert (third.returncode, third.stdout) == (0, "doctor\n")
    assert "making .venv" in third.stderr


def test_without_a_python_it_says_which_one_is_needed(checkout: Path, tmp_path: Path) -> None:
    for tool in ("sh", "dirname"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or "")
    refused = run(checkout / "bin" / "demo", path=str(tmp_path))
    assert refused.returncode == 1
    assert "Python 3.11 or later" in refused.stderr


def test_every_command_can_be_run_and_the_machine_runs_what_people_run() -> None:
    for name in BIN:
        assert (ROOT / "bin" / name).stat().st_mode & stat.S_IXUSR, name
        subprocess.run(["/bin/sh", "-n", ROOT / "bin" / name], check=True)
    watched = (ROOT / ".ci" / "run").read_text()
    assert [line for line in watched.splitlines() if not line.startswith("#")] == [
        'exec "$(dirname -- "$0")/../bin/test"'
    ]
