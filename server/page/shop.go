package page

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/routes"
	"cartline/app/shop"
	"cartline/server/cart"
	"cartline/server/picture"
	"cartline/shared"
	"cartline/web"
)

// Catalogue is what the shop's pages read. Its methods are safe for concurrent use.
// A product that there isn't is a *shared.Problem with CodeNotFound.
type Catalogue interface {
	Products(ctx context.Context, query cart.ProductQuery) (shared.ProductList, error)
	Product(ctx context.Context, slug string) (shared.Product, error)
	Categories(ctx context.Context) ([]string, error)
}

// How much the pages show, and how long they wait for it.
const (
	listSize         = 24
	shelfSize        = 4
	maxShelves       = 12
	catalogueTimeout = 5 * time.Second
)

// shopPages draws the shop's pages.
type shopPages struct {
	catalogue Catalogue
	logger    *slog.Logger
	version   string
	// The shell, around where the page goes. Before has the marks of title and
	// description.
	before, after string

	mu    sync.Mutex
	drawn map[string]*asset // by what they show
}

// maxDrawn bounds how many pages are kept, of some 50 KB each, so that a page which
// many ask for is drawn once. When there are more, all are forgotten.
const maxDrawn = 100

// addShop asks go-app's handler for the shell of the shop's pages.
func (p *Pages) addShop(module web.Module, links resolver, catalogue Catalogue, logger *slog.Logger) error {
	body, _, err := render(p.configure(routes.ShopHandler(), module, links), shop.PathFront)
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(absolute.ReplaceAll(body, nil)), `<div id="`+shop.Marker+`"></div>`)
	if !found {
		return fmt.Errorf("prerender %s: there is no place for the page in the shell", shop.PathFront)
	}
	p.shop = &shopPages{
		catalogue: catalogue, logger: logger, version: hash(body), before: before, after: after, drawn: make(map[string]*asset),
	}
	return nil
}

// serve answers if the path is one of the shop.
func (s *shopPages) serve(w http.ResponseWriter, r *http.Request) bool {
	path := r.URL.Path
	if slug, ok := strings.CutPrefix(path, shop.PathPicture); ok {
		s.servePicture(w, r, strings.TrimSuffix(slug, ".svg"), strings.HasSuffix(slug, ".svg"))
		return true
	}
	if trimmed := strings.TrimRight(path, "/"); trimmed != path && (trimmed == shop.PathFront || trimmed == shop.PathCart) {
		http.Redirect(w, r, trimmed, http.StatusMovedPermanently)
		return true
	}
	if path != shop.PathFront && path != shop.PathCart && !strings.HasPrefix(path, shop.PathProduct) {
		return false
	}
	ctx, cancel := context.WithTimeout(r.Context(), catalogueTimeout)
	defer cancel()
	data, status := s.data(ctx, path, r.URL.Query())
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	s.page(data).serve(w, r, status)
	return true
}

// data reads what a page shows. The status is 200, or tells what is missing.
func (s *shopPages) data(ctx context.Context, path string, query url.Values) (shop.Data, int) {
	categories, err := s.catalogue.Categories(ctx)
	if err != nil {
		s.logFailure(ctx, path, err)
		return shop.Data{View: shop.ViewDown}, http.StatusServiceUnavailable
	}
	d := shop.Data{View: shop.ViewFront, Categories: categories}
	switch slug, ok := strings.CutPrefix(path, shop.PathProduct); {
	case ok:
		err = s.readProduct(ctx, &d, slug)
	case path == shop.PathCart:
		d.View = shop.ViewCart
	default:
		err = s.readFront(ctx, &d, query)
	}
	var problem *shared.Problem
	switch {
	case err == nil:
		return d, http.StatusOK
	case errors.As(err, &problem) && problem.Code == shared.CodeNotFound:
		return shop.Data{View: shop.ViewMissing, Categories: categories}, http.StatusNotFound
	default:
		s.logFailure(ctx, path, err)
		return shop.Data{View: shop.ViewDown, Categories: categories}, http.StatusServiceUnavailable
	}
}

// logFailure tells why the catalogue couldn't be read, which visitors are not told. If
// it is only that the visitor has gone, nobody needs to know.
func (s *shopPages) logFailure(ctx context.Context, path string, err error) {
	level := slog.LevelError
	if errors.Is(ctx.Err(), context.Canceled) {
		level = slog.LevelDebug
	}
	s.logger.Log(ctx, level, "the catalogue can't be read", "path", path, "error", err)
}

// readFront reads a list of products, or some of each category for who asks for none
// in particular.
func (s *shopPages) readFront(ctx context.Context, d *shop.Data, query url.Values) error {
	d.Query, d.Category = shop.CleanQuery(query.Get("q")), shop.CleanQuery(query.Get("category"))
	d.More = query.Has("after") || query.Has("q") && d.Query == ""
	if d.Category != "" && !slices.Contains(d.Categories, d.Category) {
		return &shared.Problem{Code: shared.CodeNotFound, Detail: "There is no such category."}
	}
	if d.Query == "" && d.Category == "" && !d.More && len(d.Categories) > 0 {
		return s.readShelves(ctx, d)
	}
	list, err := s.catalogue.Products(ctx, cart.ProductQuery{
		Text: d.Query, Category: d.Category, After: shop.CleanQuery(query.Get("after")), Limit: listSize,
	})
	d.Products, d.Next = list.Products, list.Next
	return err
}

func (s *shopPages) readShelves(ctx context.Context, d *shop.Data) error {
	for _, category := range d.Categories[:min(len(d.Categories), maxShelves)] {
		list, err := s.catalogue.Products(ctx, cart.ProductQuery{Category: category, Limit: shelfSize})
		if err != nil {
			return err
		}
		d.Products = append(d.Products, list.Products...)
	}
	return nil
}

// readProduct reads a product, and others of its category to go with it.
func (s *shopPages) readProduct(ctx context.Context, d *shop.Data, slug string) error {
	product, err := s.catalogue.Product(ctx, slug)
	if err != nil {
		return err
	}
	d.View, d.Product = shop.ViewProduct, &product
	if product.Category == "" {
		return nil
	}
	list, err := s.catalogue.Products(ctx, cart.ProductQuery{Category: product.Category, Limit: shelfSize + 1})
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(list.Products, func(other shared.Product) bool { return other.SKU == product.SKU })
	d.Products = others[:min(len(others), shelfSize)]
	return nil
}

// page returns the document that shows the data.
func (s *shopPages) page(d shop.Data) *asset {
	text := d.JSON()
	key := hash([]byte(s.version + text))
	s.mu.Lock()
	kept := s.drawn[key]
	s.mu.Unlock()
	if kept != nil {
		return kept
	}
	a := newAsset("text/html; charset=utf-8", []byte(s.document(d, text))).withPolicy(policyOf(shop.PathFront))
	// go-app writes attributes in any order, so that the same page has other bytes
	// in another process.
	a.etag, a.weak = key, true
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.drawn) >= maxDrawn {
		clear(s.drawn)
	}
	s.drawn[key] = a
	return a
}

// document fills the shell. The template carries what is shown to the program, which
// draws the same from it.
func (s *shopPages) document(d shop.Data, text string) string {
	head := strings.NewReplacer(
		shop.MarkTitle, html.EscapeString(d.Title()),
		shop.MarkDescription, html.EscapeString(d.Description()),
	).Replace(s.before)
	return head + app.HTMLString(shop.View(d)) +
		"\n<template id=\"" + shop.DataID + "\">" + html.EscapeString(text) + "</template>\n" + s.after
}

// picturePolicy is for a picture that is opened by itself.
const picturePolicy = "default-src 'none'"

// servePicture answers with the picture of a product.
func (s *shopPages) servePicture(w http.ResponseWriter, r *http.Request, slug string, named bool) {
	ctx, cancel := context.WithTimeout(r.Context(), catalogueTimeout)
	defer cancel()
	product, err := s.catalogue.Product(ctx, slug)
	var problem *shared.Problem
	switch {
	case !named, errors.As(err, &problem) && problem.Code == shared.CodeNotFound:
		http.Error(w, "There is no such picture.", http.StatusNotFound)
	case err != nil:
		s.logFailure(ctx, r.URL.Path, err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "The picture can't be drawn now.", http.StatusServiceUnavailable)
	default:
		a := newAsset("image/svg+xml", picture.SVG(product)).withPolicy(picturePolicy)
		a.cache = "public, max-age=86400"
		a.serve(w, r, http.StatusOK)
	}
}
