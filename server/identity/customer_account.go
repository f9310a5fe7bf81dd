package identity

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"cartline/shared"
)

// Add notes a customer whom staff know from the phone. They have no password and
// can't sign in. Several may have the same e-mail address, or none (""), and whoever
// signs up with that address gets another account: anybody can claim an address.
func (c *Customers) Add(ctx context.Context, name, email string) (Customer, error) {
	if err := (shared.StartPhoneOrder{Name: name, Email: email}).Validate(); err != nil {
		return Customer{}, err
	}
	customer := c.newCustomer(name, email)
	if err := c.store.AddCustomer(ctx, customer); err != nil {
		return Customer{}, err
	}
	return customer, nil
}

func (c *Customers) newCustomer(name, email string) Customer {
	return Customer{
		ID:        newToken(),
		Name:      strings.TrimSpace(name),
		Email:     email,
		Shopper:   newToken(),
		CreatedAt: c.now(),
	}
}

// ByID returns a customer, and whether there is one.
func (c *Customers) ByID(ctx context.Context, id string) (Customer, bool, error) {
	if !isText(id) {
		return Customer{}, false, nil
	}
	customer, err := c.store.Customer(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return Customer{}, false, nil
	}
	return customer, err == nil, err
}

// ByEmail lists every customer who has this whole e-mail address, whatever its
// case: who can sign in first, then the others, the latest first. Nobody has "".
func (c *Customers) ByEmail(ctx context.Context, email string) ([]Customer, error) {
	if email == "" || !isText(email) {
		return nil, nil
	}
	return c.store.CustomersByEmail(ctx, EmailKey(email))
}

// List lists every customer, the latest last.
func (c *Customers) List(ctx context.Context) ([]Customer, error) {
	return c.store.AllCustomers(ctx)
}

// Sessions lists a customer's sessions, the latest last, those that expired a
// short while ago included.
func (c *Customers) Sessions(ctx context.Context, id string) ([]Shopper, error) {
	return c.store.ShoppersOf(ctx, id)
}

// Erase removes an account and ends its sessions. Found tells whether there was
// one. The carts are not its concern: see cart.Store.ForgetCustomer.
func (c *Customers) Erase(ctx context.Context, id string) (found bool, err error) {
	err = c.store.EraseCustomer(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// EmailKey returns what e-mail addresses are compared by: the whole address in
// lower case, of the letters of ASCII. What is before the @ could mean another
// mailbox in another case (RFC 5321, section 2.4), but nobody's does.
func EmailKey(email string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, email)
}

// isText tells whether a database may be asked for a text: PostgreSQL refuses
// U+0000, and what is not UTF-8.
func isText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// HasPassword says whether the customer can sign in.
func (c Customer) HasPassword() bool { return c.PasswordHash != "" }

// Public is what those may know of the customer who may know who they are.
func (c Customer) Public() shared.Customer {
	return shared.Customer{ID: c.ID, Name: c.Name, Email: c.Email}
}
