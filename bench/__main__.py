"""`bin/bench NAME`."""

import importlib
import sys

NAMES = ("purchase", "start", "papers")


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"bin/bench NAME, one of: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    return int(importlib.import_module(f"bench.{sys.argv[1]}").main(sys.argv[2:]))


if __name__ == "__main__":
    sys.exit(main())
