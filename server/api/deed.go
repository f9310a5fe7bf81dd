package api

import (
	"context"
	"net/http"

	"cartline/server/assist"
	"cartline/server/cart"
	"cartline/shared"
)

// deed does what one of the staff asks for in a request's body, to the cart that the
// path names, and shows them the cart after it.
func deed[T shared.Validator](a *API, do func(ctx context.Context, who assist.Staff, id string, want T) (cart.Record, error)) handle {
	return a.desk(func(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
		want, err := read[T](w, r)
		if err != nil {
			return err
		}
		record, err := do(r.Context(), who, r.PathValue("id"), want)
		return a.answerStaff(w, r, who, record, err)
	})
}

// plainDeed is deed for what needs no body.
func (a *API) plainDeed(do func(ctx context.Context, who assist.Staff, id string) (cart.Record, error)) handle {
	return a.desk(func(w http.ResponseWriter, r *http.Request, who assist.Staff) error {
		record, err := do(r.Context(), who, r.PathValue("id"))
		return a.answerStaff(w, r, who, record, err)
	})
}

// ownDeed does what a shopper asks for in a request's body, to their own cart, and
// shows them the cart after it.
func ownDeed[T shared.Validator](a *API, do func(ctx context.Context, shopper string, want T) (cart.Record, error)) handle {
	return a.own(func(w http.ResponseWriter, r *http.Request, shopper cart.Shopper) error {
		want, err := read[T](w, r)
		if err != nil {
			return err
		}
		record, err := do(r.Context(), shopper.ID, want)
		return a.answerOwn(w, record, err)
	})
}
