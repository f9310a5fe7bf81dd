package api

import (
	"errors"
	"net/http"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

// ownHandle answers a request of a shopper, who may be new.
type ownHandle func(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error

// own finds out who shops, and keeps from them what is for staff in the cart that a
// problem shows.
func (a *API) own(next ownHandle) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		session, _, err := a.Auth.ShopperSession(r)
		if err != nil {
			return err
		}
		err = next(w, r, cart.Shopper{ID: session.ID, Customer: session.Customer})
		var problem *shared.Problem
		if errors.As(err, &problem) && problem.Cart != nil {
			shown := *problem
			present := assist.ForShopper(*problem.Cart)
			shown.Cart = &present
			return &shown
		}
		return err
	}
}

// begin makes a session for a shopper who has none.
func (a *API) begin(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) (cart.Shopper, error) {
	if shopper.ID != "" {
		return shopper, nil
	}
	session, err := a.Auth.BeginShopper(w, r)
	return cart.Shopper{ID: session.ID, Customer: session.Customer}, err
}

// answerOwn shows a cart to its shopper.
func (a *API) answerOwn(w http.ResponseWriter, record cart.Record, err error) error {
	if err != nil {
		return err
	}
	return a.answer(w, assist.ForShopper(record.Cart))
}

func (a *API) showOwnCart(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	record, err := a.Carts.CartOf(r.Context(), shopper.ID)
	return a.answerOwn(w, record, err)
}

func (a *API) setOwnLine(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	want, err := read[shared.SetLine](w, r)
	if err != nil {
		return err
	}
	sku := r.PathValue("sku")
	if shopper.ID == "" {
		// A change that is refused leaves nothing behind.
		if err := a.Carts.CanBegin(r.Context(), sku, want); err != nil {
			return err
		}
	}
	if shopper, err = a.begin(w, r, shopper); err != nil {
		return err
	}
	record, err := a.Carts.SetLine(r.Context(), shopper, sku, want)
	return a.answerOwn(w, record, err)
}

func (a *API) removeOwnLine(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	version, err := number(r, "version")
	if err != nil {
		return err
	}
	record, err := a.Carts.RemoveLine(r.Context(), shopper.ID, r.PathValue("sku"), version)
	return a.answerOwn(w, record, err)
}

func (a *API) listOwnOrders(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	list, err := a.Carts.Orders(r.Context(), shopper)
	if err != nil {
		return err
	}
	for i := range list.Orders {
		list.Orders[i] = assist.ForShopper(list.Orders[i])
	}
	return a.answer(w, list)
}

func (a *API) newCode(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	shopper, err := a.begin(w, r, shopper)
	if err != nil {
		return err
	}
	code, err := a.Desk.NewCode(r.Context(), shopper)
	if err != nil {
		return err
	}
	return a.answer(w, code)
}

func (a *API) dropCode(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	return a.done(w, a.Desk.DropCode(r.Context(), shopper.ID))
}

func (a *API) askHelp(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	shopper, err := a.begin(w, r, shopper)
	if err != nil {
		return err
	}
	record, err := a.Desk.AskHelp(r.Context(), shopper)
	return a.answerOwn(w, record, err)
}

func (a *API) endHelp(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	record, err := a.Desk.EndHelp(r.Context(), shopper.ID)
	return a.answerOwn(w, record, err)
}

func (a *API) viewPage(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	want, err := read[shared.ViewPage](w, r)
	if err != nil {
		return err
	}
	return a.done(w, a.Desk.ViewPage(r.Context(), shopper.ID, want))
}

func (a *API) moveLink(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
	want, err := read[shared.MoveLink](w, r)
	if err != nil {
		return err
	}
	record, err := a.Desk.MoveLink(r.Context(), shopper.ID, r.PathValue("link"), want)
	return a.answerOwn(w, record, err)
}
