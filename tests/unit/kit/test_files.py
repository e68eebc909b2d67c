"""Files are whole or absent, whoever writes them at the same time."""

import asyncio
import os

import pytest

from seatwright.kit.files import FolderFiles

NAME = "0123456789abcdef"


@pytest.fixture
def files(tmp_path):
    return FolderFiles(tmp_path)


async def test_what_was_written_is_read(files, tmp_path):
    await files.write(folder="charts", name=NAME + ".json", content=b"{}")
    assert await files.read(folder="charts", name=NAME + ".json") == b"{}"
    path = tmp_path / "charts" / f"{NAME}.json"
    assert path.stat().st_mode & 0o777 == 0o644, "the gateway serves it under another account"
    assert [p.name for p in path.parent.iterdir()] == [path.name], "no draft is left"


async def test_writing_again_changes_nothing(files):
    await files.write(folder="charts", name=NAME, content=b"first")
    await files.write(folder="charts", name=NAME, content=b"second")
    assert await files.read(folder="charts", name=NAME) == b"first"


async def test_many_may_write_the_same_file_at_once(files, tmp_path):
    content = os.urandom(100_000)
    for turn in range(10):
        name = f"{turn:016x}"
        await asyncio.gather(
            *(files.write(folder="posters", name=name, content=content) for _ in range(20))
        )
        assert await files.read(folder="posters", name=name) == content
    assert len(list((tmp_path / "posters").iterdir())) == 10


@pytest.mark.parametrize(
    "name",
    ["", "x", "../" + NAME, "/etc/passwd", NAME.upper(), NAME + "\n", NAME + ".JSON", NAME[:15],
     NAME * 4 + "0", NAME + ".", NAME + ".a/b", "." + NAME],
)  # fmt: skip
async def test_a_name_that_is_no_hash_is_not_there_and_cannot_be_written(files, name):
    assert await files.read(folder="charts", name=name) is None
    with pytest.raises(AssertionError):
        await files.write(folder="charts", name=name, content=b"x")


async def test_a_file_that_is_not_there_is_none(files):
    assert await files.read(folder="charts", name=NAME) is None
