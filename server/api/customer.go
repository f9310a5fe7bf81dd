package api

import (
	"context"
	"net/http"

	"cartline/server/cart"
	"cartline/server/httplog"
	"cartline/server/identity"
	"cartline/shared"
)

func (a *API) signUp(w http.ResponseWriter, r *http.Request) error {
	in, err := read[shared.SignUp](w, r)
	if err != nil {
		return err
	}
	return a.enter(w, r, func(ctx context.Context) (identity.Customer, error) {
		return a.Customers.SignUp(ctx, httplog.RemoteHost(r), in)
	})
}

func (a *API) signInCustomer(w http.ResponseWriter, r *http.Request) error {
	in, err := read[shared.CustomerSignIn](w, r)
	if err != nil {
		return err
	}
	return a.enter(w, r, func(ctx context.Context) (identity.Customer, error) {
		return a.Customers.Verify(ctx, httplog.RemoteHost(r), in)
	})
}

// enter signs a customer in, and brings the cart along that they had as a guest. The
// cart goes first: should anything fail after it, the same sign-in does the rest, as
// to merge again changes nothing.
func (a *API) enter(w http.ResponseWriter, r *http.Request, who func(context.Context) (identity.Customer, error)) error {
	before, _, err := a.Auth.ShopperSession(r)
	if err != nil {
		return err
	}
	customer, err := who(r.Context())
	if err != nil {
		return err
	}
	answer := shared.CustomerSession{Customer: new(customer.Public())}
	if before.Customer == "" {
		answer.MergedLines, err = a.Carts.SignIn(r.Context(), before.ID, cart.Shopper{ID: customer.Shopper, Customer: customer.ID})
		if err != nil {
			return err
		}
	}
	token, session, err := a.Customers.Begin(r.Context(), customer, a.Auth.ShopperToken(r))
	if err != nil {
		return err
	}
	a.Auth.SetShopper(w, token, session.ExpiresAt)
	a.EndShopper(before.Hash)
	return a.answer(w, answer)
}

func (a *API) showCustomer(w http.ResponseWriter, r *http.Request) error {
	session, _, err := a.Auth.ShopperSession(r)
	if err != nil {
		return err
	}
	var answer shared.CustomerSession
	if session.Customer != "" {
		customer, found, err := a.Customers.ByID(r.Context(), session.Customer)
		if err != nil {
			return err
		}
		if found {
			answer.Customer = new(customer.Public())
		}
	}
	return a.answer(w, answer)
}

func (a *API) signOutCustomer(w http.ResponseWriter, r *http.Request) error {
	session, _, err := a.Auth.ShopperSession(r)
	if err != nil {
		return err
	}
	if err := a.Customers.End(r.Context(), a.Auth.ShopperToken(r)); err != nil {
		return err
	}
	a.Auth.ClearShopper(w)
	a.EndShopper(session.Hash)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
