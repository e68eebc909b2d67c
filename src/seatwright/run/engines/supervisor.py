"""
The parent of every engine and service process; started as a script, standard library only.

It reads commands, one JSON object a line, from its standard input and writes reports the same
way to its standard output. The other end of that input is held by the program a person started:
when that program ends in any way, `kill -9` included, the input ends, and everything here is
stopped in order. It runs in a session of its own, so Ctrl-C reaches the program and not the
engines. `lifeline.py` is the other side and says what the fields mean.
"""

import ctypes
import fcntl
import json
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

LOG_BYTES_MAX = 16 * 1024 * 1024
# The program may be gone although a stray copy of its pipe lives on in some grandchild.
PARENT_LOOK_S = 1.0
OPEN_FILES = 65_536
PR_SET_PDEATHSIG = 1
# Doubling goes on no further: the pause has long been at its most, and a float has its bounds.
DOUBLINGS_MAX = 30
# What a shell says of a program that cannot be executed.
EXIT_NOT_EXECUTED = 126


@dataclass(slots=True)
class Child:
    """One process: what it was started with, and how far its stopping has come."""

    order: dict[str, Any]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    failures: int = 0
    again_at: float | None = None
    wanted: bool = True
    ladder: list[tuple[int, float]] = field(default_factory=list)
    deadline: float | None = None


class Supervisor:
    """Starts, watches, restarts and stops; one thread, one loop, no state on disk but the lock."""

    def __init__(self, lock_path: str, scratch_root: str) -> None:
        self.children: dict[str, Child] = {}
        self.stopping = False
        self.program = os.getppid()
        self.lock = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        self.scratch = ""
        self.scratch_root = scratch_root

    def take_lock(self) -> dict[str, Any] | None:
        """Own the data folder, or say who does. The lock ends with this process."""
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(self.lock, 4096, 0)
            return dict(json.loads(text or b"{}"))
        left_behind = json.loads(os.pread(self.lock, 4096, 0) or b"{}").get("scratch", "")
        if left_behind.startswith(os.path.join(self.scratch_root, "sw-")):  # noqa: PTH118  # no pathlib
            shutil.rmtree(left_behind, ignore_errors=True)
        self.scratch = tempfile.mkdtemp(prefix="sw-", dir=self.scratch_root)
        # Under root PostgreSQL's account passes through to its own folder inside.
        os.chmod(self.scratch, 0o711 if os.geteuid() == 0 else 0o700)  # noqa: PTH101  # no pathlib
        owner = {"supervisor": os.getpid(), "program": self.program, "scratch": self.scratch}
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, json.dumps(owner).encode(), 0)
        return None

    def obey(self, command: dict[str, Any]) -> None:
        """One line from the program."""
        name = command.get("name", "")
        if command["do"] == "run" and not self.stopping:
            child = self.children.get(name)
            if child is not None and child.process is not None:
                # Forgetting one that lives would leave it behind at the end.
                report("failed", name=name, error="it runs already")
                return
            self.children[name] = Child(command)
            self.spawn(name, first=True)
        elif command["do"] == "halt":
            child = self.children.get(name)
            if child is None or child.process is None:
                report("exited", name=name, code=0, unasked=False, again_s=None, again=0)
            if child is not None:
                child.wanted = False
                child.again_at = None
        elif command["do"] == "stop":
            self.stopping = True

    def spawn(self, name: str, *, first: bool = False) -> None:
        """
        Start (again). A program that cannot be executed is reported, not raised; after its first
        start that is one more end of it.
        """
        child = self.children[name]
        child.again_at = None
        child.ladder = [(getattr(signal, s), float(t)) for s, t in child.order["stop"]]
        child.deadline = None
        child.started_at = time.monotonic()
        try:
            child.process = _popen(child.order)
        except OSError as failure:
            if first:
                report("failed", name=name, error=str(failure))
            else:
                self._over(name, child, EXIT_NOT_EXECUTED)
            return
        report("started", name=name, pid=child.process.pid)

    def reap(self) -> None:
        """Notice the dead, sweep their process groups, decide about restarts."""
        for name, child in self.children.items():
            if child.process is None:
                continue
            ended = os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                continue
            # Still a zombie, so its number cannot have been given to anybody else.
            _signal_group(child.process.pid, signal.SIGKILL)
            code = child.process.wait()
            child.process = None
            self._over(name, child, code)

    def _over(self, name: str, child: Child, code: int) -> None:
        wanted = child.wanted and not self.stopping
        pause = self.pause(child) if wanted else None
        child.again_at = None if pause is None else time.monotonic() + pause
        again = max(0, child.failures - 1)
        report("exited", name=name, code=code, unasked=wanted, again_s=pause, again=again)

    def pause(self, child: Child) -> float | None:
        """Count one more failure; seconds until the next start, None when there is none."""
        policy = child.order["restart"]
        if policy is None:
            return None
        if time.monotonic() - child.started_at > policy["steady_s"]:
            child.failures = 0
        child.failures += 1
        if policy["at_most"] is not None and child.failures > policy["at_most"]:
            return None
        doublings = min(child.failures - 1, DOUBLINGS_MAX)
        return float(min(policy["most_s"], policy["first_s"] * 2**doublings))

    def advance(self) -> None:
        """Press those that must go: the highest stage first, each rung when the last one failed."""
        now = time.monotonic()
        if self.stopping:
            for child in self.children.values():
                child.again_at = None
            living = [c for c in self.children.values() if c.process is not None]
            top = max((c.order["stage"] for c in living), default=0)
            going = [c for c in living if c.order["stage"] == top]
        else:
            going = [c for c in self.children.values() if c.process is not None and not c.wanted]
            for name, child in self.children.items():
                if child.again_at is not None and child.again_at <= now:
                    self.spawn(name)
        for child in going:
            if child.deadline is None or child.deadline <= now:
                self._press(child, now)

    def _press(self, child: Child, now: float) -> None:
        assert child.process is not None
        if not child.ladder:
            _signal_group(child.process.pid, signal.SIGKILL)
            child.deadline = now + 5.0
            return
        number, patience = child.ladder.pop(0)
        child.process.send_signal(number)
        child.deadline = now + patience

    def nap(self) -> float:
        """Seconds until something is due."""
        now = time.monotonic()
        due = [c.deadline for c in self.children.values() if c.process and c.deadline]
        due += [c.again_at for c in self.children.values() if c.again_at is not None]
        return max(0.0, min([PARENT_LOOK_S, *(d - now for d in due)]))

    @property
    def done(self) -> bool:
        """Asked to stop, and nothing is left."""
        return self.stopping and not any(c.process for c in self.children.values())


def _popen(order: dict[str, Any]) -> "subprocess.Popen[bytes]":
    log = _log(order["log"]) if order["log"] else None
    try:
        return subprocess.Popen(  # noqa: S603  # the program's own list, no shell
            order["argv"],
            env=order["env"],
            cwd=order["cwd"],
            stdin=subprocess.DEVNULL,
            stdout=log if log is not None else sys.stderr,
            stderr=subprocess.STDOUT if log is not None else None,
            start_new_session=True,
            user=order["user"],
            group=order["group"],
            extra_groups=None if order["user"] is None else [],
            preexec_fn=_follow_parent(order["stop"][0][0]),  # noqa: PLW1509  # one thread only
        )
    finally:
        if log is not None:
            os.close(log)


def _log(path: str) -> int:
    if os.path.exists(path) and os.path.getsize(path) > LOG_BYTES_MAX:  # noqa: PTH110, PTH202  # pathlib is slow to import
        os.replace(path, path + ".1")  # noqa: PTH105
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _follow_parent(signal_name: str) -> Callable[[], None] | None:
    # Linux only: should this process itself be killed, the kernel tells its children. Elsewhere
    # the next start finds such an engine by its pid file and says so.
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    number = int(getattr(signal, signal_name))
    parent = os.getpid()

    def follow() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return follow


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        # Nobody left in the group; macOS answers EPERM when only the zombie is.
        return


def report(what: str, **facts: Any) -> None:
    """One line to the program; if it is gone there is nobody to tell."""
    try:
        os.write(1, json.dumps({"what": what, **facts}).encode() + b"\n")
    except OSError:
        return


def main(lock_path: str, scratch_root: str) -> int:
    """Serve until the input ends or SIGTERM comes; 0 when all children are gone."""
    supervisor = Supervisor(lock_path, scratch_root)
    refused = supervisor.take_lock()
    if refused is not None:
        report("locked", **refused)
        return 3
    # Every visitor is an open file, and the usual soft limit is 1,024. Children inherit this.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    # Mails, journals and logs hold addresses and links; children inherit this too.
    os.umask(0o077)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    # Handlers, not SIG_IGN: an ignored signal would stay ignored in the children.
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: setattr(supervisor, "stopping", True))
    report("ready", pid=os.getpid(), scratch=supervisor.scratch)
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(wake_read, selectors.EVENT_READ)
        _loop(supervisor, selector, wake_read)
    shutil.rmtree(supervisor.scratch, ignore_errors=True)
    report("stopped")
    return 0


def _loop(supervisor: Supervisor, selector: selectors.BaseSelector, wake_read: int) -> None:
    pending = b""
    while not supervisor.done:
        for key, _ in selector.select(supervisor.nap()):
            arrived = os.read(key.fd, 65536)
            if key.fd == wake_read:
                continue
            if not arrived:
                supervisor.stopping = True
                selector.unregister(0)
            *lines, pending = (pending + arrived).split(b"\n")
            for line in lines:
                supervisor.obey(json.loads(line))
        if os.getppid() != supervisor.program:
            supervisor.stopping = True
        supervisor.reap()
        supervisor.advance()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
