package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"cartline/shared"
)

// shopper is one simulated person. They act once in a while: each time they look at
// their cart first, as a page shows it, and then do one thing.
type shopper struct {
	*browser
	choice   *rand.Rand
	attended time.Duration

	categories []string
	products   []shared.Product // in sight
	page       string
	// patience is how many more deeds they stay for; orders says whether they
	// will have ordered by then.
	patience int
	orders   bool
	customer bool
	// knocked is whose knock they have seen, and think about.
	knocked string
}

// Where the pages of the shop are.
const (
	pageFront   = "/shop"
	pageCart    = "/shop/cart"
	pageProduct = "/shop/p/"
)

func newShopper(b *browser, choice *rand.Rand, attended time.Duration) *shopper {
	return &shopper{
		browser: b, choice: choice, attended: attended, page: pageFront,
		patience: 15 + choice.IntN(50), orders: choice.IntN(100) < 65,
	}
}

// act does one thing, and says whether the shopper leaves for good. An error is one
// of which a person would say that the shop is broken.
func (s *shopper) act(ctx context.Context) (leaves bool, err error) {
	var c shared.Cart
	if err := s.ask(ctx, "GET", "/api/cart", nil, &c); err != nil {
		return false, err
	}
	leaves, err = s.respond(ctx, &c)
	if isLife(err) {
		return false, nil
	}
	return leaves, err
}

// isLife says whether a refusal is one that people meet in a shop that works: someone
// else was faster, or they have changed their mind in another tab. They see the cart
// anew and go on.
func isLife(err error) bool {
	var p *shared.Problem
	if !errors.As(err, &p) {
		return false
	}
	switch p.Code {
	case shared.CodeVersionConflict, shared.CodeTotalChanged, shared.CodeCartClosed, shared.CodeCartFull,
		shared.CodeNotFound, shared.CodeUnknownProduct, shared.CodeEmailTaken, shared.CodeTooMany, shared.CodeCannotUndo:
		return true
	}
	return false
}

// respond answers what the staff want to know, or else goes on shopping.
func (s *shopper) respond(ctx context.Context, c *shared.Cart) (leaves bool, err error) {
	if k := pendingKnock(c); k != nil {
		return false, s.answer(ctx, k)
	}
	s.knocked = ""
	if l := pendingLink(c); l != nil {
		return false, s.follow(ctx, c, l)
	}
	s.patience--
	attended := len(c.Attendants) > 0
	if s.patience <= 0 && !attended && !c.HelpAt.IsZero() {
		// Nobody came; who leaves doesn't wait any more.
		return false, s.ask(ctx, "DELETE", "/api/cart/help", nil, nil)
	}
	if s.patience <= 0 && !attended {
		if s.orders && c.Items > 0 {
			return true, s.order(ctx, c)
		}
		return true, nil
	}
	if attended && s.orders && time.Since(attendedSince(c)) > s.attended && s.chance(10) {
		return true, s.order(ctx, c)
	}
	return false, s.browse(ctx, c)
}

func (s *shopper) chance(percent int) bool { return s.choice.IntN(100) < percent }

func pick[T any](s *shopper, from []T) (one T, ok bool) {
	if len(from) == 0 {
		return one, false
	}
	return from[s.choice.IntN(len(from))], true
}

func pendingKnock(c *shared.Cart) *shared.Knock {
	for i, k := range c.Knocks {
		if !k.Declined && time.Now().Before(k.Until) {
			return &c.Knocks[i]
		}
	}
	return nil
}

func pendingLink(c *shared.Cart) *shared.Link {
	for i, l := range c.Links {
		if l.Pending() {
			return &c.Links[i]
		}
	}
	return nil
}

// attendedSince is when the last of those who attend the cart came.
func attendedSince(c *shared.Cart) (at time.Time) {
	for _, a := range c.Attendants {
		if a.Since.After(at) {
			at = a.Since
		}
	}
	return at
}

// answer answers a knock the second time that the shopper sees it, mostly with yes.
func (s *shopper) answer(ctx context.Context, k *shared.Knock) error {
	if s.knocked != k.Staff {
		s.knocked = k.Staff
		return nil
	}
	s.knocked = ""
	return s.ask(ctx, "POST", "/api/cart/knock", shared.AnswerKnock{Staff: k.Staff, Accept: s.chance(85)}, nil)
}

// follow takes a link one step on: it is shown, and then opened or dismissed. Its
// product may go into the cart.
func (s *shopper) follow(ctx context.Context, c *shared.Cart, l *shared.Link) error {
	if l.State == shared.LinkSent {
		return s.moveLink(ctx, l, shared.LinkDelivered)
	}
	if s.chance(10) {
		return s.moveLink(ctx, l, shared.LinkDismissed)
	}
	if err := s.moveLink(ctx, l, shared.LinkOpened); err != nil {
		return err
	}
	if err := s.visit(ctx, l.Path); err != nil {
		return err
	}
	if _, has := c.Line(l.SKU); l.SKU == "" || has || s.chance(40) {
		return nil
	}
	return s.set(ctx, c, l.SKU, 1, 0)
}

func (s *shopper) moveLink(ctx context.Context, l *shared.Link, state shared.LinkState) error {
	return s.ask(ctx, "POST", "/api/cart/links/"+url.PathEscape(l.ID), shared.MoveLink{State: state}, nil)
}

// browse does one of the things that people do in a shop.
func (s *shopper) browse(ctx context.Context, c *shared.Cart) error {
	dice := s.choice.IntN(100)
	if c.Items == 0 {
		switch {
		case dice < 30 || len(s.products) == 0:
			return s.look(ctx)
		case dice < 55:
			return s.viewProduct(ctx)
		default:
			return s.add(ctx, c)
		}
	}
	switch {
	case dice < 14 || len(s.products) == 0:
		return s.look(ctx)
	case dice < 32:
		return s.viewProduct(ctx)
	case dice < 52:
		return s.add(ctx, c)
	case dice < 74:
		return s.changeQuantity(ctx, c)
	case dice < 82:
		return s.remove(ctx, c)
	case dice < 87:
		return s.visit(ctx, pageCart)
	case dice < 90:
		return s.seekHelp(ctx, c)
	case dice < 92 && !s.customer:
		return s.signUp(ctx)
	default:
		return nil // they hesitate
	}
}

// visit reports that the browser shows a page.
func (s *shopper) visit(ctx context.Context, path string) error {
	s.page = path
	return s.ask(ctx, "POST", "/api/cart/pageview", shared.ViewPage{Path: path, Simulated: true}, nil)
}

// look goes to the front page, or to a category.
func (s *shopper) look(ctx context.Context) error {
	if s.categories == nil {
		var list shared.CategoryList
		if err := s.ask(ctx, "GET", "/api/categories", nil, &list); err != nil {
			return err
		}
		s.categories = list.Categories
	}
	query := url.Values{"limit": {"50"}}
	path := pageFront
	if category, ok := pick(s, s.categories); ok && s.chance(75) {
		query.Set("category", category)
		path += "?" + url.Values{"category": {category}}.Encode()
	}
	var list shared.ProductList
	if err := s.ask(ctx, "GET", "/api/products?"+query.Encode(), nil, &list); err != nil {
		return err
	}
	s.products = list.Products
	return s.visit(ctx, path)
}

// viewProduct opens the page of a product in sight.
func (s *shopper) viewProduct(ctx context.Context) error {
	product, ok := pick(s, s.products)
	if !ok {
		return nil
	}
	if err := s.ask(ctx, "GET", "/api/products/"+url.PathEscape(product.Slug), nil, &product); err != nil {
		return err
	}
	return s.visit(ctx, pageProduct+product.Slug)
}

// add puts a product in sight into the cart, the one whose page is open if there is
// one.
func (s *shopper) add(ctx context.Context, c *shared.Cart) error {
	product, ok := pick(s, s.products)
	if !ok {
		return nil
	}
	for _, p := range s.products {
		if s.page == pageProduct+p.Slug {
			product = p
		}
	}
	line, _ := c.Line(product.SKU)
	if line.Quantity == shared.MaxQuantity {
		return nil
	}
	return s.set(ctx, c, product.SKU, line.Quantity+1, line.Version)
}

// set sets a quantity. The change that makes the cart is followed by a report of the
// page, as a page's own would be: before it, there was no cart to report it for.
func (s *shopper) set(ctx context.Context, c *shared.Cart, sku string, quantity int, version int64) error {
	err := s.ask(ctx, "PUT", "/api/cart/lines/"+url.PathEscape(sku), shared.SetLine{Quantity: quantity, Version: version}, nil)
	if err != nil || c.Seen {
		return err
	}
	return s.visit(ctx, s.page)
}

func (s *shopper) changeQuantity(ctx context.Context, c *shared.Cart) error {
	line, ok := pick(s, c.Lines)
	if !ok {
		return nil
	}
	quantity := 1 + s.choice.IntN(5)
	if quantity == line.Quantity {
		quantity++
	}
	return s.set(ctx, c, line.SKU, quantity, line.Version)
}

func (s *shopper) remove(ctx context.Context, c *shared.Cart) error {
	line, ok := pick(s, c.Lines)
	if !ok {
		return nil
	}
	return s.ask(ctx, "DELETE", fmt.Sprintf("/api/cart/lines/%s?version=%d", url.PathEscape(line.SKU), line.Version), nil, nil)
}

// seekHelp asks for help, or for a code to be read out, or no longer wants help.
func (s *shopper) seekHelp(ctx context.Context, c *shared.Cart) error {
	switch {
	case len(c.Attendants) > 0:
		return nil
	case !c.HelpAt.IsZero():
		return s.ask(ctx, "DELETE", "/api/cart/help", nil, nil)
	case s.chance(20):
		return s.ask(ctx, "POST", "/api/cart/help", nil, nil)
	default:
		return s.ask(ctx, "POST", "/api/cart/code", nil, nil)
	}
}

var (
	firstNames = []string{"Ada", "Bela", "Carla", "Dana", "Emil", "Farid", "Greta", "Hana", "Ivo", "Jonas", "Kaia", "Liam", "Mira", "Nils", "Olga", "Petra", "Rosa", "Sven", "Tara", "Uma"}
	lastNames  = []string{"Abel", "Berg", "Conti", "Dahl", "Eder", "Falk", "Gruber", "Holm", "Ito", "Jansen", "Klein", "Lind", "Moreau", "Novak", "Okafor", "Petit", "Rossi", "Silva", "Thorne", "Weber"}
)

// signUp makes an account for a person who doesn't exist: example.com never will be
// anyone's (RFC 2606).
func (s *shopper) signUp(ctx context.Context) error {
	first, _ := pick(s, firstNames)
	last, _ := pick(s, lastNames)
	err := s.ask(ctx, "POST", "/api/customers", shared.SignUp{
		Name:     first + " " + last,
		Email:    fmt.Sprintf("%s.%s.%06d@example.com", strings.ToLower(first), strings.ToLower(last), s.choice.IntN(1_000_000)),
		Password: newPassword(),
	}, nil)
	s.customer = err == nil
	return err
}

// order places the order, for the total that is shown.
func (s *shopper) order(ctx context.Context, c *shared.Cart) error {
	if c.Items == 0 {
		return nil
	}
	if err := s.visit(ctx, pageCart); err != nil {
		return err
	}
	return s.ask(ctx, "POST", "/api/cart/order", shared.PlaceOrder{Total: c.Total.Amount}, nil)
}
