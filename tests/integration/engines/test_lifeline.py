"""What the supervisor does with one process: start again, give up, stop in order."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from seatwright.run.engines import (
    STAGE_ENGINE,
    STAGE_SERVICE,
    Command,
    EngineTrouble,
    Lifeline,
    Restart,
)
from seatwright.run.engines.accounts import scratch_root, unprivileged
from seatwright.run.engines.embedded import folder
from seatwright.run.engines.lifeline import process_lives
from seatwright.run.engines.supervisor import Child, Supervisor
from tests.integration.engines.test_supervision import until

COUNT = """
import pathlib, sys
path = pathlib.Path(sys.argv[1])
path.write_text(path.read_text() + "x" if path.exists() else "x")
sys.exit(7)
"""


@pytest.fixture
def place(data_folder: Path, request: pytest.FixtureRequest) -> Path:
    """A data folder of this test alone."""
    return data_folder / str(request.node.name)


async def test_a_stop_in_the_pause_before_a_new_start_leaves_nothing(place: Path) -> None:
    lifeline = await Lifeline.open(folder(place), scratch_root=scratch_root(unprivileged()))
    marks = place / "marks"
    command = Command(
        name="falls",
        argv=[sys.executable, "-c", COUNT, str(marks)],
        restart=Restart(first_s=60, most_s=60),
    )
    await lifeline.run(command)
    async with asyncio.timeout(20):
        assert (await lifeline.death()).again_s == 60
        await lifeline.close()
    assert marks.read_text() == "x"
    assert not process_lives(lifeline.supervisor_pid)


async def test_services_restart_with_growing_pauses_and_engines_stop_last(place: Path) -> None:
    data = folder(place)
    lifeline = await Lifeline.open(data, scratch_root=scratch_root(unprivileged()))
    marks = data / "marks"
    try:
        await lifeline.run(
            Command(
                name="falls",
                argv=[sys.executable, "-c", COUNT, str(marks)],
                restart=Restart(first_s=0.01, most_s=0.05),
            )
        )
        async with asyncio.timeout(20):
            pauses = [(await lifeline.death()).again_s for _ in range(5)]
        assert pauses == [0.01, 0.02, 0.04, 0.05, 0.05]
        await until(lambda: len(marks.read_text()) > 4)
        await lifeline.halt("falls")

        order = data / "order"
        for name, stage in (("engine", STAGE_ENGINE), ("service", STAGE_SERVICE)):
            listening = data / name
            script = (
                f"trap 'echo {name} >> {order}; exit' TERM; : > {listening};"
                " while :; do sleep 0.02; done"
            )
            await lifeline.run(Command(name=name, argv=["/bin/sh", "-c", script], stage=stage))
            await until(listening.exists)
    finally:
        await lifeline.close()
    assert order.read_text().split() == ["service", "engine"]
    assert not process_lives(lifeline.supervisor_pid)


async def test_a_command_that_does_not_exist_is_told(place: Path) -> None:
    lifeline = await Lifeline.open(folder(place), scratch_root=scratch_root(unprivileged()))
    try:
        with pytest.raises(EngineTrouble, match="could not be executed"):
            await lifeline.run(Command(name="nothing", argv=["/nonexistent"]))
    finally:
        await lifeline.close()


async def test_a_process_that_cannot_stay_is_given_up(place: Path) -> None:
    data = folder(place)
    lifeline = await Lifeline.open(data, scratch_root=scratch_root(unprivileged()))
    marks = data / "marks"
    try:
        command = Command(
            name="falls",
            argv=[sys.executable, "-c", COUNT, str(marks)],
            restart=Restart(first_s=0.01, at_most=2),
        )
        await lifeline.run(command)
        async with asyncio.timeout(20):
            deaths = [await lifeline.death() for _ in range(3)]
        assert [death.again_s for death in deaths] == [0.01, 0.02, None]
        assert marks.read_text() == "xxx"
        assert str(deaths[-1]) == "falls ended with 7, after 2 starts in a row."
    finally:
        await lifeline.close()


async def test_a_program_that_vanishes_is_given_up_like_one_that_dies(place: Path) -> None:
    data = folder(place)
    lifeline = await Lifeline.open(data, scratch_root=scratch_root(unprivileged()))
    try:
        script = data / "program"
        script.write_text('#!/bin/sh\nrm "$0"\n')
        script.chmod(0o700)
        restart = Restart(first_s=0.01, at_most=2)
        await lifeline.run(Command(name="vanishes", argv=[str(script)], restart=restart))
        async with asyncio.timeout(20):
            pauses = [(await lifeline.death()).again_s for _ in range(3)]
        assert pauses == [0.01, 0.02, None]
    finally:
        await lifeline.close()


async def test_a_second_process_of_the_same_name_is_refused(place: Path) -> None:
    lifeline = await Lifeline.open(folder(place), scratch_root=scratch_root(unprivileged()))
    try:
        command = Command(name="one", argv=["/bin/sleep", "600"])
        pid = await lifeline.run(command)
        with pytest.raises(EngineTrouble, match="it runs already"):
            await lifeline.run(command)
        assert process_lives(pid)
    finally:
        await lifeline.close()
    assert not process_lives(pid)


def test_pauses_stay_at_their_most_however_often_a_process_fell(tmp_path: Path) -> None:
    supervisor = Supervisor(str(tmp_path / "lock"), str(tmp_path))
    command = Command(name="falls", argv=["/bin/false"], restart=Restart())
    child = Child(command.wire(), started_at=time.monotonic(), failures=5000)
    assert supervisor.pause(child) == 10.0
    os.close(supervisor.lock)
