package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/shared"
)

const productColumns = `sku, slug, name, description, category, amount, currency`

// Products implements cart.Store.
func (s *Store) Products(ctx context.Context, query cart.ProductQuery) ([]shared.Product, error) {
	pattern := "%" + likeEscaper.Replace(query.Text) + "%"
	rows, err := s.pool.Query(ctx, `
		SELECT `+productColumns+`
		FROM product
		WHERE (name ILIKE $1 OR sku ILIKE $1 OR category ILIKE $1)
		  AND ($2 = '' OR category = $2)
		  AND ($3 = '' OR (name, sku) > (SELECT name, sku FROM product WHERE sku = $3))
		ORDER BY name, sku
		LIMIT $4`, pattern, query.Category, query.After, query.Limit)
	if err != nil {
		return nil, err
	}
	products, err := pgx.CollectRows(rows, scanProduct)
	if products == nil {
		products = []shared.Product{}
	}
	return products, err
}

// likeEscaper makes a text stand for itself in LIKE.
var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Categories implements cart.Store.
func (s *Store) Categories(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT category COLLATE "C" FROM product WHERE category <> '' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	categories, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if categories == nil {
		categories = []string{}
	}
	return categories, err
}

// ProductBySlug implements cart.Store.
func (s *Store) ProductBySlug(ctx context.Context, slug string) (shared.Product, error) {
	return s.product(ctx, `slug`, slug)
}

// ProductBySKU implements cart.Store.
func (s *Store) ProductBySKU(ctx context.Context, sku string) (shared.Product, error) {
	return s.product(ctx, `sku`, sku)
}

func (s *Store) product(ctx context.Context, column, value string) (shared.Product, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+productColumns+` FROM product WHERE `+column+` = $1`, value)
	if err != nil {
		return shared.Product{}, err
	}
	product, err := pgx.CollectExactlyOneRow(rows, scanProduct)
	if errors.Is(err, pgx.ErrNoRows) {
		return shared.Product{}, cart.ErrNotFound
	}
	return product, err
}

func scanProduct(row pgx.CollectableRow) (p shared.Product, err error) {
	err = row.Scan(&p.SKU, &p.Slug, &p.Name, &p.Description, &p.Category, &p.Price.Amount, &p.Price.Currency)
	return p, err
}

// PutProducts implements cart.Store.
func (s *Store) PutProducts(ctx context.Context, products []shared.Product) error {
	return s.transact(ctx, func(tx pgx.Tx) error {
		batch := new(pgx.Batch)
		for _, p := range products {
			batch.Queue(`
				INSERT INTO product (`+productColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)
				ON CONFLICT (sku) DO UPDATE SET slug = excluded.slug, name = excluded.name,
					description = excluded.description, category = excluded.category,
					amount = excluded.amount, currency = excluded.currency`,
				p.SKU, p.Slug, p.Name, p.Description, p.Category, p.Price.Amount, p.Price.Currency)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
}
