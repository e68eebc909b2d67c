"""The documentation says what is so: commands exist, links lead on, references are current."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from seatwright.cli import parser
from seatwright.orders.domain.order import State
from tests.architecture import reference, reference_schema
from tests.architecture.house_rules import ROOT
from tests.unit.kit.asgi import ask

PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("web/*.md")],
    key=lambda path: path.relative_to(ROOT).as_posix(),
)
PICTURE_BYTES_MAX = 200 * 1024
NEEDED = {
    "README.md", "STYLE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE",
    "docs/architecture.md", "docs/glossary.md", "docs/decisions/README.md",
    "docs/reference/performance.md", "docs/operations/README.md",
}  # fmt: skip
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
# Words of whoever wrote it and where: a reader can do nothing with them.
_FOREIGN = re.compile(
    r"(?i)\b(" + "|".join(["sess" + "ions? of work", "ag" + "ents?", "help" + "er sess", "LL" + "M",
                           "chat" + "bot", "lang" + "uage model"]) + r")\b"
)  # fmt: skip


def _prose(text: str) -> str:
    return _FENCE.sub("", text)


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ +(.+)$", _prose(text), re.MULTILINE)
    kept = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
    return set(kept)


def broken_links(page: Path, text: str) -> list[str]:
    """Links of a page to files or headings that are not there."""
    found = []
    for one in _LINK.finditer(_prose(text)):
        target = one[1] or one[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        # Of a page itself the text that is given, which may be another than its file's.
        if not file.exists() or (
            anchor and anchor not in _anchors(text if file == page else file.read_text())
        ):
            found.append(target)
    return found


def commands(text: str) -> list[list[str]]:
    """The lines of `sh` blocks that call a program of ours, as words."""
    found = []
    for language, block in _FENCE.findall(text):
        if language == "sh":
            lines = block.replace("\\\n", " ").splitlines()
            ours = [
                line.split(" #")[0] for line in lines if line.startswith(("bin/", "seatwright "))
            ]
            found += [shlex.split(line) for line in ours]
    return found


def wrong_command(words: list[str]) -> str | None:
    """What is wrong with a command that a page shows; None when it can be given like that."""
    program, *rest = words
    if program.startswith("bin/"):
        path = ROOT / program
        if not (path.is_file() and os.access(path, os.X_OK)):
            return f"{program} is not there to be run"
        if program in {"bin/demo", "bin/dev"}:
            rest = ["demo", *rest]
        elif program != "bin/seatwright":
            return None
    rest = [word for word in rest if word != "&"]
    given = [re.sub(r"^[A-Z_]+=.*", "", word) for word in rest]
    try:
        parser().parse_args([word for word in given if word])
    except SystemExit as refused:
        return None if refused.code == 0 else f"{shlex.join(words)} is refused"
    return None


def test_every_page_is_there():
    assert not [name for name in NEEDED if not (ROOT / name).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_leads_where_it_says(page):
    assert broken_links(page, page.read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_shows_commands_that_exist(page, capsys):
    wrong = [wrong_command(words) for words in commands(page.read_text())]
    assert not [one for one in wrong if one]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_speaks_of_the_product_only(page):
    # Paths of a machine and names of registries are the tidy test's business.
    assert _FOREIGN.findall(page.read_text()) == []


def test_a_link_into_nowhere_is_found():
    page = ROOT / "README.md"
    text = (
        "# A b\n[a](docs/none.md) [b](#a-b) [c](#d) [d](https://example.com/x) [e](docs)"
        " [f](STYLE.md#house-style) [g](STYLE.md#a-b)"
    )
    assert broken_links(page, text) == ["docs/none.md", "#d", "STYLE.md#a-b"]


@pytest.mark.parametrize(
    "line", ["bin/none", "bin/demo --colour", "seatwright fly", "seatwright serve nowhere"]
)
def test_a_command_that_does_not_exist_is_found(line, capsys):
    assert wrong_command(shlex.split(line))


def test_the_commands_of_readme_answer():
    for name in ("demo", "seatwright"):
        shown = subprocess.run(
            [ROOT / ".venv/bin/seatwright", *([name] if name == "demo" else []), "--help"],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert "usage:" in shown.stdout


def test_pictures_are_small():
    pictures = [*ROOT.glob("docs/pictures/*.png"), *ROOT.glob("docs/pictures/*.svg")]
    assert pictures
    assert not [path.name for path in pictures if path.stat().st_size > PICTURE_BYTES_MAX]


def test_every_picture_is_shown_somewhere():
    text = "".join(page.read_text() for page in PAGES)
    for path in ROOT.glob("docs/pictures/*.*g"):
        assert path.name in text, path.name


def test_every_decision_stands_in_the_table():
    table = (ROOT / "docs/decisions/README.md").read_text()
    records = sorted(path.name for path in ROOT.glob("docs/decisions/0*.md"))
    assert re.findall(r"\((0\d{3}-[\w-]+\.md)\)", table) == records


def test_every_enforcer_that_a_decision_names_exists():
    for path in ROOT.glob("docs/decisions/0*.md"):
        text = path.read_text()
        assert "**Enforced by.**" in text, path.name
        for name in re.findall(r"`((?:tests|src|db|bin|deploy)/[\w./-]+)`", text):
            assert (ROOT / name).exists(), f"{path.name}: {name}"


def test_the_changelog_begins_with_what_is_not_released():
    assert re.search(r"^## Unreleased$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
async def written(application: Any, installed_url: str) -> dict[str, str]:
    answer = await ask(application, "GET", "/v1/openapi.json")
    connection = await asyncpg.connect(installed_url)
    try:
        tables = await reference_schema.read(connection)
    finally:
        await connection.close()
    return reference.pages(answer.json(), tables)


def test_the_reference_is_what_the_code_says(written):
    if os.environ.get(reference.WRITE):
        for name, text in written.items():
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text)
    old = [name for name, text in written.items()
           if not (ROOT / name).exists() or (ROOT / name).read_text() != text]  # fmt: skip
    assert not old, "python -m tests.architecture.reference writes it again"


def test_the_reference_leaves_nothing_out(written):
    from typing import get_args

    for state in get_args(State):
        assert f"| `{state}` |" in written["docs/reference/states.md"]
    assert "`seats_taken` | 409" in written["docs/reference/errors.md"]
    assert "`/v1/holds`" in written["docs/reference/api.md"]
    assert "orders.claims" in written["docs/reference/data-model.md"]
    assert "seatwright_request_seconds" in written["docs/reference/metrics.md"]
