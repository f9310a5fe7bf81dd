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

func (a *API) listCategories(w http.ResponseWriter, r *http.Request) error {
	categories, err := a.Carts.Categories(r.Context())
	if err != nil {
		return err
	}
	return a.answer(w, shared.CategoryList{Categories: categories})
}
