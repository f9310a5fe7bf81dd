-- +goose Up

-- Each index of the log is paid for by each change of a cart, and trimming can go by the
-- log's order.
DROP INDEX activity_by_time;
