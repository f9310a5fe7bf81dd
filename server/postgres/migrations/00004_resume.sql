-- +goose Up

-- How far the log was trimmed: the furthest activity that was forgotten, and its time.
-- Of what was forgotten before, only that it came before what is there is known.
ALTER TABLE log_epoch
    ADD COLUMN trimmed_tx xid8        NOT NULL DEFAULT '0',
    ADD COLUMN trimmed_id bigint      NOT NULL DEFAULT 0,
    ADD COLUMN trimmed_at timestamptz NOT NULL DEFAULT 'epoch';
UPDATE log_epoch SET trimmed_tx = first.tx, trimmed_id = first.id - 1
FROM (SELECT tx, id FROM activity ORDER BY tx, id LIMIT 1) AS first;

-- Where the epoch was begun: a copy, or what was restored, is elsewhere. Each is '' as
-- long as it isn't known.
ALTER TABLE log_epoch
    ADD COLUMN cluster  text NOT NULL DEFAULT '',
    ADD COLUMN timeline text NOT NULL DEFAULT '',
    ADD COLUMN database text NOT NULL DEFAULT '';

-- For reading what came after an activity in one cart, or in a shopper's.
CREATE INDEX activity_in_cart ON activity (cart_id, tx, id);
CREATE INDEX activity_of_shopper ON activity (shopper, tx, id) WHERE shopper <> '';

-- Which sessions of shoppers have ended, for the processes that have sockets hanging
-- on them.
CREATE TABLE shopper_ended (
    number     bigint PRIMARY KEY,
    token_hash bytea NOT NULL,
    at         timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX shopper_ended_by_time ON shopper_ended (at);

-- The last number that was given. Whoever takes numbers holds the row's lock until the
-- commit, so the numbers are in the order of the commits, which those of a sequence are
-- not.
CREATE TABLE shopper_ended_count (number bigint NOT NULL);
INSERT INTO shopper_ended_count VALUES (0);

-- +goose StatementBegin
CREATE FUNCTION shopper_session_ends() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    many bigint := (SELECT count(*) FROM gone);
    last bigint;
BEGIN
    IF many > 0 THEN
        UPDATE shopper_ended_count SET number = number + many RETURNING number INTO last;
        INSERT INTO shopper_ended (number, token_hash)
        SELECT last - many + row_number() OVER (), token_hash FROM gone;
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER shopper_session_ends AFTER DELETE ON shopper_session
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION shopper_session_ends();
