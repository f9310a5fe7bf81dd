-- +goose Up

-- The processes that serve from this database, each by its own account. What is here is a
-- few seconds old and soon written again, so that a crash may lose it.
CREATE UNLOGGED TABLE process (
    id          text PRIMARY KEY,
    name        text NOT NULL,
    mode        text NOT NULL,
    version     text NOT NULL,
    started_at  timestamptz NOT NULL,
    connections integer NOT NULL,
    echo        integer NOT NULL,
    seen_at     timestamptz NOT NULL -- by the database's clock, the one that all have
);

-- Tries of what may be tried only so often, whichever process they were made at: when, by
-- the database's clock, oldest first. A key is a hash, since what was tried may be an
-- e-mail address.
CREATE UNLOGGED TABLE throttle (
    key   bytea PRIMARY KEY,
    tries timestamptz[] NOT NULL,
    until timestamptz NOT NULL -- by then, none of them counts
);

CREATE INDEX throttle_by_end ON throttle (until);

-- Takes one try, unless `most` were made within the span, and returns null; or returns how
-- long to wait.
-- +goose StatementBegin
CREATE FUNCTION throttle_begin(which bytea, most integer, span interval) RETURNS interval LANGUAGE plpgsql AS $$
DECLARE
    at    timestamptz := clock_timestamp();
    fresh timestamptz[];
BEGIN
    INSERT INTO throttle VALUES (which, '{}', at + span) ON CONFLICT DO NOTHING;
    SELECT ARRAY(SELECT t FROM unnest(tries) AS t WHERE t > at - span ORDER BY t) INTO fresh
    FROM throttle WHERE key = which FOR UPDATE;
    IF cardinality(fresh) >= most THEN
        RETURN fresh[cardinality(fresh) - most + 1] + span - at;
    END IF;
    UPDATE throttle SET tries = fresh || at, until = at + span WHERE key = which;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
