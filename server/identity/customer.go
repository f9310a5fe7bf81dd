package identity

import (
	"context"
	"errors"
	"time"

	"cartline/server/throttle"
	"cartline/shared"
)

// Customers signs customers up, in and out, and manages their accounts. Its errors
// are *shared.Problem where the caller is at fault, and the store's own otherwise.
// It is safe for concurrent use.
type Customers struct {
	store    Store
	hasher   *Hasher
	now      func() time.Time
	attempts *attempts
	signUps  *throttle.Throttle // by address
}

// NewCustomers makes a Customers. The hasher is to be the one of the Staff, if
// there is one.
func NewCustomers(store Store, hasher *Hasher) *Customers {
	return &Customers{
		store:    store,
		hasher:   hasher,
		now:      now,
		attempts: newAttempts(),
		signUps:  throttle.New(failuresByAddress, failureWindow),
	}
}

// SignUp adds an account with a password. No two have the same e-mail address,
// whatever the case. Since the answer tells whether an address has an account, an
// address on the network may get it wrong as often as it may sign in wrongly.
func (c *Customers) SignUp(ctx context.Context, address string, in shared.SignUp) (Customer, error) {
	if err := in.Validate(); err != nil {
		return Customer{}, err
	}
	address = throttle.Network(address)
	if wait := c.signUps.Begin(address); wait > 0 {
		return Customer{}, tooMany(wait)
	}
	customer, err := c.signUp(ctx, in)
	var problem *shared.Problem
	if !errors.As(err, &problem) {
		c.signUps.Return(address)
	}
	return customer, err
}

func (c *Customers) signUp(ctx context.Context, in shared.SignUp) (Customer, error) {
	// An address that is taken needs no hash.
	_, err := c.store.CustomerByEmail(ctx, EmailKey(in.Email))
	if err == nil {
		return Customer{}, emailTaken()
	}
	if !errors.Is(err, ErrNotFound) {
		return Customer{}, err
	}
	customer := c.newCustomer(in.Name, in.Email)
	if customer.PasswordHash, err = c.hasher.hash(ctx, in.Password); err != nil {
		return Customer{}, err
	}
	err = c.store.AddCustomer(ctx, customer)
	if errors.Is(err, ErrExists) { // another was quicker
		return Customer{}, emailTaken()
	}
	if err != nil {
		return Customer{}, err
	}
	return customer, nil
}

func emailTaken() error {
	return &shared.Problem{Code: shared.CodeEmailTaken, Field: "email", Detail: "There is an account with this e-mail address already. Sign in to it."}
}

// Verify returns the customer with an e-mail address and a password.
func (c *Customers) Verify(ctx context.Context, address string, in shared.CustomerSignIn) (customer Customer, err error) {
	if err := in.Validate(); err != nil {
		return Customer{}, err
	}
	err = c.attempts.try(EmailKey(in.Email), address, func() (err error) {
		customer, err = c.verify(ctx, in)
		return err
	})
	return customer, err
}

func (c *Customers) verify(ctx context.Context, in shared.CustomerSignIn) (Customer, error) {
	var customer Customer // nobody's, whose empty hash no password fits
	if isText(in.Email) {
		var err error
		if customer, err = c.store.CustomerByEmail(ctx, EmailKey(in.Email)); err != nil && !errors.Is(err, ErrNotFound) {
			return Customer{}, err
		}
	}
	fits, err := c.hasher.verify(ctx, in.Password, customer.PasswordHash, func(newer string) error {
		return c.store.RehashCustomer(ctx, customer.ID, customer.PasswordHash, newer)
	})
	if err != nil {
		return Customer{}, err
	}
	if !fits {
		return Customer{}, badCustomerCredentials()
	}
	return customer, nil
}

// badCustomerCredentials doesn't say which of the two is wrong.
func badCustomerCredentials() error {
	return &shared.Problem{Code: shared.CodeBadCredentials, Detail: "E-mail address or password is wrong."}
}

// Begin begins a session of a customer, whose token it returns. The session of the
// old token, a guest's for instance, ends: a token that was planted in a browser
// before is worth nothing afterwards.
func (c *Customers) Begin(ctx context.Context, customer Customer, oldToken string) (token string, shopper Shopper, err error) {
	token = newToken()
	shopper = newShopper(token, customer.Shopper, c.now())
	shopper.Customer = customer.ID
	var replaces []byte
	if isToken(oldToken) {
		replaces = hashToken(oldToken)
	}
	if err := c.store.AddShopper(ctx, shopper, replaces); err != nil {
		if errors.Is(err, ErrNotFound) { // erased a moment ago
			return "", Shopper{}, badCustomerCredentials()
		}
		return "", Shopper{}, err
	}
	return token, shopper, nil
}

// End ends the session of a token, a customer's or a guest's, if there is one.
func (c *Customers) End(ctx context.Context, token string) error {
	if !isToken(token) {
		return nil
	}
	return c.store.EndShopper(ctx, hashToken(token))
}
