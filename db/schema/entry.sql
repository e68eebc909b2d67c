-- Scans at gates. Entry owns the truth of who is inside; orders are told.

CREATE TABLE entry.admissions (
    id text COLLATE "C" PRIMARY KEY,
    -- NULL when the code was not one of ours.
    event_id text COLLATE "C",
    ticket_id text COLLATE "C",
    result text NOT NULL CHECK (result IN ('admitted', 'refused')),
    reason text,
    gate text,
    -- Who scanned: the principal behind the device's token.
    scanner text NOT NULL COLLATE "C",
    scan_id text COLLATE "C",
    -- SHA-256 of what was scanned: a scan sent again must be the same scan.
    code_hash bytea NOT NULL,
    -- Seat and attendee as the usher was shown them.
    shown jsonb,
    -- offline: orders were not asked, see `service/check_in.py`.
    checked text NOT NULL CHECK (checked IN ('online', 'offline')),
    scanned_at timestamptz NOT NULL,
    admitted_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Nobody is let in without a ticket, and every refusal has its reason.
    CHECK (result = 'refused' OR (event_id IS NOT NULL AND ticket_id IS NOT NULL)),
    CHECK ((result = 'refused') = (reason IS NOT NULL))
);

-- I-G1: a ticket is admitted once; two gates that scan it in the same moment meet here (`admit`).
CREATE UNIQUE INDEX one_admission ON entry.admissions (event_id, ticket_id)
WHERE result = 'admitted';

-- A device that sends its scan again gets its answer again (`answered`), also when both arrive at
-- once.
CREATE UNIQUE INDEX one_answer_a_scan ON entry.admissions (scanner, scan_id)
WHERE scan_id IS NOT NULL;

-- Counting an event's scans (`attendance`).
CREATE INDEX scans_of_event ON entry.admissions (event_id);

CREATE TABLE entry.outbox (
    -- The relay's order; see kit/outbox.py.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    message_id text NOT NULL,
    payload bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz
) WITH (fillfactor = 60);

GRANT SELECT, INSERT ON entry.admissions TO seatwright_entry;
GRANT SELECT, INSERT, UPDATE, DELETE ON entry.outbox TO seatwright_entry;
