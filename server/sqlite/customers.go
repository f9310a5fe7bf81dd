package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"cartline/server/identity"
)

const customerQuery = `SELECT id, name, email, password_hash, shopper, created_at FROM customer `

// AddCustomer implements identity.Store. IDs are random, so the one thing that can
// be in its way is the index customer_sign_in.
func (s *Store) AddCustomer(ctx context.Context, c identity.Customer) error {
	result, err := s.write.ExecContext(ctx, `
		INSERT INTO customer (id, name, email, email_key, password_hash, shopper, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.ID, c.Name, c.Email, identity.EmailKey(c.Email), c.PasswordHash, c.Shopper, micros(c.CreatedAt))
	if err := one(result, err); err != nil {
		if errors.Is(err, identity.ErrNotFound) {
			return identity.ErrExists
		}
		return err
	}
	return nil
}

// Customer implements identity.Store.
func (s *Store) Customer(ctx context.Context, id string) (identity.Customer, error) {
	return s.customer(ctx, `WHERE id = ?`, id)
}

// CustomerByEmail implements identity.Store.
func (s *Store) CustomerByEmail(ctx context.Context, key string) (identity.Customer, error) {
	return s.customer(ctx, `WHERE email_key = ? AND password_hash <> ''`, key)
}

func (s *Store) customer(ctx context.Context, where, value string) (identity.Customer, error) {
	c, err := scanCustomer(s.read.QueryRowContext(ctx, customerQuery+where, value))
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Customer{}, identity.ErrNotFound
	}
	return c, err
}

// CustomersByEmail implements identity.Store.
func (s *Store) CustomersByEmail(ctx context.Context, key string) ([]identity.Customer, error) {
	return s.customers(ctx, `WHERE email_key = ? ORDER BY password_hash = '', created_at DESC, id`, key)
}

// AllCustomers implements identity.Store.
func (s *Store) AllCustomers(ctx context.Context) ([]identity.Customer, error) {
	return s.customers(ctx, `ORDER BY created_at, id`)
}

func (s *Store) customers(ctx context.Context, rest string, values ...any) ([]identity.Customer, error) {
	rows, err := s.read.QueryContext(ctx, customerQuery+rest, values...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var customers []identity.Customer
	for rows.Next() {
		c, err := scanCustomer(rows)
		if err != nil {
			return nil, err
		}
		customers = append(customers, c)
	}
	return customers, rows.Err()
}

func scanCustomer(row interface{ Scan(...any) error }) (c identity.Customer, err error) {
	var createdAt int64
	err = row.Scan(&c.ID, &c.Name, &c.Email, &c.PasswordHash, &c.Shopper, &createdAt)
	c.CreatedAt = fromMicros(createdAt)
	return c, err
}

// RehashCustomer implements identity.Store.
func (s *Store) RehashCustomer(ctx context.Context, id, old, hash string) error {
	_, err := s.write.ExecContext(ctx, `
		UPDATE customer SET password_hash = ? WHERE id = ? AND password_hash = ?`, hash, id, old)
	return err
}

// EraseCustomer implements identity.Store.
func (s *Store) EraseCustomer(ctx context.Context, id string) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, `DELETE FROM customer WHERE id = ?`, id)); err != nil {
			return err
		}
		return nextRevision(ctx, tx)
	})
}

// AddShopper implements identity.Store.
func (s *Store) AddShopper(ctx context.Context, shopper identity.Shopper, replaces []byte) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, `
			INSERT INTO shopper_session (token_hash, shopper, customer, created_at, expires_at)
			SELECT ?1, ?2, nullif(?3, ''), ?4, ?5
			WHERE ?3 = '' OR EXISTS (SELECT 1 FROM customer WHERE id = ?3)`,
			shopper.Hash, shopper.ID, shopper.Customer, micros(shopper.CreatedAt), micros(shopper.ExpiresAt)))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM shopper_session WHERE token_hash = ?`, replaces)
		return err
	})
}

const shopperQuery = `SELECT token_hash, shopper, coalesce(customer, ''), created_at, expires_at FROM shopper_session `

// Shopper implements identity.Store.
func (s *Store) Shopper(ctx context.Context, hash []byte) (identity.Shopper, error) {
	shopper, err := scanShopper(s.read.QueryRowContext(ctx, shopperQuery+`WHERE token_hash = ?`, hash))
	if errors.Is(err, sql.ErrNoRows) {
		return identity.Shopper{}, identity.ErrNotFound
	}
	return shopper, err
}

// ShoppersOf implements identity.Store.
func (s *Store) ShoppersOf(ctx context.Context, customer string) ([]identity.Shopper, error) {
	rows, err := s.read.QueryContext(ctx, shopperQuery+`WHERE customer = ? ORDER BY created_at, token_hash`, customer)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var shoppers []identity.Shopper
	for rows.Next() {
		shopper, err := scanShopper(rows)
		if err != nil {
			return nil, err
		}
		shoppers = append(shoppers, shopper)
	}
	return shoppers, rows.Err()
}

func scanShopper(row interface{ Scan(...any) error }) (s identity.Shopper, err error) {
	var createdAt, expiresAt int64
	err = row.Scan(&s.Hash, &s.ID, &s.Customer, &createdAt, &expiresAt)
	s.CreatedAt, s.ExpiresAt = fromMicros(createdAt), fromMicros(expiresAt)
	return s, err
}

// EndShopper implements identity.Store.
func (s *Store) EndShopper(ctx context.Context, hash []byte) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM shopper_session WHERE token_hash = ?`, hash)
	return err
}
