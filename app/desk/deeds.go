package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/part"
	"cartline/app/signin"
	"cartline/shared"
)

// open puts a cart on top, to be watched until it is attended.
func (d *Desk) open(id string) {
	d.model.tabs.open(id)
	d.model.opened(id)
	d.model.asking = time.Time{}
	d.model.narrow()
	d.tool = ""
	d.changed()
	d.measureSoon()
	d.after(func() {
		browser.FocusInPlace(idPanel)
		browser.FocusInPlace(idCode)
		browser.FocusInPlace(idAttach)
	})
}

// close takes an opened cart away. One that is attended is asked about first, as the
// consent goes with it.
func (d *Desk) close(id string, sure bool) {
	c := d.model.tabs.card(id)
	if c == nil {
		return
	}
	if c.attached && c.cart.Status == shared.CartOpen && !sure {
		c.leaving = true
		d.open(id)
		d.after(func() { browser.Focus("leave") })
		return
	}
	if c.attached {
		d.background(func(ctx context.Context) func() {
			err := d.server.Release(ctx, id)
			return func() {
				if err != nil {
					d.model.announce("You may still be attached to "+c.cart.Name+". "+signin.Said(err), id)
				}
			}
		})
	}
	d.model.tabs.close(id)
	d.changed()
	d.measureSoon()
}

// view makes a deed of attaching, which is answered by a view of the cart.
func (d *Desk) view(c *card, do func(context.Context) (shared.CartView, error)) {
	if c.busy[atTop] {
		return
	}
	c.busy[atTop] = true
	d.background(func(ctx context.Context) func() {
		view, err := do(ctx)
		return func() {
			delete(c.busy, atTop)
			if err != nil {
				c.said[atTop] = signin.Said(err)
				return
			}
			delete(c.said, atTop)
			d.attached(view)
		}
	})
}

// attached takes a cart that the reader attends from now on.
func (d *Desk) attached(view shared.CartView) {
	c := d.model.tabs.open(view.Cart.ID)
	delete(d.model.knocks, view.Cart.ID)
	c.viewed(view)
	c.stale, c.gap = false, true
	d.changed()
	d.measureSoon()
	d.after(func() { browser.FocusInPlace(idPanel) })
}

// deed makes a change of an opened cart, and calls then once it is made.
func (d *Desk) deed(c *card, place string, do func(context.Context) (shared.Cart, error), then func()) {
	if c.busy[place] {
		return
	}
	c.busy[place] = true
	d.changed()
	d.background(func(ctx context.Context) func() {
		cart, err := do(ctx)
		return func() {
			c.done(place, cart, err)
			if err == nil && then != nil {
				then()
			}
		}
	})
}

// wish makes a line have a quantity.
func (d *Desk) wish(c *card, sku string, quantity int) {
	if c.wish(sku, quantity) {
		d.sendLine(c, sku)
	}
	d.changed()
}

func (d *Desk) sendLine(c *card, sku string) {
	line, id := c.sending(sku), c.id
	d.background(func(ctx context.Context) func() {
		cart, err := d.server.SetCartLine(ctx, id, sku, line)
		return func() {
			if c.sent(sku, line, cart, err) {
				d.sendLine(c, sku)
			}
		}
	})
}

// keep leaves a line as the other side has made it.
func (d *Desk) keep(c *card, sku string) {
	delete(c.conflicts, sku)
	d.changed()
}

// insist makes a line have what was wanted, now that the other value was seen.
func (d *Desk) insist(c *card, sku string) {
	x := c.conflicts[sku]
	delete(c.conflicts, sku)
	if x.wanted == 0 {
		d.remove(c, sku)
		return
	}
	d.wish(c, sku, x.wanted)
}

// add puts one more of a product into the cart.
func (d *Desk) add(c *card, product shared.Product) {
	quantity := 1
	if l, ok := c.cart.Line(product.SKU); ok {
		quantity = c.quantity(l) + 1
	} else if w := c.wants[product.SKU]; w != nil {
		quantity = w.quantity + 1
	}
	d.wish(c, product.SKU, min(quantity, shared.MaxQuantity))
}

func (d *Desk) remove(c *card, sku string) {
	l, ok := c.cart.Line(sku)
	if !ok || c.wants[sku] != nil && c.wants[sku].sending {
		return
	}
	id := c.id
	d.background(func(ctx context.Context) func() {
		cart, err := d.server.RemoveCartLine(ctx, id, sku, l.Version)
		return func() {
			if err != nil {
				c.refused(atLines, sku, 0, err)
				return
			}
			delete(c.wants, sku)
			delete(c.said, atLines)
			c.adopt(cart)
		}
	})
}

// takeBack undoes a change, or puts a line back.
func (d *Desk) takeBack(c *card, a shared.Activity, r remedy) {
	id := c.id
	if _, there := c.cart.Line(skuOf(a)); r == restore && !there {
		d.wish(c, a.Line.SKU, min(a.Line.OldQuantity, shared.MaxQuantity))
		return
	}
	d.deed(c, atNote, func(ctx context.Context) (shared.Cart, error) {
		return d.server.UndoInCart(ctx, id, shared.Undo{Version: a.CartVersion})
	}, nil)
}

func skuOf(a shared.Activity) string {
	if a.Line == nil {
		return ""
	}
	return a.Line.SKU
}

func (d *Desk) discount(c *card, set shared.SetDiscount) {
	id := c.id
	d.deed(c, atDiscount, func(ctx context.Context) (shared.Cart, error) { return d.server.SetDiscount(ctx, id, set) },
		func() { d.tool = "" })
}

func (d *Desk) takeOff(c *card, sku string) {
	id := c.id
	d.deed(c, atLines, func(ctx context.Context) (shared.Cart, error) { return d.server.RemoveDiscount(ctx, id, sku) }, nil)
}

func (d *Desk) sendPage(c *card, url string) {
	id := c.id
	d.deed(c, atLink, func(ctx context.Context) (shared.Cart, error) {
		return d.server.SendLink(ctx, id, shared.SendLink{URL: strings.TrimSpace(url)})
	}, func() {
		browser.SetValue("link-url", "")
		c.found, c.searched = nil, ""
		browser.SetValue(idAdd+"-words", "")
	})
}

func (d *Desk) note(c *card, text string) {
	id := c.id
	d.deed(c, atNote, func(ctx context.Context) (shared.Cart, error) {
		return d.server.WriteNote(ctx, id, shared.WriteNote{Text: text})
	}, func() { browser.SetValue("note-text", "") })
}

func (d *Desk) handOver(c *card, offer shared.OfferHandover) {
	id := c.id
	d.deed(c, atHandover, func(ctx context.Context) (shared.Cart, error) { return d.server.OfferHandover(ctx, id, offer) },
		func() { d.tool = "" })
}

// knock asks the shopper of a cart.
func (d *Desk) knock(id string) {
	if d.model.waits(id) {
		return
	}
	d.background(func(ctx context.Context) func() {
		cart, err := d.server.Knock(ctx, id)
		return func() {
			c := d.model.tabs.card(id)
			if err != nil && c != nil {
				c.said[atTop] = signin.Said(err)
			} else if err != nil {
				d.model.announce(signin.Said(err), id)
			} else {
				d.model.knocked(cart)
			}
		}
	})
}

// useTool opens one of the tools, or closes it.
func (d *Desk) useTool(tool string) {
	if d.tool == tool {
		tool = ""
	}
	d.tool = tool
	if tool == toolLink && d.categories == nil {
		d.learnCategories()
	}
	d.changed()
	first := map[string]string{toolDiscount: "discount-value", toolLink: "link-url", toolHandover: "handover-to"}[tool]
	d.after(func() { browser.Focus(first) })
}

// learnCategories reads the categories of which a page can be sent. Without them there
// are other ways to say which page.
func (d *Desk) learnCategories() {
	d.categories = []string{}
	d.background(func(ctx context.Context) func() {
		list, err := d.server.Categories(ctx)
		return func() {
			if err == nil {
				d.categories = list.Categories
			}
		}
	})
}

// searchProducts looks for products, a moment after the last key.
func (d *Desk) searchProducts(c *card, words string) {
	d.typing++
	now := d.typing
	words = strings.TrimSpace(words)
	if words == "" {
		c.found, c.searched = nil, ""
		delete(c.said, atProducts)
		d.changed()
		return
	}
	time.AfterFunc(180*time.Millisecond, func() {
		defer part.Guard()
		d.dispatch(func() {
			if now != d.typing {
				return
			}
			d.background(func(ctx context.Context) func() {
				list, err := d.server.FindProducts(ctx, words, 6)
				return func() {
					if now != d.typing || !c.attached {
						return
					}
					c.found, c.searched = list.Products, words
					delete(c.said, atProducts)
					if err != nil {
						c.said[atProducts] = signin.Said(err)
					}
				}
			})
		})
	})
}

// onFind does what the search box asks for.
func (d *Desk) onFind(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	m := d.model
	q := m.query
	if q.intent == toFilter {
		if len(m.table.slots) == 1 {
			d.open(m.table.slots[0])
		}
		return
	}
	if d.finding {
		return
	}
	d.finding, d.findProblem = true, ""
	d.background(func(ctx context.Context) func() {
		found, err := d.server.FindCart(ctx, q.find)
		return func() {
			d.finding = false
			if err != nil {
				d.findProblem = signin.Said(err)
				return
			}
			if found.Cart == nil {
				m.looked(found.Carts)
				return
			}
			browser.SetValue(idSearch, "")
			m.typed("")
			d.attached(*found.Cart)
		}
	})
}

func (d *Desk) onBack(app.Context, app.Event) {
	defer part.Guard()
	d.back()
}

// back goes to the table; the tabs stay.
func (d *Desk) back() {
	d.model.tabs.leave()
	d.changed()
	d.measureSoon()
}

// onCode attaches by the code that was typed with an opened cart.
func (p *panel) onCode(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	find := shared.FindCart{Code: browser.Value(idCode)}
	id := p.Card.id
	p.Page.view(p.Card, func(ctx context.Context) (shared.CartView, error) {
		found, err := p.Page.server.FindCart(ctx, find)
		if err != nil {
			return shared.CartView{}, err
		}
		if found.Cart == nil {
			return shared.CartView{}, errors.New("no cart in the answer")
		}
		if found.Cart.Cart.ID != id {
			p.Page.dispatch(func() {
				p.Page.model.announce("The code was of another cart, "+found.Cart.Cart.Name+": that one is open now.", "")
			})
		}
		return *found.Cart, nil
	})
}

func (p *panel) onAttach(app.Context, app.Event) {
	defer part.Guard()
	p.Page.attach(p.Card)
}

func (d *Desk) attach(c *card) {
	id := c.id
	d.view(c, func(ctx context.Context) (shared.CartView, error) { return d.server.Attach(ctx, id) })
}

func (p *panel) onRelease(app.Context, app.Event) {
	defer part.Guard()
	c, d, id := p.Card, p.Page, p.Card.id
	if c.busy[atTop] {
		return
	}
	c.busy[atTop] = true
	d.background(func(ctx context.Context) func() {
		err := d.server.Release(ctx, id)
		return func() {
			delete(c.busy, atTop)
			if err != nil {
				c.said[atTop] = signin.Said(err)
				return
			}
			if c.attached {
				c.detach("You released this cart at " + clock(time.Now()) + ".")
			}
		}
	})
}

func (p *panel) onKnock(app.Context, app.Event) {
	defer part.Guard()
	delete(p.Card.said, atTop)
	p.Page.knock(p.Card.id)
}

func (p *panel) onLeave(app.Context, app.Event) {
	defer part.Guard()
	p.Page.close(p.Card.id, true)
}

func (p *panel) onStay(app.Context, app.Event) {
	defer part.Guard()
	p.Card.leaving = false
	p.Page.changed()
}

func (p *panel) onReread(app.Context, app.Event) {
	defer part.Guard()
	p.Card.missing, p.Card.stale = "", true
	p.Page.changed()
}

func (p *panel) onEndOffer(app.Context, app.Event) {
	defer part.Guard()
	id := p.Card.id
	p.Page.deed(p.Card, atHandover, func(ctx context.Context) (shared.Cart, error) { return p.Page.server.EndHandover(ctx, id) },
		func() { p.Card.stale = true })
}

func (p *panel) onOrder(app.Context, app.Event) {
	defer part.Guard()
	id, total := p.Card.id, p.Card.cart.Total.Amount
	p.Page.deed(p.Card, atTop, func(ctx context.Context) (shared.Cart, error) {
		return p.Page.server.OrderCart(ctx, id, shared.PlaceOrder{Total: total})
	}, nil)
}

func (p *panel) onWords(ctx app.Context, _ app.Event) {
	defer part.Guard()
	p.Page.searchProducts(p.Card, ctx.JSSrc().Get("value").String())
}

// onAdd adds the product that was found, if there is but one, or the one whose SKU was
// typed.
func (p *panel) onAdd(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if !p.edits() {
		return
	}
	words := strings.TrimSpace(browser.Value(idAdd + "-words"))
	for _, product := range p.Card.found {
		if len(p.Card.found) == 1 || strings.EqualFold(product.SKU, words) {
			p.Page.add(p.Card, product)
			return
		}
	}
}
