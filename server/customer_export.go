package main

import (
	"encoding/json"
	"time"

	"cartline/server/identity"
	"cartline/shared"
)

type customerExport struct {
	customerFlags
	Person string `arg:"" name:"email" help:"E-mail address, or the ID of an account."`
}

func (c *customerExport) Run(env *environment) error {
	return withCustomers(env, c.customerFlags, func(r register) error {
		found, err := r.find(env, c.Person)
		if err != nil {
			return err
		}
		accounts := make([]exportedAccount, 0, len(found))
		for _, customer := range found {
			account, err := r.export(env, customer)
			if err != nil {
				return err
			}
			accounts = append(accounts, account)
		}
		encoder := json.NewEncoder(env.stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"accounts": accounts})
	})
}

// exportedAccount is everything that is kept on a customer, but for the hashes of
// their password and of their sessions' tokens.
type exportedAccount struct {
	shared.Customer
	Since       time.Time           `json:"since"`
	HasPassword bool                `json:"has_password"`
	Sessions    []exportedSession   `json:"sessions"`
	Carts       []exportedCart      `json:"carts"` // orders among them
	Audit       []shared.AuditEntry `json:"audit"` // what staff did about them
}

type exportedSession struct {
	Began time.Time `json:"began"`
	Until time.Time `json:"until"`
}

type exportedCart struct {
	shared.Cart
	History []exportedActivity `json:"history"` // the newest first
}

// exportedActivity is an activity without the summary of the cart.
type exportedActivity struct {
	shared.Activity
	Cart *shared.CartSummary `json:"cart,omitempty"` // hides the activity's; always nil
}

func (r register) export(env *environment, customer identity.Customer) (exportedAccount, error) {
	account := exportedAccount{
		Customer:    customer.Public(),
		Since:       customer.CreatedAt,
		HasPassword: customer.HasPassword(),
		Sessions:    []exportedSession{},
		Carts:       []exportedCart{},
		Audit:       []shared.AuditEntry{},
	}
	sessions, err := r.Sessions(env.ctx, customer.ID)
	if err != nil {
		return account, err
	}
	for _, session := range sessions {
		account.Sessions = append(account.Sessions, exportedSession{session.CreatedAt, session.ExpiresAt})
	}
	carts, err := r.store.CartsOfCustomer(env.ctx, customer.ID)
	if err != nil {
		return account, err
	}
	for _, c := range carts {
		history, err := r.history(env, c.ID)
		if err != nil {
			return account, err
		}
		account.Carts = append(account.Carts, exportedCart{c, history})
	}
	err = r.audit(env, func(entry shared.AuditEntry) {
		if entry.Customer == customer.ID {
			account.Audit = append(account.Audit, entry)
		}
	})
	return account, err
}

func (r register) history(env *environment, cartID string) ([]exportedActivity, error) {
	history := []exportedActivity{}
	for before := int64(0); ; {
		page, err := r.store.History(env.ctx, cartID, before, r.page)
		if err != nil {
			return nil, err
		}
		for _, activity := range page {
			history = append(history, exportedActivity{Activity: activity})
			before = activity.CartVersion
		}
		if len(page) < r.page {
			return history, nil
		}
	}
}

func (r register) audit(env *environment, each func(shared.AuditEntry)) error {
	for after := int64(0); ; {
		page, err := r.store.Audit(env.ctx, after, r.page)
		if err != nil {
			return err
		}
		for _, entry := range page {
			each(entry)
			after = entry.ID
		}
		if len(page) < r.page {
			return nil
		}
	}
}
