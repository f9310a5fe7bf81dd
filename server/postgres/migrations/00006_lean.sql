-- +goose Up

-- No change of a cart can have the version of another, since each holds the cart's lock;
-- and one cart's activities are found by activity_in_cart, in the log's order, which is
-- that of their versions.
ALTER TABLE activity DROP CONSTRAINT activity_cart_id_cart_version_key;
