package shop

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderCart is the cart's page: the cart, what came of it, and whose it is.
func (p *Page) renderCart() app.UI {
	return h.HTML(`<div class="cart-page">
		<div class="list-head"><h1>Your cart</h1><p class="muted">{}</p></div>
		<div class="cart-part">{}</div>
		<div class="cart-part">{}</div>
		<div class="cart-part">{}</div>
		<div class="cart-part">{}</div>
	</div>`, p.cartWords(), p.renderPlaced(), p.renderContent(), p.renderOrders(), p.renderAccount())
}

func (p *Page) cartWords() string {
	switch {
	case !p.model.ready:
		return "Looking at your cart…"
	case len(p.model.cart.Lines) == 0:
		return ""
	default:
		return p.itemsWords()
	}
}

// renderContent is the cart itself. Until it is known there is the place for it.
func (p *Page) renderContent() any {
	m := p.model
	switch {
	case !m.ready:
		return h.HTML(`<div class="card bones"><div class="bone"></div><div class="bone"></div><div class="bone short"></div></div>`)
	case m.problem != "" && m.cart.ID == "":
		return h.HTML(`<div class="card">
			<p class="message error" role="alert">{}</p>
			<button class="button" type="button" onclick={}>Try again</button>
		</div>`, m.problem, p.onLook)
	case len(m.order) == 0 && m.placed != nil:
		return nil
	case len(m.order) == 0:
		return h.HTML(`<div class="card">{}{}{}</div>`, p.renderLost(), renderEmpty("There is nothing in it yet."), p.renderChanges())
	}
	return h.HTML(`<div class="cart-columns">
		<section class="card cart-lines" aria-label="Products">{}{}{}</section>
		<section class="card" aria-label="Order">{}{}{}</section>
	</div>`, p.renderLines(), p.renderLost(), p.renderChanges(), p.renderLate(), p.renderTotals(), p.renderPlace())
}

// renderPlace is the way to the order: it is asked once more, with the total.
func (p *Page) renderPlace() any {
	m := p.model
	if len(m.cart.Lines) == 0 {
		return nil
	}
	if !m.asking.open {
		return h.HTML(`<div class="place">
			<button id={} class="button primary wide" type="button" onclick={}>Place order</button>
			<p class="muted small-text">This is a demo: nothing is paid or sent.</p>
		</div>`, idPlace, p.onPlace)
	}
	total := m.asking.total.String()
	yes := "Yes, order for " + total
	if m.asking.busy {
		yes = "Placing the order…"
	}
	return h.HTML(`<section class="place" aria-label="Confirm the order">
		<p class="message error" role="alert">{}</p>
		<p>{}</p>
		<button id={} class="button primary wide" type="button" data-key="confirm" disabled={} onclick={}>{}</button>
		<button class="button wide" type="button" onclick={}>Not yet</button>
	</section>`,
		m.asking.problem,
		"Order "+p.itemsWords()+" for "+total+"?",
		idConfirm, off(m.asking.busy), p.onConfirm, yes,
		p.onNotYet)
}

func (p *Page) onPlace(app.Context, app.Event) {
	defer part.Guard()
	p.model.askOrder()
	p.focus = "confirm"
	p.settle()
}

func (p *Page) onNotYet(app.Context, app.Event) {
	defer part.Guard()
	p.model.asking = orderState{}
	p.settle()
}

func (p *Page) onConfirm(app.Context, app.Event) {
	defer part.Guard()
	if p.model.asking.busy {
		return
	}
	p.model.asking.busy, p.model.asking.problem = true, ""
	total := p.model.asking.total.Amount
	p.background(func(ctx context.Context) func() {
		cart, err := p.server.PlaceOwnOrder(ctx, total)
		return func() {
			p.model.ordered(cart, err)
			if err == nil {
				p.tell()
				p.ctx.Defer(func(app.Context) { browser.Focus(idNumber) })
			}
		}
	})
}

// renderPlaced says that there is an order now.
func (p *Page) renderPlaced() any {
	cart := p.model.placed
	if cart == nil || cart.Order == nil {
		return nil
	}
	return h.HTML(`<section class="card placed" role="status">
		<h2>Thank you. Your order is placed.</h2>
		<p>Its number is <strong id={} class="mono" tabindex="-1">{}</strong>{}</p>
		<p class="muted">{}</p>
		<a class="button" href={}>Back to the shop</a>
	</section>`,
		idNumber, cart.Order.Number, ". "+part.Count(cart.Items, "item", "items")+", "+cart.Total.String()+".",
		namesOf(*cart), PathFront)
}

// renderOrders lists what was ordered before.
func (p *Page) renderOrders() any {
	if len(p.model.orders) == 0 {
		return nil
	}
	items := make([]app.UI, 0, len(p.model.orders))
	for _, cart := range p.model.orders {
		items = append(items, renderOrder(cart))
	}
	return h.HTML(`<section id={} class="card orders" aria-labelledby="orders-title">
		<h2 id="orders-title">Your orders</h2>
		<ol>{}</ol>
	</section>`, idOrders, items)
}

func renderOrder(cart shared.Cart) app.UI {
	number, at := "", ""
	if cart.Order != nil {
		number, at = cart.Order.Number, cart.Order.At.Local().Format("2 January 2006, 15:04")
	}
	return h.HTML(`<li>
		<div class="row spread"><span class="mono order-name">{}</span><strong>{}</strong></div>
		<p class="muted small-text">{}</p>
		<p class="small-text">{}</p>
	</li>`, number, cart.Total, at, namesOf(cart))
}
