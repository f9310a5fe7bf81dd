package main

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"cartline/server/assist"
	"cartline/server/identity"
	"cartline/shared"
)

// assistFlags say how customers are helped.
type assistFlags struct {
	Consent       string        `env:"CARTLINE_CONSENT" enum:"ask,notice" default:"ask" placeholder:"HOW" help:"Whether staff need the customer's consent to attend a cart: ask, by code, knock or request; or notice, where the customer is told and can stop it. (${default}, ${env})"`
	DiscountLimit []string      `env:"CARTLINE_DISCOUNT_LIMIT" placeholder:"ROLE=PERCENT" help:"The most that a role may take off, like discounter=20; repeatable. (discounter=20, admin=50; ${env}, separated by commas)"`
	Idle          time.Duration `env:"CARTLINE_IDLE" default:"30m" placeholder:"DURATION" help:"How long staff attend a cart without doing anything in it. (${default}, ${env})"`
}

// limits reads the discount limits, in basis points by role.
func (f *assistFlags) limits() (map[string]int, error) {
	if f.Idle < time.Minute {
		return nil, usagef("--idle is a minute or more, like 30m")
	}
	limits := assist.DefaultLimits()
	for _, text := range f.DiscountLimit {
		role, share, _ := strings.Cut(text, "=")
		percent, err := strconv.ParseFloat(strings.TrimSuffix(share, "%"), 64)
		if err != nil || percent < 0 || percent > 100 || role != shared.RoleDiscounter && role != shared.RoleAdmin {
			return nil, usagef("--discount-limit is ROLE=PERCENT for discounter or admin, like discounter=20, not %q", text)
		}
		limits[role] = int(math.Round(percent * 100))
	}
	return limits, nil
}

func (s *server) newDesk(customers *identity.Customers) (*assist.Desk, error) {
	limits, err := s.command.limits()
	if err != nil {
		return nil, err
	}
	return assist.NewDesk(assist.Config{
		Carts:          s.carts,
		Store:          s.database,
		People:         people{customers: customers, staff: s.staff},
		WithoutConsent: s.command.Consent == "notice",
		Limits:         limits,
		Idle:           s.command.Idle,
		Log:            s.logger,
	}), nil
}

// people tells the desk of package identity's customers and staff.
type people struct {
	customers *identity.Customers
	staff     *identity.Staff
}

// Customer implements assist.People.
func (p people) Customer(ctx context.Context, id string) (shared.Customer, bool, error) {
	customer, found, err := p.customers.ByID(ctx, id)
	return customer.Public(), found, err
}

// CustomersByEmail implements assist.People.
func (p people) CustomersByEmail(ctx context.Context, email string) ([]shared.Customer, error) {
	found, err := p.customers.ByEmail(ctx, email)
	customers := make([]shared.Customer, 0, len(found))
	for _, customer := range found {
		customers = append(customers, customer.Public())
	}
	return customers, err
}

// AddCustomer implements assist.People.
func (p people) AddCustomer(ctx context.Context, name, email string) (shared.Customer, error) {
	customer, err := p.customers.Add(ctx, name, email)
	return customer.Public(), err
}

// Attenders implements assist.People.
func (p people) Attenders(ctx context.Context) ([]string, error) {
	accounts, err := p.staff.List(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, account := range accounts {
		if (identity.Session{Roles: account.Roles}).Has(shared.RoleEventListener) {
			names = append(names, account.Username)
		}
	}
	return names, nil
}

// attends says whether one of the staff attends a cart.
func (s *server) attends(ctx context.Context, username, cartID string) (attends bool, version int64, err error) {
	record, err := s.carts.Cart(ctx, cartID)
	var problem *shared.Problem
	if errors.As(err, &problem) {
		return false, 0, nil
	}
	_, attends = record.Attendant(username)
	return attends, record.Version, err
}

// present lists who has the channel of a cart open.
func (s *server) present() []assist.Presence {
	var present []assist.Presence
	for _, a := range s.events.Attending() {
		present = append(present, assist.Presence{CartID: a.CartID, Staff: a.Staff})
	}
	return present
}
