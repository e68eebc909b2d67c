"""The source is tidy, and the rules that say so find what is not."""

from pathlib import Path, PurePath

import pytest

from tests.architecture import house_rules
from tests.architecture.house_rules import BANNED, EXCEPTIONS, ROOT, complaints, files


def test_the_source_is_tidy():
    found = [
        complaint
        for path in files()
        for complaint in complaints(path, (ROOT / path).read_text("utf-8", "replace"))
    ]
    assert not found, "\n" + "\n".join(found)


def test_everything_people_wrote_is_looked_at():
    looked = {path.as_posix() for path in files()}
    assert {
        "src/seatwright/kit/postgres.py", "src/seatwright/orders/placing/queries.sql",
        "tests/architecture/house_rules.py", "pyproject.toml", "db/roles.sql", "bin/test",
        "locks/dev.txt", "web/package-lock.json", ".importlinter",
    } <= looked  # fmt: skip
    assert any(path.startswith("web/") and path.endswith(".svelte") for path in looked)
    assert not any("node_modules" in path or "__pycache__" in path for path in looked)


def test_an_exception_is_still_needed(monkeypatch):
    exceptions = dict(EXCEPTIONS)
    monkeypatch.setattr(house_rules, "EXCEPTIONS", {})
    for name, advice in exceptions.items():
        found = list(complaints(PurePath(name), (ROOT / name).read_text()))
        for one in advice:
            assert any(one in complaint for complaint in found), name


BAD = [
    ("src/seatwright/x.py", "x = 1\n" * 401, "401 lines"),
    ("db/migrations/0007_pre_x.sql", "\n" * 401, "401 lines"),
    ("web/shop/src/x.svelte", "<p/>\n" * 401, "401 lines"),
    ("src/seatwright/x.py", "def f():\n" + "    x = 1\n" * 50, "f has 51 lines"),
    ("src/seatwright/x.py", "async def f():\n" + "    x = 1\n" * 50, "f has 51 lines"),
    ("src/x.lua", "local function f()\n" + "  g()\n" * 49 + "end\n", "f has 51 lines"),
    ("src/seatwright/orders/utils.py", "", "says nothing"),
    ("web/shop/src/lib/helpers.ts", "", "says nothing"),
    ("src/seatwright/common/x.py", "", "says nothing"),
    ("src/seatwright/x.py", "# FIX" + "ME later\n", "leftover"),
    ("web/shop/src/x.ts", "// TO" + "DO: later\n", "name the issue"),
    ("docs/x.md", "<<<<<<< mine\n", "merge"),
    ("locks/dev.txt", "--index-url https://py" + "pi.org/simple\n", "registry"),
    ("web/package-lock.json", '"https://registry.' + 'npmjs.org/x"\n', "registry"),
    ("docs/x.md", "FROM docker" + ".io/library/x\n", "registry"),
    ("bin/x", "cd /work" + "/main\n", "machine"),
    ("docs/x.md", "see /home" + "/ada/x\n", "machine"),
    ("src/seatwright/x.py", "await c.commit()\n", "commits"),
    ("src/seatwright/x.py", 'await c.execute("COMMIT")\n', "commits"),
    ("src/seatwright/orders/queries.sql", "SELECT * FROM orders.orders\n", "name the columns"),
    ("db/schema/x.sql", "select * from x\n", "name the columns"),
    ("tests/unit/x.py", "async def f():\n    await asyncio." + "sleep(0.3)\n", "condition"),
    *(
        (
            "tests/unit/x.py",
            f"async def f():\n{loop}        await asyncio." + "sleep(0.3)\n",
            "condition",
        )
        for loop in (
            "    for n in g():\n        h(n)\n",
            "    async for n in g():\n        assert n\n",
            "    for n in g():\n        for m in n:\n            break\n",
            "    for n in g():\n        def h():\n            return n\n",
        )
    ),
    ("tests/browser/x.mjs", "await page.waitFor" + "Timeout(700);\n", "condition"),
    ("tests/unit/x.py", "from unittest import " + "mock\n", "fake"),
    ("tests/unit/x.py", "import unittest." + "mock\n", "fake"),
    ("tests/unit/x.py", "x = Magic" + "Mock()\n", "fake"),
    ("tests/unit/x.py", "time." + "sleep(1)\n", "condition"),
    ("src/seatwright/x.py", "x = y  # type: ignore\n", "which complaint"),
    ("src/seatwright/x.py", "x = y  # noqa\n", "which complaint"),
    ("src/seatwright/orders/queries.sql", "NOTIFY sold;\n", "locks every commit"),
    ("src/seatwright/kit/x.py", "venue_id = 1\n", "no domain words"),
]


@pytest.mark.parametrize(("name", "text", "words"), BAD)
def test_a_bad_file_is_found(name, text, words):
    assert any(words in found for found in complaints(PurePath(name), text))


def test_every_rule_was_shown_to_find_something():
    found = [c for name, text, _ in BAD for c in complaints(PurePath(name), text)]
    for _, _, advice in BANNED:
        assert any(advice in complaint for complaint in found), advice


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("src/seatwright/x.py", "x = 1\n" * 400),
        ("src/x.lua", "local function f()\n" + "  g()\n" * 48 + "end\n" + "h()\n" * 9),
        ("src/x.lua", "local function f() return 1 end\n" + "h()\n" * 60 + "end\n"),
        ("src/seatwright/orders/queries.sql", "SELECT * FROM unnest($1::text[])\n"),
        ("src/seatwright/orders/queries.sql", "SELECT *\n    FROM unnest($1::text[])\n"),
        ("src/seatwright/kit/postgres.py", 'await c.execute("COMMIT")\n'),
        ("docs/x.md", "TO" + "DO(#12): say more\n"),
        ("db/migrations/0001_pre_begin.sql", "\n" * 900),
        ("src/seatwright/x.py", 'route = "/v1/work/things"\n'),
        *(
            ("tests/unit/x.py", f"async def f():\n{loop}        await asyncio.sleep(0.1)\n")
            for loop in (
                "    while not g():\n",
                "    for n in g():\n        if h(n):\n            return n\n",
                "    async for n in g():\n        if h(n):\n            break\n",
                "    while True:\n        h()\n",
            )
        ),
        ("tests/unit/x.py", "async def f():\n    await asyncio.sleep(0)\n"),
        ("src/seatwright/x.py", "async def f():\n    await asyncio.sleep(0.1)\n"),
    ],
)
def test_a_good_file_is_left_alone(name, text):
    assert list(complaints(PurePath(name), text)) == []


def test_files_are_found_in_any_folder(tmp_path: Path):
    (tmp_path / "src" / "node_modules").mkdir(parents=True)
    (tmp_path / "src" / "node_modules" / "x.py").write_text("")
    (tmp_path / "src" / "x.py").write_text("")
    (tmp_path / "x.png").write_bytes(b"")
    assert house_rules.files(tmp_path) == [Path("src/x.py")]
