package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"cartline/server/identity"
)

const customerQuery = `SELECT id, name, email, password_hash, shopper, created_at FROM customer `

// AddCustomer implements identity.Store. IDs are random, so the one thing that can
// be in its way is the index customer_sign_in.
func (s *Store) AddCustomer(ctx context.Context, c identity.Customer) error {
	err := one(s.pool.Exec(ctx, `
		INSERT INTO customer (id, name, email, email_key, password_hash, shopper, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		c.ID, c.Name, c.Email, identity.EmailKey(c.Email), c.PasswordHash, c.Shopper, c.CreatedAt))
	if errors.Is(err, identity.ErrNotFound) {
		return identity.ErrExists
	}
	return err
}

// Customer implements identity.Store.
func (s *Store) Customer(ctx context.Context, id string) (identity.Customer, error) {
	return s.customer(ctx, `WHERE id = $1`, id)
}

// CustomerByEmail implements identity.Store.
func (s *Store) CustomerByEmail(ctx context.Context, key string) (identity.Customer, error) {
	return s.customer(ctx, `WHERE email_key = $1 AND password_hash <> ''`, key)
}

func (s *Store) customer(ctx context.Context, where, value string) (identity.Customer, error) {
	rows, err := s.pool.Query(ctx, customerQuery+where, value)
	if err != nil {
		return identity.Customer{}, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCustomer)
	return c, notFound(err)
}

// CustomersByEmail implements identity.Store.
func (s *Store) CustomersByEmail(ctx context.Context, key string) ([]identity.Customer, error) {
	return s.customers(ctx, `WHERE email_key = $1 ORDER BY password_hash = '', created_at DESC, id`, key)
}

// AllCustomers implements identity.Store.
func (s *Store) AllCustomers(ctx context.Context) ([]identity.Customer, error) {
	return s.customers(ctx, `ORDER BY created_at, id`)
}

func (s *Store) customers(ctx context.Context, rest string, values ...any) ([]identity.Customer, error) {
	rows, err := s.pool.Query(ctx, customerQuery+rest, values...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCustomer)
}

func scanCustomer(row pgx.CollectableRow) (c identity.Customer, err error) {
	err = row.Scan(&c.ID, &c.Name, &c.Email, &c.PasswordHash, &c.Shopper, &c.CreatedAt)
	c.CreatedAt = c.CreatedAt.UTC()
	return c, err
}

// RehashCustomer implements identity.Store.
func (s *Store) RehashCustomer(ctx context.Context, id, old, hash string) error {
	_, err := s.pool.Exec(ctx, `
		UPDATE customer SET password_hash = $1 WHERE id = $2 AND password_hash = $3`, hash, id, old)
	return err
}

// EraseCustomer implements identity.Store.
func (s *Store) EraseCustomer(ctx context.Context, id string) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		if err := one(tx.Exec(ctx, `DELETE FROM customer WHERE id = $1`, id)); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// AddShopper implements identity.Store. It locks the account, so that an erasure
// at the same time comes before or after it.
func (s *Store) AddShopper(ctx context.Context, shopper identity.Shopper, replaces []byte) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		var customer *string // of a guest, none
		if shopper.Customer != "" {
			customer = &shopper.Customer
			if err := one(tx.Exec(ctx, `SELECT FROM customer WHERE id = $1 FOR KEY SHARE`, customer)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO shopper_session (token_hash, shopper, customer, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
			shopper.Hash, shopper.ID, customer, shopper.CreatedAt, shopper.ExpiresAt)
		if err != nil || replaces == nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM shopper_session WHERE token_hash = $1`, replaces)
		return err
	})
}

const shopperQuery = `SELECT token_hash, shopper, coalesce(customer, ''), created_at, expires_at FROM shopper_session `

// Shopper implements identity.Store.
func (s *Store) Shopper(ctx context.Context, hash []byte) (identity.Shopper, error) {
	rows, err := s.pool.Query(ctx, shopperQuery+`WHERE token_hash = $1`, hash)
	if err != nil {
		return identity.Shopper{}, err
	}
	shopper, err := pgx.CollectExactlyOneRow(rows, scanShopper)
	return shopper, notFound(err)
}

// ShoppersOf implements identity.Store.
func (s *Store) ShoppersOf(ctx context.Context, customer string) ([]identity.Shopper, error) {
	rows, err := s.pool.Query(ctx, shopperQuery+`WHERE customer = $1 ORDER BY created_at, token_hash`, customer)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanShopper)
}

func scanShopper(row pgx.CollectableRow) (s identity.Shopper, err error) {
	err = row.Scan(&s.Hash, &s.ID, &s.Customer, &s.CreatedAt, &s.ExpiresAt)
	s.CreatedAt, s.ExpiresAt = s.CreatedAt.UTC(), s.ExpiresAt.UTC()
	return s, err
}

// EndShopper implements identity.Store.
func (s *Store) EndShopper(ctx context.Context, hash []byte) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM shopper_session WHERE token_hash = $1`, hash)
	return err
}
