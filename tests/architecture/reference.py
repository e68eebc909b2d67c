"""
What the documentation says about the code, made from the code: `docs/reference/`.

    python -m tests.architecture.reference

writes it again; `test_documentation.py` fails when a page is not what the code says.
"""

import os
import subprocess
import sys
from typing import Any

from tests.architecture.house_rules import ROOT
from tests.architecture.reference_api import api
from tests.architecture.reference_code import errors, metrics, settings, states
from tests.architecture.reference_drawing import drawing
from tests.architecture.reference_schema import Table, data_model

WRITE = "SEATWRIGHT_WRITE_REFERENCE"
FOLDER = ROOT / "docs" / "reference"
PICTURE = "docs/pictures/data-model.svg"


def pages(document: Any, tables: list[Table]) -> dict[str, str]:
    """Every generated file, by its path from the root, with its text."""
    found = {
        "api.md": api(document),
        "errors.md": errors(),
        "settings.md": settings(),
        "metrics.md": metrics(),
        "states.md": states(),
        "data-model.md": data_model(tables),
    }
    texts = {f"docs/reference/{name}": text for name, text in found.items()}
    return texts | {PICTURE: drawing(tables)}


if __name__ == "__main__":
    # Another process: pytest wants to import what we have imported already.
    test = ROOT / "tests/architecture/test_documentation.py"
    command = [sys.executable, "-m", "pytest", "-q", str(test), "-k", "reference"]
    sys.exit(subprocess.call(command, cwd=ROOT, env={**os.environ, WRITE: "1"}))
