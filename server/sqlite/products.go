package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"cartline/server/cart"
	"cartline/shared"
)

const productColumns = `sku, slug, name, description, category, amount, currency`

// Products implements cart.Store.
func (s *Store) Products(ctx context.Context, query cart.ProductQuery) ([]shared.Product, error) {
	pattern := "%" + likeEscaper.Replace(query.Text) + "%"
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+productColumns+`
		FROM product
		WHERE (name LIKE ?1 ESCAPE '\' OR sku LIKE ?1 ESCAPE '\' OR category LIKE ?1 ESCAPE '\')
		  AND (?2 = '' OR category = ?2)
		  AND (?3 = '' OR (name, sku) > (SELECT name, sku FROM product WHERE sku = ?3))
		ORDER BY name, sku
		LIMIT ?4`, pattern, query.Category, query.After, query.Limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	products := []shared.Product{}
	for rows.Next() {
		product, err := scanProduct(rows)
		if err != nil {
			return nil, err
		}
		products = append(products, product)
	}
	return products, rows.Err()
}

// likeEscaper makes a text stand for itself in LIKE.
var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Categories implements cart.Store.
func (s *Store) Categories(ctx context.Context) ([]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT category FROM product WHERE category <> '' ORDER BY category`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	categories := []string{}
	for rows.Next() {
		var category string
		if err := rows.Scan(&category); err != nil {
			return nil, err
		}
		categories = append(categories, category)
	}
	return categories, rows.Err()
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
	row := s.read.QueryRowContext(ctx, `SELECT `+productColumns+` FROM product WHERE `+column+` = ?`, value)
	product, err := scanProduct(row)
	if errors.Is(err, sql.ErrNoRows) {
		return shared.Product{}, cart.ErrNotFound
	}
	return product, err
}

func scanProduct(row interface{ Scan(...any) error }) (p shared.Product, err error) {
	err = row.Scan(&p.SKU, &p.Slug, &p.Name, &p.Description, &p.Category, &p.Price.Amount, &p.Price.Currency)
	return p, err
}

// PutProducts implements cart.Store.
func (s *Store) PutProducts(ctx context.Context, products []shared.Product) error {
	return s.transact(ctx, func(tx *sql.Tx) error {
		for _, p := range products {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO product (`+productColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT (sku) DO UPDATE SET slug = excluded.slug, name = excluded.name,
					description = excluded.description, category = excluded.category,
					amount = excluded.amount, currency = excluded.currency`,
				p.SKU, p.Slug, p.Name, p.Description, p.Category, p.Price.Amount, p.Price.Currency)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
