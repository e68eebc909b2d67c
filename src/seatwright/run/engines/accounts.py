"""
Whom PostgreSQL runs as, and where that account can reach.

PostgreSQL refuses uid 0. Under root it runs as `nobody`, who often cannot enter the folder of
the project (`/root` is 0700), so its files may have to live elsewhere.
"""

import hashlib
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from seatwright.run.engines.trouble import EngineTrouble

PROBE_TIMEOUT_S = 10
# In order: kept over restarts of the machine, kept, at least there.
REFUGES = (Path("/var/lib/seatwright"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108  # nosec B108  # one's own folder is made inside
POINTER = "postgres.elsewhere"
OWNER = "owner.json"


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its primary group, by number."""

    uid: int
    gid: int


def unprivileged() -> Account | None:
    """`nobody` when this is root, None when this is an ordinary user already."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    # macOS counts nobody as -2 and hands it out as an unsigned number.
    return Account(entry.pw_uid % 2**32, entry.pw_gid % 2**32)


def reaches(account: Account | None, folder: Path) -> bool:
    """Whether `account` may enter `folder` and all above it."""
    if account is None:
        return os.access(folder, os.X_OK)
    probe = subprocess.run(  # noqa: S603  # fixed words, no shell
        ["/bin/ls", "-d", f"{folder}/."],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        timeout=PROBE_TIMEOUT_S,
        check=False,
    )
    return probe.returncode == 0


def scratch_root(account: Account | None) -> Path:
    """Where short-lived folders go: the temporary folder, or one that `account` reaches."""
    for candidate in (Path(tempfile.gettempdir()), *REFUGES[1:]):
        if candidate.is_dir() and os.access(candidate, os.W_OK) and reaches(account, candidate):
            return candidate
    raise EngineTrouble(
        "There is no temporary folder that PostgreSQL's account could enter.",
        remedy="Set TMPDIR to one, or start as an ordinary user.",
    )


def postgres_home(data: Path, account: Account | None) -> Path:
    """
    The folder of PostgreSQL's files: inside `data`, or a refuge when `account` cannot go there.

    A refuge is named in `data/postgres.elsewhere`, and names its owner, so that it is found
    again, and swept when the owner is deleted.
    """
    home = data / "postgres"
    pointer = data / POINTER
    if pointer.exists():
        kept = Path(pointer.read_text().strip())
        if (kept / OWNER).exists():
            return kept
    if account is None or home.exists() or reaches(account, data):
        home.mkdir(exist_ok=True)
        _hand_over(home, account)
        return home
    return _refuge(data, account)


def _refuge(data: Path, account: Account) -> Path:
    label = hashlib.sha256(str(data).encode()).hexdigest()[:8]
    for root in REFUGES:
        try:
            root.mkdir(mode=0o755, exist_ok=True)
            sweep(root)
            home = Path(tempfile.mkdtemp(prefix=f"seatwright-{label}-", dir=root))
        except OSError:
            continue
        if not reaches(account, root):
            home.rmdir()
            continue
        # The pointer first: a sweep by somebody else spares what has no owner's name yet.
        (data / POINTER).write_text(f"{home}\n")
        (home / OWNER).write_text(json.dumps({"data": str(data)}))
        _hand_over(home, account)
        return home
    raise EngineTrouble(
        f"PostgreSQL may not run as root, and its account cannot enter {data}.",
        remedy="Choose a folder below /var/lib or /srv with --data, or start as another user.",
    )


def sweep(root: Path) -> None:
    """Remove refuges below `root` whose owner is gone or lives elsewhere by now."""
    for home in root.glob("seatwright-*"):
        try:
            owner = Path(json.loads((home / OWNER).read_text())["data"])
        except (OSError, ValueError, KeyError):
            continue
        pointer = owner / POINTER
        if pointer.exists() and Path(pointer.read_text().strip()) == home:
            continue
        shutil.rmtree(home, ignore_errors=True)


def _hand_over(folder: Path, account: Account | None) -> None:
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
