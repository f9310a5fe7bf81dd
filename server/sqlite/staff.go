package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"cartline/server/identity"
)

// accountQuery reads accounts with their roles in one go.
const accountQuery = `
	SELECT s.username, s.password_hash, s.created_at, coalesce(group_concat(r.role, ' ' ORDER BY r.role), ''),
		coalesce((SELECT secret FROM staff_totp t WHERE t.username = s.username), '')
	FROM staff s LEFT JOIN staff_role r USING (username)`

// Staff implements identity.Store.
func (s *Store) Staff(ctx context.Context, username string) (identity.Account, error) {
	account, err := scanAccount(s.read.QueryRowContext(ctx, accountQuery+` WHERE s.username = ? GROUP BY s.username`, username))
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Account{}, identity.ErrNotFound
	}
	return account, err
}

// AllStaff implements identity.Store.
func (s *Store) AllStaff(ctx context.Context) ([]identity.Account, error) {
	rows, err := s.read.QueryContext(ctx, accountQuery+` GROUP BY s.username ORDER BY s.username`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var accounts []identity.Account
	for rows.Next() {
		account, err := scanAccount(rows)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, account)
	}
	return accounts, rows.Err()
}

func scanAccount(row interface{ Scan(...any) error }) (a identity.Account, err error) {
	var createdAt int64
	var roles string
	err = row.Scan(&a.Username, &a.PasswordHash, &createdAt, &roles, &a.Secret)
	a.CreatedAt = fromMicros(createdAt)
	a.Roles = strings.Fields(roles)
	return a, err
}

// AddStaff implements identity.Store.
func (s *Store) AddStaff(ctx context.Context, account identity.Account) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO staff (username, password_hash, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			account.Username, account.PasswordHash, micros(account.CreatedAt))
		if err := one(result, err); err != nil {
			if errors.Is(err, identity.ErrNotFound) {
				return identity.ErrExists
			}
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
	return s.transact(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE staff SET password_hash = ? WHERE username = ?`, hash, username)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM staff_session WHERE username = ? AND token_hash IS NOT ?`, username, except)
		if err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// Rehash implements identity.Store.
func (s *Store) Rehash(ctx context.Context, username, old, hash string) error {
	_, err := s.write.ExecContext(ctx, `
		UPDATE staff SET password_hash = ? WHERE username = ? AND password_hash = ?`, hash, username, old)
	return err
}

// SetRoles implements identity.Store.
func (s *Store) SetRoles(ctx context.Context, username string, roles []string) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `UPDATE staff SET username = username WHERE username = ?`, username)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM staff_role WHERE username = ?`, username); err != nil {
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
	return s.transact(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM staff WHERE username = ?`, username)); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// AddSession implements identity.Store.
func (s *Store) AddSession(ctx context.Context, session identity.Session, replaces []byte) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, `
			INSERT INTO staff_session (token_hash, username, created_at, expires_at)
			SELECT ?, username, ?, ? FROM staff WHERE username = ?`,
			session.Hash, micros(session.CreatedAt), micros(session.ExpiresAt), session.Username))
		if err != nil {
			return err
		}
		return endSession(ctx, tx, replaces)
	})
}

// Session implements identity.Store.
func (s *Store) Session(ctx context.Context, hash []byte) (identity.Session, error) {
	session := identity.Session{Hash: hash}
	var createdAt, expiresAt int64
	var roles string
	err := s.read.QueryRowContext(ctx, `
		SELECT s.username, s.created_at, s.expires_at, coalesce(group_concat(r.role, ' ' ORDER BY r.role), '')
		FROM staff_session s LEFT JOIN staff_role r USING (username)
		WHERE s.token_hash = ?
		GROUP BY s.token_hash`, hash).Scan(&session.Username, &createdAt, &expiresAt, &roles)
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Session{}, identity.ErrNotFound
	}
	session.CreatedAt, session.ExpiresAt = fromMicros(createdAt), fromMicros(expiresAt)
	session.Roles = strings.Fields(roles)
	return session, err
}

// EndSession implements identity.Store.
func (s *Store) EndSession(ctx context.Context, hash []byte) error {
	return s.transact(ctx, func(tx *sql.Tx) error { return endSession(ctx, tx, hash) })
}

func endSession(ctx context.Context, tx *sql.Tx, hash []byte) error {
	err := one(tx.ExecContext(ctx, `DELETE FROM staff_session WHERE token_hash = ?`, hash))
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
	err = s.read.QueryRowContext(ctx, `SELECT revision FROM staff_revision`).Scan(&revision)
	return revision, err
}

func writeRoles(ctx context.Context, tx *sql.Tx, username string, roles []string) error {
	for _, role := range roles {
		if _, err := tx.ExecContext(ctx, `INSERT INTO staff_role (username, role) VALUES (?, ?)`, username, role); err != nil {
			return err
		}
	}
	return nil
}

func nextRevision(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE staff_revision SET revision = revision + 1`)
	return err
}

// one turns a statement that met no row into ErrNotFound.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return identity.ErrNotFound
	}
	return nil
}
