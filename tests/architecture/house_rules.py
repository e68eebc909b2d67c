"""The house rules no off-the-shelf linter knows. After TigerBeetle's `src/tidy.zig`."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path, PurePath

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50

# Made by tools, or somebody else's: not ours to keep tidy.
MADE = {
    "node_modules", "generated", "build", "dist", ".svelte-kit", ".venv", ".git", "__pycache__",
    ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache", "results", "test-results",
}  # fmt: skip
WRITTEN = {
    ".py", ".sql", ".lua", ".ts", ".js", ".mjs", ".svelte", ".css", ".html", ".typ", ".sh", ".toml",
    ".ini", ".cfg", ".json", ".yaml", ".yml", ".md", ".txt", ".importlinter", "",
}  # fmt: skip
# Lines are counted where people write code; lists, locks and prose are as long as they are.
COUNTED = {".py", ".lua", ".ts", ".js", ".mjs", ".svelte", ".css", ".html", ".typ", ".sql"}
# A tool writes it from db/schema, which is counted.
UNCOUNTED = {"db/migrations/0001_pre_begin.sql"}
EMPTY_NAMES = re.compile(
    r"(^|/)(utils?|helpers?|common|misc|managers?|base|data|info)\.(py|ts|js|mjs|svelte)$"
)
EMPTY_FOLDERS = re.compile(r"(^|/)(utils?|helpers?|common|misc|managers?)/")


# Of the pages, `web/dev/tidy.mjs` counts the lines of functions.
_LUA_FUNCTION = re.compile(r"(?:local )?function (\w+)(?!.* end$)")


def _spelled(*parts: str) -> str:
    """A pattern for words that this file itself must not contain."""
    return r"(?i)\b" + re.escape("".join(parts))


_WAITING = "wait for a condition, not for a time"

# where it holds (a prefix of the path), what, why
BANNED: tuple[tuple[str, str, str], ...] = (
    ("", _spelled("FIX", "ME") + r"\b", "a leftover; finish it or open an issue"),
    ("", r"\bTO" + r"DO\b(?!\(#\d+\))(?=[:( ])", "name the issue behind it, or do it"),
    ("", r"^(<<<<<<<|>>>>>>>) ", "a merge that was not finished"),
    ("", _spelled("py", "pi.", "org"), "no registry is named: a lock has names and hashes"),
    ("", _spelled("python", "hosted.", "org"), "no registry is named"),
    ("", _spelled("registry.", "npm", "js.org"), "no registry is named"),
    ("", _spelled("registry.", "yarn", "pkg.com"), "no registry is named"),
    ("", _spelled("crates", ".io"), "no registry is named"),
    ("", _spelled("proxy.go", "lang.org"), "no registry is named"),
    ("", _spelled("gh", "cr.io"), "no registry is named"),
    ("", _spelled("docker", ".io"), "no registry is named"),
    ("", r"(?<![\w.~$}*])/(work|root|Users)/" + r"\w", "a path of one machine"),
    ("", r"(?<![\w.~$}*])/home/" + r"[a-z]", "a path of one machine"),
    ("", r"/tmp/" + r"(boot|bash)", "a path of one machine"),
    ("src/", r"\.commit\(\)", "only kit/postgres.py commits"),
    ("src/", r"execute\(\s*[\"'](BEGIN|COMMIT|ROLLBACK)", "only kit/postgres.py commits"),
    ("src/", r"(?i)\bSELECT \*(?!\s+FROM\s+unnest)", "name the columns"),
    ("db/", r"(?i)\bSELECT \*(?!\s+FROM\s+unnest)", "name the columns"),
    ("src/", r"\bNOTIFY\b", "a notification locks every commit; poll the outbox"),
    ("", r"unittest[. ]+(import )?" + r"mock\b", "write a fake in tests/fakes/"),
    ("tests/", r"\b(Magic|Async)" + r"Mock\b", "write a fake in tests/fakes/"),
    ("tests/", r"time\." + r"sleep\(", _WAITING),
    ("tests/", r"\bwaitFor" + r"Timeout\(", _WAITING),
    ("src/", r"# type: ignore(?!\[)", "say which complaint is ignored"),
    ("src/", r"# noqa(?!:)", "say which complaint is ignored"),
    ("src/seatwright/kit/", r"\b(ticket_code|venue_id)\b", "the kit has no domain words"),
)  # fmt: skip

# Each stands for one rule in one place, with the reason.
EXCEPTIONS: dict[str, tuple[str, ...]] = {
    "src/seatwright/kit/postgres.py": ("only kit/postgres.py commits",),
    # tantivy's writer: an index on disk that can be built again, no database.
    "src/seatwright/catalog/adapters/search_index.py": ("only kit/postgres.py commits",),
    # It bans the same import.
    "pyproject.toml": ("write a fake in tests/fakes/",),
    # A program that does nothing but sleep, to be killed.
    "tests/integration/engines/test_supervision.py": (_WAITING,),
    # Work that takes a moment, so that others come in between.
    "tests/integration/kit/test_postgres_killed.py": (_WAITING,),
    "tests/integration/orders/test_capturing.py": (_WAITING,),
    "tests/unit/kit/test_lanes.py": (_WAITING,),
}


def _held(path: PurePath) -> bool:
    return path.suffix in WRITTEN and not MADE & set(path.parts)


def files(root: Path = ROOT) -> list[Path]:
    """Everything that people wrote, relative to the root."""
    found = []
    for top in sorted(root.iterdir()):
        if top.name in MADE or top.name == "LICENSE":
            continue
        inside = [top] if top.is_file() else top.rglob("*")
        found += [p.relative_to(root) for p in inside if p.is_file() and _held(p.relative_to(root))]
    return sorted(found)


def complaints(path: PurePath, text: str) -> Iterator[str]:
    """What is untidy about a file; `path` is relative to the root."""
    name = path.as_posix()
    counted = path.suffix in COUNTED and name not in UNCOUNTED
    if counted and (lines := text.count("\n")) > FILE_LINES_MAX:
        yield f"{name}: {lines} lines, at most {FILE_LINES_MAX}"
    if EMPTY_NAMES.search(name) or EMPTY_FOLDERS.search(name):
        yield f"{name}: a name that says nothing"
    yield from _banned(name, text)
    if path.suffix == ".lua":
        yield from _long_lua_functions(name, text)
    if path.suffix == ".py":
        yield from _long_functions(name, text)
        if name.startswith("tests/") and _WAITING not in EXCEPTIONS.get(name, ()):
            yield from _idle_waits(name, ast.parse(text))


def _banned(name: str, text: str) -> Iterator[str]:
    for prefix, pattern, advice in BANNED:
        if not name.startswith(prefix) or advice in EXCEPTIONS.get(name, ()):
            continue
        for match in re.finditer(pattern, text, re.MULTILINE):
            line = text[: match.start()].count("\n") + 1
            yield f"{name}:{line}: `{match[0]}`: {advice}"


def _long_functions(name: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines"


def _long_lua_functions(name: str, text: str) -> Iterator[str]:
    begun: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if found := _LUA_FUNCTION.match(line):
            begun = number, found[1]
        elif line == "end" and begun is not None:
            length = number - begun[0] + 1
            if length > FUNCTION_LINES_MAX:
                yield f"{name}:{begun[0]}: {begun[1]} has {length} lines"
            begun = None


def _idle_waits(name: str, node: ast.AST, *, looping: bool = False) -> Iterator[str]:
    """Sleeps of a fixed time that are no step of a loop which looks again after each."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Call) and not looping and _slept_s(inner):
            yield f"{name}:{inner.lineno}: `{ast.unparse(inner)}`: {_WAITING}"
        within = looping or _looks_again(inner)
        if isinstance(inner, _FUNCTIONS):
            within = False
        yield from _idle_waits(name, inner, looping=within)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.While, ast.For, ast.AsyncFor)


def _looks_again(node: ast.AST) -> bool:
    """
    Whether it is a loop that ends by what it finds: at its head, or by a way out inside.

    So does `while True`: one without a way out is a task that somebody else ends.
    """
    if isinstance(node, ast.For | ast.AsyncFor):
        return any(_leaves(step) for step in node.body)
    return isinstance(node, ast.While)


def _leaves(node: ast.AST, *, inside: bool = False) -> bool:
    """Whether the loop around `node` may be left there; a `break` may be of a loop `inside`."""
    if isinstance(node, ast.Return) or (isinstance(node, ast.Break) and not inside):
        return True
    if isinstance(node, _FUNCTIONS):
        return False
    inside = inside or isinstance(node, _LOOPS)
    return any(_leaves(child, inside=inside) for child in ast.iter_child_nodes(node))


def _slept_s(call: ast.Call) -> object:
    """The constant in `asyncio.sleep(…)`; 0 lets others run, which is no waiting."""
    if ast.unparse(call.func) != "asyncio.sleep" or not call.args:
        return 0
    return call.args[0].value if isinstance(call.args[0], ast.Constant) else 0
