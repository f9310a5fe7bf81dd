package api

import (
	"net/http"

	"cartline/server/cart"
	"cartline/shared"
)

// maxText bounds what a query may ask for.
const maxText = 200

func (a *API) listProducts(w http.ResponseWriter, r *http.Request) error {
	limit, err := number(r, "limit")
	if err != nil {
		return err
	}
	query := cart.ProductQuery{
		Text:     r.URL.Query().Get("q"),
		Category: r.URL.Query().Get("category"),
		After:    r.URL.Query().Get("after"),
		Limit:    int(min(limit, cart.MaxPage)),
	}
	for _, text := range []string{query.Text, query.Category, query.After} {
		if len(text) > maxText {
			return &shared.Problem{Code: shared.CodeInvalid, Detail: "That is too long to look for."}
		}
	}
	list, err := a.Carts.Products(r.Context(), query)
	if err != nil {
		return err
	}
	return a.answer(w, list)
}

func (a *API) showProduct(w http.ResponseWriter, r *http.Request) error {
	product, err := a.Carts.Product(r.Context(), r.PathValue("slug"))
	if err != nil {
		return err
	}
	return a.answer(w, product)
}

func (a *API) showOwnCart(w http.ResponseWriter, r *http.Request) error {
	shopper, err := a.Auth.Shopper(r)
	if err != nil {
		return err
	}
	c, err := a.Carts.CartOf(r.Context(), shopper)
	if err != nil {
		return err
	}
	return a.answer(w, c)
}

func (a *API) setOwnLine(w http.ResponseWriter, r *http.Request) error {
	want, err := read[shared.SetLine](w, r)
	if err != nil {
		return err
	}
	shopper, err := a.Auth.Shopper(r)
	if err != nil {
		return err
	}
	sku := r.PathValue("sku")
	if shopper == "" {
		// A change that is refused leaves nothing behind.
		if err := a.Carts.CanBegin(r.Context(), sku, want); err != nil {
			return err
		}
		if shopper, err = a.Auth.BeginShopper(r.Context(), w); err != nil {
			return err
		}
	}
	c, err := a.Carts.SetLine(r.Context(), shopper, sku, want)
	if err != nil {
		return err
	}
	return a.answer(w, c)
}

func (a *API) removeOwnLine(w http.ResponseWriter, r *http.Request) error {
	version, err := number(r, "version")
	if err != nil {
		return err
	}
	shopper, err := a.Auth.Shopper(r)
	if err != nil {
		return err
	}
	c, err := a.Carts.RemoveLine(r.Context(), shopper, r.PathValue("sku"), version)
	if err != nil {
		return err
	}
	return a.answer(w, c)
}

func (a *API) listCarts(w http.ResponseWriter, r *http.Request) error {
	limit, err := number(r, "limit")
	if err != nil {
		return err
	}
	list, err := a.Carts.Carts(r.Context(), r.URL.Query().Get("after"), int(min(limit, cart.MaxPage)))
	if err != nil {
		return err
	}
	return a.answer(w, list)
}

func (a *API) showCart(w http.ResponseWriter, r *http.Request) error {
	c, err := a.Carts.Cart(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return a.answer(w, c)
}
