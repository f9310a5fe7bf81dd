package shop

import (
	"context"
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/part"
	"cartline/shared"
)

// background runs what blocks, and then brings its outcome to the page.
func (p *Page) background(work func(context.Context) func()) {
	part.Background(api.Timeout, p.dispatch, work)
}

// look asks who is there and what is in their cart.
func (p *Page) look() {
	since := p.model.changes
	p.background(func(ctx context.Context) func() {
		who, err := p.server.Customer(ctx)
		return func() { p.model.met(who, err) }
	})
	p.background(func(ctx context.Context) func() {
		cart, err := p.server.Cart(ctx)
		return func() { p.model.looked(cart, err, since) }
	})
	if p.data.View == ViewCart {
		p.background(func(ctx context.Context) func() {
			list, err := p.server.Orders(ctx)
			return func() {
				if err == nil { // else they stay as they were
					p.model.orders = list.Orders
				}
			}
		})
	}
}

// ask makes a call that answers with the cart.
func (p *Page) ask(work func(context.Context) (shared.Cart, error), then func(error)) {
	p.background(func(ctx context.Context) func() {
		cart, err := work(ctx)
		return func() {
			p.model.took(cart)
			then(err)
		}
	})
}

// send sends what is wanted of lines.
func (p *Page) send() {
	for sku := range p.model.writes {
		r, ok := p.model.next(sku)
		if !ok {
			continue
		}
		p.background(func(ctx context.Context) func() {
			cart, err := p.write(ctx, r)
			return func() {
				if p.model.wrote(r, cart, err) {
					p.look()
				}
				if p.drawerSoon && err == nil {
					p.openDrawer()
				}
				p.drawerSoon = false
			}
		})
	}
}

func (p *Page) write(ctx context.Context, r request) (shared.Cart, error) {
	if r.quantity == 0 {
		return p.server.RemoveLine(ctx, r.sku, r.version)
	}
	return p.server.SetLine(ctx, r.sku, shared.SetLine{Quantity: r.quantity, Version: r.version})
}

// attend follows up what came of the cart: a new one is told of and listened to.
func (p *Page) attend() {
	m := p.model
	p.connect()
	if m.cart.ID != p.viewed {
		p.viewed = m.cart.ID
		p.tell()
		p.report()
	}
	for _, l := range m.links() {
		if l.State == shared.LinkSent {
			p.delivered(l.ID)
		}
	}
	if len(m.cart.Attendants) > 0 && m.code.code.Code != "" {
		m.code = codeState{} // it was used
	}
	p.remember()
}

// report tells which page is looked at. Whoever has no cart is nobody's business.
func (p *Page) report() {
	if p.viewed == "" {
		return
	}
	path := browser.Path()
	p.background(func(ctx context.Context) func() {
		// It is for the desk. The visitor misses nothing without it.
		_ = p.server.ViewPage(ctx, shared.ViewPage{Path: path})
		return func() {}
	})
}

// delivered tells that a link is shown, once.
func (p *Page) delivered(id string) {
	for i := range p.model.cart.Links {
		if p.model.cart.Links[i].ID == id {
			p.model.cart.Links[i].State = shared.LinkDelivered
		}
	}
	p.background(func(ctx context.Context) func() {
		cart, err := p.server.MoveLink(ctx, id, shared.LinkDelivered)
		return func() {
			if err == nil { // else it is told when the page is loaded again
				p.model.took(cart)
			}
		}
	})
}

// attr is an attribute of the element whose handler is called. Handlers take what
// they are about from there, as go-app keeps the first of two that differ only in
// what they enclose.
func attr(ctx app.Context, name string) string {
	value := ctx.JSSrc().Call("getAttribute", name)
	if !value.Truthy() {
		return ""
	}
	return value.String()
}

func (p *Page) onAdd(ctx app.Context, _ app.Event) {
	defer part.Guard()
	p.model.add(attr(ctx, "data-sku"), attr(ctx, "data-name"), 1)
	p.settle()
}

func (p *Page) onAddMany(app.Context, app.Event) {
	defer part.Guard()
	if p.data.Product == nil {
		return
	}
	p.model.add(p.data.Product.SKU, "", p.many)
	p.many, p.drawerSoon = 1, true
	p.settle()
}

func (p *Page) onMany(ctx app.Context, _ app.Event) {
	defer part.Guard()
	step, _ := strconv.Atoi(attr(ctx, "data-step")) // our own
	p.many = min(max(1, p.many+step), shared.MaxQuantity)
}

func (p *Page) onStep(ctx app.Context, _ app.Event) {
	defer part.Guard()
	sku := attr(ctx, "data-sku")
	step, _ := strconv.Atoi(attr(ctx, "data-step")) // our own
	if quantity := p.model.quantity(sku); quantity > 0 {
		p.model.set(sku, max(1, quantity+step))
	}
	p.settle()
}

func (p *Page) onRemove(ctx app.Context, _ app.Event) {
	defer part.Guard()
	sku := attr(ctx, "data-sku")
	p.model.remove(sku)
	p.focus = "restore " + sku
	p.settle()
}

func (p *Page) onRestore(ctx app.Context, _ app.Event) {
	defer part.Guard()
	sku := attr(ctx, "data-sku")
	p.model.restore(sku)
	p.focus = "more " + sku
	p.settle()
}

func (p *Page) onKeep(ctx app.Context, _ app.Event) {
	defer part.Guard()
	sku := attr(ctx, "data-sku")
	p.model.keep(sku)
	p.focus = "more " + sku
	p.settle()
}

// onInsist ends a conflict as the visitor wants it, or tries again what went wrong.
func (p *Page) onInsist(ctx app.Context, _ app.Event) {
	defer part.Guard()
	sku := attr(ctx, "data-sku")
	p.model.insist(sku)
	p.focus = "more " + sku
	p.settle()
}

func (p *Page) onUndo(ctx app.Context, _ app.Event) {
	defer part.Guard()
	version, err := strconv.ParseInt(attr(ctx, "data-version"), 10, 64)
	if err != nil || p.model.undoing != 0 {
		return
	}
	p.model.undoing = version
	p.ask(func(ctx context.Context) (shared.Cart, error) { return p.server.UndoOwn(ctx, version) }, func(err error) {
		p.model.undoing = 0
		if err != nil {
			p.model.undoSaid[version] = said(err)
			return
		}
		p.model.undone(version)
	})
}

func (p *Page) onDismissNews(ctx app.Context, _ app.Event) {
	defer part.Guard()
	if version, err := strconv.ParseInt(attr(ctx, "data-version"), 10, 64); err == nil {
		p.model.dismiss(version)
	}
	p.settle()
}

func (p *Page) onLook(app.Context, app.Event) {
	defer part.Guard()
	p.look()
}

// plain is whether a click asks for nothing but the link: no new tab or window.
func plain(e app.Event) bool {
	return !slices.ContainsFunc([]string{"ctrlKey", "metaKey", "shiftKey", "altKey"}, func(key string) bool {
		return e.Get(key).Truthy()
	})
}

// onCart opens the drawer in place of the cart's page, unless that is here already.
func (p *Page) onCart(_ app.Context, e app.Event) {
	defer part.Guard()
	if p.data.View == ViewCart || !plain(e) {
		return
	}
	e.PreventDefault()
	p.openDrawer()
	p.settle()
}

func (p *Page) openDrawer() {
	if p.drawer || p.data.View == ViewCart {
		return
	}
	p.drawer = true
	p.model.note = note{}
	p.model.tidy()
}

// onBackdrop closes a dialog that was clicked beside: the click's target is then
// the dialog itself.
func (p *Page) onBackdrop(ctx app.Context, e app.Event) {
	defer part.Guard()
	if e.Get("target").Equal(ctx.JSSrc()) {
		p.drawer, p.model.code.open = false, false
		p.settle()
	}
}

// onDrawerClosed and onCallClosed run also when the browser closed the dialog, with
// the Escape key.
func (p *Page) onDrawerClosed(app.Context, app.Event) {
	defer part.Guard()
	p.drawer = false
	p.settle()
}

func (p *Page) onCallClosed(app.Context, app.Event) {
	defer part.Guard()
	p.model.code.open = false
	p.settle()
}
