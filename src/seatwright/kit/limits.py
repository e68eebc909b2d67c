"""Bounds that hold for the whole platform. A limit that belongs to one service lives there."""

from datetime import timedelta

# Nobody's request is read beyond this; charts and images have their own, larger limit.
BODY_BYTES_MAX = 256 * 1024
UPLOAD_BYTES_MAX = 20 * 1024 * 1024
# Deeper JSON is refused before it is parsed: recursion is where parsers fall.
JSON_DEPTH_MAX = 32

PAGE_ITEMS_MAX = 100
PAGE_ITEMS_DEFAULT = 25
IDEMPOTENCY_KEY_CHARS_MAX = 255

# Deadlines of calls out, `correctness.md` 4.4. COMMIT has none, on purpose.
POSTGRES_CONNECT = timedelta(seconds=1)
POSTGRES_STATEMENT = timedelta(seconds=5)
POSTGRES_POOL_WAIT = timedelta(seconds=2)
VALKEY_CALL = timedelta(milliseconds=500)
RPC_READ = timedelta(seconds=2)
RPC_WRITE = timedelta(seconds=10)
BROKER_PUBLISH = timedelta(seconds=5)
