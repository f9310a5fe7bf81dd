-- +goose Up

-- How far the log was trimmed: the furthest activity that was forgotten, and its time.
-- Of what was forgotten before, only that it came before what is there is known.
ALTER TABLE log_epoch ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE log_epoch ADD COLUMN trimmed_at INTEGER NOT NULL DEFAULT 0;
UPDATE log_epoch SET trimmed = coalesce((SELECT min(id) - 1 FROM activity), 0);

-- Which file the epoch was begun in: a copy is another one. '' if that isn't known yet.
ALTER TABLE log_epoch ADD COLUMN file TEXT NOT NULL DEFAULT '';

-- For reading what came after an activity in one cart, or in a shopper's.
CREATE INDEX activity_in_cart ON activity (cart_id, id);
CREATE INDEX activity_of_shopper ON activity (shopper, id) WHERE shopper <> '';

-- Which sessions of shoppers have ended, for the processes that have sockets hanging
-- on them. SQLite has one writer at a time, so the numbers are in the order of the
-- commits.
CREATE TABLE shopper_ended (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL,
    at         INTEGER NOT NULL
) STRICT;

CREATE INDEX shopper_ended_by_time ON shopper_ended (at);

-- +goose StatementBegin
CREATE TRIGGER shopper_session_ends AFTER DELETE ON shopper_session
BEGIN
    INSERT INTO shopper_ended (token_hash, at)
    VALUES (OLD.token_hash, CAST(unixepoch('subsec') * 1000000 AS INTEGER));
END;
-- +goose StatementEnd
