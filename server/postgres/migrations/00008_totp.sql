-- +goose Up

-- Who has to give the code of an authenticator app besides the password. Its secret has to
-- be kept as it is, to reckon codes from.
CREATE TABLE staff_totp (
    username   text COLLATE "C" PRIMARY KEY REFERENCES staff (username) ON DELETE CASCADE,
    secret     text NOT NULL,
    spent      bigint NOT NULL, -- the time step of the last code that was used: neither it nor one before is good again
    created_at timestamptz NOT NULL
);

-- Codes for whoever has lost the app. Each is good once, and deleted by that.
CREATE TABLE staff_recovery (
    username  text COLLATE "C" NOT NULL REFERENCES staff_totp (username) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    PRIMARY KEY (username, code_hash)
);
