"""Real kills: of the program, of the supervisor, of an engine. Nothing survives, nothing blocks."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import pytest

from seatwright.run.engines import Engines, EngineTrouble, FolderInUse, readiness
from seatwright.run.engines.doctor import examine
from seatwright.run.engines.inspection import inspect
from seatwright.run.engines.ports import free_port

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from seatwright.run.engines import Command, Engines

async def main():
    engines = await Engines.start(Path(sys.argv[1]))
    # A service with a child of its own, which ignores polite requests.
    child = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    script = f"import subprocess,sys; subprocess.run([sys.executable, '-c', {child!r}])"
    await engines.lifeline.run(Command(name="service", argv=[sys.executable, "-c", script]))
    print(json.dumps({
        "supervisor": engines.lifeline.supervisor_pid,
        "scratch": str(engines.lifeline.scratch),
        "database_url": engines.addresses.database_url,
    }), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def place(data_folder: Path, request: pytest.FixtureRequest) -> Path:
    """A data folder of this test alone."""
    return data_folder / str(request.node.name)


async def until(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


def tree(root: int) -> dict[int, str]:
    """Every process below `root`, with the instant it began, so that a reused number differs."""
    parents: dict[int, list[int]] = {}
    began: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
                began[int(entry.name)] = fields[19]
    found, todo = {}, [root]
    while todo:
        pid = todo.pop()
        found[pid] = began.get(pid, "")
        todo += parents.get(pid, [])
    return found


def lives(pid: int, began: str) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[19] == began and fields[0] != "Z"


@contextlib.asynccontextmanager
async def program(place: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, place, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        told = json.loads(await process.stdout.readline())
    try:
        yield process, told
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        # Read to the end, so that the pipe's transport is closed as well.
        await process.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="looks through /proc")
@pytest.mark.parametrize("victim", ["program", "supervisor"])
async def test_a_kill_leaves_no_process_and_the_next_start_has_every_row(
    place: Path, victim: str
) -> None:
    async with program(place) as (process, told):
        everybody = tree(process.pid)
        # program, supervisor, four engines, postgres' own children, service and its child
        assert len(everybody) > 10
        connection = await asyncpg.connect(told["database_url"])
        await connection.execute("create table kept (n int); insert into kept values (1)")
        await connection.close()
        pid = process.pid if victim == "program" else int(told["supervisor"])
        os.kill(pid, signal.SIGKILL)
        if victim == "supervisor":
            everybody.pop(process.pid)
        await until(lambda: not any(lives(p, b) for p, b in everybody.items()))

    again = await Engines.start(place)
    try:
        connection = await asyncpg.connect(again.addresses.database_url)
        assert await connection.fetchval("select n from kept") == 1
        await connection.close()
    finally:
        await again.stop()
    assert not Path(told["scratch"]).exists()


async def test_a_start_right_after_a_kill_waits_for_the_predecessor(place: Path) -> None:
    async with program(place) as (process, _):
        process.kill()
        again = await Engines.start(place)
        await again.stop()


async def test_a_second_start_on_the_same_folder_is_refused_in_words(place: Path) -> None:
    async with program(place) as (process, _):
        with pytest.raises(FolderInUse) as refused:
            await Engines.start(place)
        assert str(process.pid) in str(refused.value)
        assert "--data" in refused.value.remedy
        assert process.returncode is None


NAMES = ("postgres", "valkey-holds", "valkey-cache", "nats")


@contextlib.asynccontextmanager
async def watched(engines: Engines) -> AsyncIterator["asyncio.Task[EngineTrouble]"]:
    """The engines as a program watches them; whatever happens they are stopped."""
    failing = asyncio.ensure_future(engines.failure())
    try:
        yield failing
    finally:
        failing.cancel()
        await asyncio.gather(failing, return_exceptions=True)
        await engines.stop()


async def kill(engines: Engines, name: str) -> int:
    """SIGKILL, and wait until it has come back under a new number, which is the answer."""
    pids = engines.lifeline.pids
    dead = int(pids[name])
    os.kill(dead, signal.SIGKILL)
    await until(lambda: pids[name] != dead)
    return int(pids[name])


@pytest.mark.parametrize("name", NAMES)
async def test_a_killed_engine_comes_back_with_every_row(place: Path, name: str) -> None:
    told: list[str] = []
    engines = await Engines.start(place, say=told.append)
    async with watched(engines) as failing:
        connection = await asyncpg.connect(engines.addresses.database_url)
        await connection.execute("create table kept (n int); insert into kept values (1)")
        await connection.close()
        told.clear()
        await kill(engines, name)
        await until(lambda: any("answers again" in line for line in told))
        assert told[0].startswith(f"{name} was killed by signal 9 and is started again")
        assert told[-1].startswith(f"{name} answers again")
        assert [
            finding.what for finding in await inspect(engines.addresses) if finding.remedy
        ] == []
        connection = await asyncpg.connect(engines.addresses.database_url)
        assert await connection.fetchval("select n from kept") == 1
        await connection.close()
        assert not failing.done()


async def test_an_engine_that_cannot_come_back_is_named_with_its_last_words(place: Path) -> None:
    engines = await Engines.start(place)
    async with watched(engines) as failing:
        (place / "nats" / "jetstream").rename(place / "nats" / "before")
        (place / "nats" / "jetstream").write_text("a file where a folder should be")
        os.kill(int(engines.lifeline.pids["nats"]), signal.SIGKILL)
        async with asyncio.timeout(60):
            trouble = await failing
        assert re.match(r"nats ended with \d+, after \d starts in a row\.", str(trouble))
        assert "Its last words" in str(trouble)
        assert "logs" in trouble.remedy


async def test_an_engine_that_comes_back_dumb_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = await Engines.start(place)
    async with watched(engines) as failing:
        monkeypatch.setattr(readiness, "READY_TIMEOUT_S", 1.0)
        pid = await kill(engines, "valkey-cache")
        os.kill(pid, signal.SIGSTOP)
        async with asyncio.timeout(20):
            trouble = await failing
        os.kill(pid, signal.SIGCONT)
        assert str(trouble).startswith("valkey-cache did not answer within 1 s")


async def test_an_engine_that_hangs_is_told_once_and_when_it_is_back(place: Path) -> None:
    told: list[str] = []
    engines = await Engines.start(place, say=told.append)
    async with watched(engines) as failing:
        told.clear()
        pids = {name: int(engines.lifeline.pids[name]) for name in NAMES}
        for pid in pids.values():
            os.kill(pid, signal.SIGSTOP)
        try:
            # A look every two seconds, and five for an answer; the rest is for a busy machine.
            await until(lambda: len(told) == len(NAMES), seconds=20)
            for name, pid in pids.items():
                (line,) = (line for line in told if line.startswith(f"{name} does not answer"))
                assert f"its process {pid} lives" in line
                assert "seatwright doctor" in line
            findings = [one for one in await examine(place, port=free_port()) if not one.fine]
            for name, pid in pids.items():
                (one,) = (one for one in findings if f"its process {pid} is " in one.what)
                assert "does not answer within 5 s: " in one.what
                assert f"kill -9 {pid}`: {name} is started again" in one.remedy
                assert sys.platform != "linux" or f"kill -CONT {pid}` wakes it" in one.remedy
            assert len(told) == len(NAMES), "once, however long it lasts"
        finally:
            for pid in pids.values():
                os.kill(pid, signal.SIGCONT)
        await until(lambda: len(told) == 2 * len(NAMES), seconds=20)
        for name in NAMES:
            (line,) = (line for line in told if line.startswith(f"{name} answers again after"))
        assert not failing.done()
        bad = [one.what for one in await inspect(engines.addresses) if not one.fine]
        assert bad == []


async def test_an_engine_that_hangs_and_is_killed_is_back_once(place: Path) -> None:
    told: list[str] = []
    engines = await Engines.start(place, say=told.append)
    async with watched(engines):
        told.clear()
        os.kill(int(engines.lifeline.pids["postgres"]), signal.SIGSTOP)
        await until(lambda: any("does not answer" in line for line in told), seconds=20)
        pid = await kill(engines, "postgres")
        await until(lambda: any("answers again" in line for line in told))
        # Whoever was told that it hangs hears of its new silence as well, and of nothing between.
        os.kill(pid, signal.SIGSTOP)
        await until(lambda: sum("does not answer" in line for line in told) == 2, seconds=20)
        os.kill(pid, signal.SIGCONT)
        assert [re.sub(r"\d+.*", "", line) for line in told] == [
            "postgres does not answer: its process ",
            "postgres was killed by signal ",
            "postgres answers again after ",
            "postgres does not answer: its process ",
        ]


@pytest.mark.skipif(sys.platform != "linux", reason="looks through /proc")
@pytest.mark.parametrize("name", NAMES)
async def test_engines_end_with_their_supervisor_also_when_they_were_started_again(
    place: Path, name: str
) -> None:
    engines = await Engines.start(place)
    async with watched(engines) as failing:
        await kill(engines, name)
        everybody = tree(engines.lifeline.supervisor_pid)
        os.kill(engines.lifeline.supervisor_pid, signal.SIGKILL)
        await until(lambda: not any(lives(p, b) for p, b in everybody.items()))
        async with asyncio.timeout(20):
            assert str(await failing).startswith("supervisor was killed")


async def test_torn_ends_of_files_and_stale_pids_do_not_block(place: Path) -> None:
    engines = await Engines.start(place)
    home = Path(engines.addresses.database_url and place / "postgres")
    await engines.stop()
    # What a power cut leaves: half a command, and a pid file whose number is somebody else's now.
    (tail,) = (place / "valkey-holds" / "appendonlydir").glob("*.incr.aof")
    with tail.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$1\r\nx")
    stale = home / "cluster" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home / 'cluster'}\n1\n1\n\n\n\n\n")

    again = await Engines.start(place)
    await again.stop()


async def test_a_start_waits_for_what_is_left_of_a_killed_database(place: Path) -> None:
    engines = await Engines.start(place)
    connection = await asyncpg.connect(engines.addresses.database_url)
    orphan = int(await connection.fetchval("select pg_backend_pid()"))
    # It cannot notice that its parent is gone, like one that is deep in a long statement.
    os.kill(orphan, signal.SIGSTOP)
    os.kill(int(engines.lifeline.pids["postgres"]), signal.SIGKILL)
    await engines.stop()
    connection.terminate()
    starting = asyncio.ensure_future(Engines.start(place))
    log = place / "logs" / "postgres.log"
    await until(lambda: "is still in use" in log.read_text() or starting.done())
    os.kill(orphan, signal.SIGCONT)
    again = await starting
    async with watched(again) as failing:
        assert (await inspect(again.addresses))[0].fine
        assert not failing.done()


async def test_an_engine_that_cannot_start_says_why(place: Path) -> None:
    engines = await Engines.start(place)
    await engines.stop()
    (place / "nats" / "jetstream").rename(place / "nats" / "before")
    (place / "nats" / "jetstream").write_text("a file where a folder should be")
    with pytest.raises(EngineTrouble, match="nats ended with"):
        await Engines.start(place)


async def test_a_lost_password_is_told_at_once(place: Path) -> None:
    engines = await Engines.start(place)
    await engines.stop()
    (place / "secrets.json").unlink()
    async with asyncio.timeout(20):
        with pytest.raises(EngineTrouble, match=r"secrets\.json"):
            await Engines.start(place)
