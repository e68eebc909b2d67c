"""What is typed wrongly is said in one sentence, before anything starts."""

import tomllib
from pathlib import Path

import pytest

from seatwright.cli import parser
from tests.integration.run.terminal import seatwright


@pytest.mark.parametrize("port", ["80000", "-5", "0", "8k", "٣"])
@pytest.mark.parametrize("verb", [("demo",), ("up",), ("serve", "all"), ("doctor",)])
async def test_what_is_no_port_is_refused(verb, port):
    if (verb, port) == (("serve", "all"), "0"):
        return  # any free one: for tests, never for an address that people are told
    told = await seatwright(*verb, "--port", port)
    assert (told.code, told.out) == (2, "")
    assert f"argument --port: {port} is no port: 1 to 65535" in told.err


@pytest.mark.parametrize("count", ["0", "-1", "65", "100000", "many", "2.5"])
@pytest.mark.parametrize("option", ["--processes", "--workers"])
@pytest.mark.parametrize("verb", ["demo", "up"])
def test_what_is_no_number_of_processes_is_refused(verb, option, count, capsys):
    with pytest.raises(SystemExit) as refused:
        parser().parse_args([verb, option, count])
    assert refused.value.code == 2
    said = capsys.readouterr().err
    assert f"argument {option}: {count} is no number of processes: 1 to 64" in said


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("demo", "--prot", "8080"), "there is no option --prot; --port?"),
        (("demo", "--prot=8080"), "there is no option --prot; --port?"),
        (("up", "--zzz"), "there is no option --zzz\n"),
        (("demo", "load", "--dta", "x"), "there is no option --dta; --data?"),
        (("--data", "x", "demo"), "there is no option --data\n"),
    ],
)
async def test_an_unknown_option_is_named(words, wanted):
    told = await seatwright(*words)
    assert (told.code, told.out) == (2, "")
    assert wanted in told.err


async def test_nothing_at_all_is_answered_with_the_help():
    told = await seatwright()
    assert (told.code, told.out) == (2, "")
    assert "sells tickets for reserved seats" in told.err
    assert "organisation" in told.err


async def test_the_version_is_told():
    told = await seatwright("--version")
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert (told.code, told.out, told.err) == (0, f"seatwright {project['version']}\n", "")
