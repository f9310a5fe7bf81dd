package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cartline/server/identity"
)

// accountQuery reads accounts with their roles in one go.
const accountQuery = `
	SELECT username, password_hash, created_at,
	       ARRAY(SELECT role FROM staff_role r WHERE r.username = s.username ORDER BY role),
	       coalesce((SELECT secret FROM staff_totp t WHERE t.username = s.username), '')
	FROM staff s`

// Staff implements identity.Store.
func (s *Store) Staff(ctx context.Context, username string) (identity.Account, error) {
	rows, err := s.pool.Query(ctx, accountQuery+` WHERE username = $1`, username)
	if err != nil {
		return identity.Account{}, err
	}
	account, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	return account, notFound(err)
}

// AllStaff implements identity.Store.
func (s *Store) AllStaff(ctx context.Context) ([]identity.Account, error) {
	rows, err := s.pool.Query(ctx, accountQuery+` ORDER BY username`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanAccount)
}

func scanAccount(row pgx.CollectableRow) (a identity.Account, err error) {
	err = row.Scan(&a.Username, &a.PasswordHash, &a.CreatedAt, &a.Roles, &a.Secret)
	a.CreatedAt = a.CreatedAt.UTC()
	return a, err
}

// AddStaff implements identity.Store.
func (s *Store) AddStaff(ctx context.Context, account identity.Account) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		err := one(tx.Exec(ctx, `
			INSERT INTO staff (username, password_hash, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			account.Username, account.PasswordHash, account.CreatedAt))
		if errors.Is(err, identity.ErrNotFound) {
			return identity.ErrExists
		}
		if err != nil {
			return err
		}
		if err := writeRoles(ctx, tx, account.Username, account.Roles); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// SetPassword implements identity.Store.
func (s *Store) SetPassword(ctx context.Context, username, hash string, except []byte) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := one(tx.Exec(ctx, `UPDATE staff SET password_hash = $1 WHERE username = $2`, hash, username)); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM staff_session WHERE username = $1 AND token_hash IS DISTINCT FROM $2`, username, except)
		if err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// Rehash implements identity.Store.
func (s *Store) Rehash(ctx context.Context, username, old, hash string) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE staff SET password_hash = $1 WHERE username = $2 AND password_hash = $3`, hash, username, old)
	return err
}

// SetRoles implements identity.Store. It locks the account, so that two calls
// can't leave a mixture of their roles.
func (s *Store) SetRoles(ctx context.Context, username string, roles []string) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := one(tx.Exec(ctx, `SELECT FROM staff WHERE username = $1 FOR UPDATE`, username)); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM staff_role WHERE username = $1`, username); err != nil {
			return err
		}
		if err := writeRoles(ctx, tx, username, roles); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// RemoveStaff implements identity.Store.
func (s *Store) RemoveStaff(ctx context.Context, username string) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := one(tx.Exec(ctx, `DELETE FROM staff WHERE username = $1`, username)); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// AddSession implements identity.Store. It locks the account, so that whoever ends its
// sessions at the same time ends this one too, or is done before.
func (s *Store) AddSession(ctx context.Context, session identity.Session, replaces []byte) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		err := one(tx.Exec(ctx, `
			INSERT INTO staff_session (token_hash, username, created_at, expires_at)
			SELECT $1, username, $2, $3 FROM staff WHERE username = $4 FOR SHARE`,
			session.Hash, session.CreatedAt, session.ExpiresAt, session.Username))
		if err != nil {
			return err
		}
		return endSession(ctx, tx, replaces)
	})
}

// Session implements identity.Store.
func (s *Store) Session(ctx context.Context, hash []byte) (identity.Session, error) {
	session := identity.Session{Hash: hash}
	err := s.pool.QueryRow(ctx, `
		SELECT username, created_at, expires_at,
		       ARRAY(SELECT role FROM staff_role r WHERE r.username = s.username ORDER BY role)
		FROM staff_session s
		WHERE token_hash = $1`, hash).Scan(&session.Username, &session.CreatedAt, &session.ExpiresAt, &session.Roles)
	session.CreatedAt, session.ExpiresAt = session.CreatedAt.UTC(), session.ExpiresAt.UTC()
	return session, notFound(err)
}

// EndSession implements identity.Store.
func (s *Store) EndSession(ctx context.Context, hash []byte) error {
	return s.transact(ctx, func(tx pgx.Tx) error { return endSession(ctx, tx, hash) })
}

func endSession(ctx context.Context, tx pgx.Tx, hash []byte) error {
	err := one(tx.Exec(ctx, `DELETE FROM staff_session WHERE token_hash = $1`, hash))
	if errors.Is(err, identity.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return nextRevision(ctx, tx)
}

// Revision implements identity.Store.
func (s *Store) Revision(ctx context.Context) (revision int64, err error) {
	err = s.pool.QueryRow(ctx, `SELECT revision FROM staff_revision`).Scan(&revision)
	s.doubt(err)
	return revision, err
}

func writeRoles(ctx context.Context, tx pgx.Tx, username string, roles []string) error {
	_, err := tx.Exec(ctx, `INSERT INTO staff_role (username, role) SELECT $1, unnest($2::text[])`, username, roles)
	return err
}

// nextRevision tells every process, once this transaction is committed, that
// someone's rights may have changed.
func nextRevision(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `UPDATE staff_revision SET revision = revision + 1`); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `SELECT pg_notify($1, '')`, ChannelStaff)
	return err
}

func notFound(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return identity.ErrNotFound
	}
	return err
}

// one turns a statement that met no row into ErrNotFound.
func one(tag pgconn.CommandTag, err error) error {
	if err == nil && tag.RowsAffected() == 0 {
		return identity.ErrNotFound
	}
	return err
}
