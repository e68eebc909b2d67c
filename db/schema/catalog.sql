-- The catalogue: what is offered, where, and in which published version. Buyers never wait for
-- these tables: they read documents from each process's memory.

CREATE TABLE catalog.organisations (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    -- Two organisations at one address would be one organisation to a buyer.
    slug text COLLATE "C" NOT NULL UNIQUE,
    accent text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Where answers to mails about its events go; empty: nowhere.
    reply_to text NOT NULL DEFAULT ''
);

CREATE TABLE catalog.venues (
    id text COLLATE "C" PRIMARY KEY,
    -- No venue without its owner: what is not yours is looked for by (organisation, id).
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    content jsonb NOT NULL,
    -- Raised by every edit; `If-Match` compares it (lost updates).
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Serves venues_page: an organisation's venues, newest first.
CREATE INDEX venues_by_organisation ON catalog.venues (organisation, id DESC);

CREATE TABLE catalog.charts (
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    name text NOT NULL,
    seat_count integer NOT NULL,
    -- The draft, msgpack compressed with zlib: 70,000 seats are about a megabyte.
    draft bytea NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- A megabyte that is compressed already is not compressed again.
ALTER TABLE catalog.charts ALTER COLUMN draft SET STORAGE EXTERNAL;
-- Serves charts_page.
CREATE INDEX charts_by_organisation ON catalog.charts (organisation, id DESC);

CREATE TABLE catalog.chart_versions (
    chart text COLLATE "C" NOT NULL REFERENCES catalog.charts,
    -- Names the immutable file; the same draft published twice is the same version.
    hash text COLLATE "C" NOT NULL CHECK (hash ~ '^[0-9a-f]{16,64}$'),
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    seat_count integer NOT NULL CHECK (seat_count > 0),
    accessible boolean NOT NULL,
    -- [{key, name, color, seats}] in the chart's order: all that pricing needs of the file.
    categories jsonb NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (chart, hash)
);
-- Serves chart_version_of_organisation: may this organisation sell from this file?
CREATE INDEX chart_versions_by_organisation ON catalog.chart_versions (organisation, hash);

CREATE TABLE catalog.events (
    id text COLLATE "C" PRIMARY KEY,
    organisation text COLLATE "C" NOT NULL REFERENCES catalog.organisations,
    -- The address of the event's page, for the whole platform; also in `content`.
    slug text COLLATE "C" NOT NULL CONSTRAINT events_slug_key UNIQUE,
    -- An event takes place somewhere that exists; also in `content`.
    venue text COLLATE "C" NOT NULL REFERENCES catalog.venues,
    state text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'published', 'paused', 'cancelled')),
    -- What the organiser is writing; what buyers see is in `documents`.
    content jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Serves events_page.
CREATE INDEX events_by_organisation ON catalog.events (organisation, id DESC);

-- The truth behind the bucket `events` of the broker, which may be lost and is rebuilt from here.
CREATE TABLE catalog.documents (
    event text COLLATE "C" PRIMARY KEY REFERENCES catalog.events,
    version bigint NOT NULL CHECK (version > 0),
    body bytea NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE catalog.idempotency (
    principal text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    made text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Two requests with one key at once: the second waits here for the first, then repeats it.
    PRIMARY KEY (principal, key)
);
-- Serves forget_keys.
CREATE INDEX idempotency_by_age ON catalog.idempotency (created_at);

GRANT SELECT, INSERT, UPDATE ON catalog.organisations, catalog.venues, catalog.charts,
    catalog.events, catalog.documents TO seatwright_catalog;
GRANT SELECT, INSERT ON catalog.chart_versions TO seatwright_catalog;
GRANT SELECT, INSERT, DELETE ON catalog.idempotency TO seatwright_catalog;
