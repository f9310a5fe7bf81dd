package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"cartline/server/cart"
	"cartline/server/catalogue"
	"cartline/shared"
)

// productCommand manages what the shop sells. A server that runs on the same
// database shows the products from then on; carts keep the prices at which they
// were filled.
type productCommand struct {
	Import productImport `cmd:"" help:"Add products from a file, and replace those with the same SKU: all of them or, if anything in the file is wrong, none."`
	Export productExport `cmd:"" help:"Write all products into a file, which import takes back."`
	List   productList   `cmd:"" help:"List the products."`
}

// withStore does something with a database.
func withStore(env *environment, database string, do func(store) error) (err error) {
	s, err := openStore(env.ctx, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

// withExisting is withStore for a database that has been made before.
func withExisting(env *environment, database string, do func(store) error) error {
	if err := checkExists(database); err != nil {
		return err
	}
	return withStore(env, database, do)
}

// standardStream stands for standard input or output where a file is named.
const standardStream = "-"

// formatFlag is shared by the commands that read or write a file.
type formatFlag struct {
	Format string `enum:"csv,jsonl," default:"" placeholder:"FORMAT" help:"csv or jsonl (JSON lines). Unless it is given, the end of the file's name tells, and standard input and output are CSV."`
}

func (f formatFlag) of(file string) (catalogue.Format, error) {
	if f.Format != "" || file == standardStream {
		return cmp.Or(catalogue.Format(f.Format), catalogue.CSV), nil
	}
	format, ok := catalogue.FormatOf(file)
	if !ok {
		return "", usagef("%s ends neither with .csv nor with .jsonl; say with --format what it is", file)
	}
	return format, nil
}

type productImport struct {
	databaseFlag
	formatFlag
	File string `arg:"" help:"File, or - for standard input."`
}

func (c *productImport) Run(env *environment) error {
	format, err := c.of(c.File)
	if err != nil {
		return err
	}
	products, err := readProducts(env, c.File, format)
	if err != nil {
		return err
	}
	return withStore(env, c.Database, func(s store) error {
		tally, err := importProducts(env.ctx, s, products)
		if err != nil {
			return err
		}
		return say(env, "%d added, %d changed, %d unchanged.", tally.added, tally.changed, tally.unchanged)
	})
}

// readProducts reads a file. What is wrong with it is told on standard error, a
// mistake on each line, before the error is returned.
func readProducts(env *environment, file string, format catalogue.Format) (products []shared.Product, err error) {
	in := env.stdin
	if file != standardStream {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		in = opened
	}
	products, err = catalogue.Read(in, format)
	var mistakes *catalogue.Mistakes
	if errors.As(err, &mistakes) {
		fmt.Fprintln(env.stderr, mistakes)
		return nil, fmt.Errorf("nothing was changed, since there are mistakes in %s: %d", file, len(mistakes.List)+mistakes.More)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return products, nil
}

// tally counts what an import does.
type tally struct{ added, changed, unchanged int }

// importProducts puts products into a store: all of them or, after an error, none.
func importProducts(ctx context.Context, s cart.Store, products []shared.Product) (tally, error) {
	existing, err := allProducts(ctx, s)
	if err != nil {
		return tally{}, err
	}
	before := make(map[string]shared.Product, len(existing))
	owners := make(map[string]string, len(existing)) // slug to SKU, at present
	for _, p := range existing {
		before[p.SKU] = p
		owners[p.Slug] = p.SKU
	}
	after := make(map[string]shared.Product, len(products))
	for _, p := range products {
		after[p.SKU] = p
	}
	var count tally
	var moving, changed []shared.Product
	for _, p := range products {
		old, known := before[p.SKU]
		switch {
		case !known:
			count.added++
		case old == p:
			count.unchanged++
			continue
		default:
			count.changed++
		}
		changed = append(changed, p)
		owner, taken := owners[p.Slug]
		if !taken || owner == p.SKU {
			continue
		}
		// Its owner gives it up in the same file, or else it is in the way.
		if replaced, ok := after[owner]; !ok || replaced.Slug == p.Slug {
			return tally{}, fmt.Errorf("nothing was changed: the slug %q of %s belongs to %s already", p.Slug, p.SKU, owner)
		}
		// No two products may share a slug for a moment either, and there may be
		// circles. So the owner has none like it until its own turn comes.
		aside := before[owner]
		aside.Slug = "moving-" + cart.NewID()
		moving = append(moving, aside)
	}
	if len(changed) == 0 {
		return count, nil
	}
	if err := s.PutProducts(ctx, append(moving, changed...)); err != nil {
		return tally{}, fmt.Errorf("nothing was changed: %w", err)
	}
	return count, nil
}

// allProducts returns every product, by name, as they were at one moment.
func allProducts(ctx context.Context, s cart.Store) ([]shared.Product, error) {
	const all = 1 << 30
	return s.Products(ctx, cart.ProductQuery{Limit: all})
}

type productExport struct {
	databaseFlag
	formatFlag
	File string `arg:"" optional:"" default:"-" help:"File, or - for standard output. (${default})"`
}

func (c *productExport) Run(env *environment) error {
	format, err := c.of(c.File)
	if err != nil {
		return err
	}
	return withExisting(env, c.Database, func(s store) error {
		products, err := allProducts(env.ctx, s)
		if err != nil {
			return err
		}
		// Whole first: a file that stood there is not lost to half of another.
		var b bytes.Buffer
		if err := catalogue.Write(&b, format, products); err != nil {
			return err
		}
		if c.File == standardStream {
			_, err = io.Copy(env.stdout, &b)
			return err
		}
		return os.WriteFile(c.File, b.Bytes(), 0o644)
	})
}

type productList struct{ databaseFlag }

func (c *productList) Run(env *environment) error {
	return withExisting(env, c.Database, func(s store) error {
		products, err := allProducts(env.ctx, s)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "SKU\tNAME\tCATEGORY\tPRICE\tSLUG")
		for _, p := range products {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", p.SKU, p.Name, p.Category, p.Price, p.Slug)
		}
		return table.Flush()
	})
}
