package cart

import (
	"context"
	"errors"

	"cartline/shared"
)

// Products lists products and tells where to read on.
func (s *Service) Products(ctx context.Context, query ProductQuery) (shared.ProductList, error) {
	if !storable(query.Text, query.Category, query.After) {
		return shared.ProductList{Products: []shared.Product{}}, nil
	}
	limit := pageSize(query.Limit, MaxPage)
	query.Limit = limit + 1 // one more, to see whether there is more
	products, err := s.store.Products(ctx, query)
	if err != nil {
		return shared.ProductList{}, err
	}
	list := shared.ProductList{Products: products}
	if len(products) > limit {
		list.Products = products[:limit]
		list.Next = products[limit-1].SKU
	}
	return list, nil
}

// Categories lists the categories that have products, by name.
func (s *Service) Categories(ctx context.Context) ([]string, error) { return s.store.Categories(ctx) }

// Product returns one product by its slug.
func (s *Service) Product(ctx context.Context, slug string) (shared.Product, error) {
	product, err := find(ctx, s.store.ProductBySlug, slug)
	if errors.Is(err, ErrNotFound) {
		return shared.Product{}, &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no such product."}
	}
	return product, err
}

// ProductBySKU returns one product by its SKU.
func (s *Service) ProductBySKU(ctx context.Context, sku string) (shared.Product, error) {
	product, err := find(ctx, s.store.ProductBySKU, sku)
	if errors.Is(err, ErrNotFound) {
		err = &shared.Problem{Code: shared.CodeUnknownProduct, Field: "sku", Detail: "There is no product with this SKU."}
	}
	return product, err
}
