"""How long things last. The database's clock decides; these are what it compares with."""

from datetime import timedelta

# ASVS 5.0 V7.3: idle and absolute ends for people who can do harm; buyers stay logged in on
# their phone between on-sale and show.
STAFF_IDLE = timedelta(minutes=30)
STAFF_ABSOLUTE = timedelta(hours=12)
BUYER_ABSOLUTE = timedelta(days=30)
# More devices than anybody has; the oldest session ends when one more begins.
SESSIONS_PER_PERSON_MAX = 50

RESET_LINK = timedelta(minutes=30)
VERIFICATION_LINK = timedelta(hours=24)
# After its end a link can still be told from one that never was; then it is swept.
ENDED_LINK_KEPT = timedelta(days=7)

# Revocation must reach every process within 5 s; a second is left for a slow answer.
RECOGNISED_FOR = timedelta(seconds=4)
# How far behind "last seen" may be.
SEEN_WRITTEN_EVERY = timedelta(seconds=60)
