package desk

import (
	"fmt"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderLines draws what is in the cart.
func (p *panel) renderLines() app.UI {
	c := p.Card
	lines := c.cart.Lines
	return h.HTML(`<div class="lines-box">
		<ul class="lines" id="lines" aria-label="Lines">{}</ul>
		{}
		{}
		<p class="bad small-text" role="alert">{}</p>
	</div>`,
		app.Range(lines).Slice(func(i int) app.UI { return p.renderLine(lines[i]) }),
		when(len(lines) == 0, func() app.UI { return h.HTML(`<p class="muted empty-cart">There is nothing in this cart.</p>`) }),
		p.renderLost(),
		c.said[atLines],
	)
}

func (p *panel) renderLine(l shared.Line) app.UI {
	c := p.Card
	class := "line"
	if _, ok := c.conflicts[l.SKU]; ok {
		class += " disputed"
	}
	x, disputed := c.conflicts[l.SKU]
	return h.HTML(`<li class={} data-sku={}>
		<div class="line-name">
			<span class="name">{}</span>
			<span class="muted small-text">{}</span>
		</div>
		{}
		<div class="line-total">
			{}
			<span>{}</span>
		</div>
		{}
		{}
		{}
	</li>`,
		class,
		l.SKU,
		l.Name,
		l.SKU+" · "+l.UnitPrice.String(),
		p.renderQuantity(l),
		when(l.Total != l.Subtotal, func() app.UI { return h.HTML(`<del class="muted small-text">{}</del>`, l.Subtotal.String()) }),
		l.Total.String(),
		when(p.edits(), func() app.UI {
			return h.HTML(`<button class="fold remove" type="button" title="Remove" aria-label={} onclick={}>×</button>`,
				"Remove "+l.Name,
				h.On(func(app.Context, app.Event) {
					defer part.Guard()
					p.Page.remove(c, l.SKU)
				}, l.SKU),
			)
		}),
		when(l.Discount != nil, func() app.UI { return p.renderGiven(l.Discount, l.SKU) }),
		when(disputed, func() app.UI { return p.renderConflict(l.SKU, x) }),
	)
}

func (p *panel) renderQuantity(l shared.Line) app.UI {
	c, sku := p.Card, l.SKU
	quantity := c.quantity(l)
	if !p.edits() {
		return h.HTML(`<span class="quantity">{}</span>`, "× "+strconv.Itoa(quantity))
	}
	class := "stepper"
	if c.wants[sku] != nil {
		class += " pending"
	}
	return h.HTML(`<div class={}>
		<button class="step" type="button" aria-label={} disabled={} onclick={}>−</button>
		<input class="step-value" id={} type="text" inputmode="numeric" maxlength="4" autocomplete="off" aria-label={} value={} onchange={}>
		<button class="step" type="button" aria-label={} disabled={} onclick={}>+</button>
	</div>`,
		class,
		"One "+l.Name+" less",
		quantity <= 1,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			p.Page.stepLine(c, sku, -1)
		}, sku),
		"quantity-"+sku,
		"Quantity of "+l.Name,
		quantity,
		h.On(func(ctx app.Context, _ app.Event) {
			defer part.Guard()
			p.Page.typeLine(c, sku, ctx.JSSrc().Get("value").String())
		}, sku),
		"One "+l.Name+" more",
		quantity >= shared.MaxQuantity,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			p.Page.stepLine(c, sku, 1)
		}, sku),
	)
}

// renderConflict shows both values of a line that two people changed at once.
func (p *panel) renderConflict(sku string, x conflict) app.UI {
	keep, force := "Keep "+strconv.Itoa(x.theirs), "Make it "+strconv.Itoa(x.wanted)
	text := fmt.Sprintf("You wanted %s; %s made it %d.", wanted(x.wanted), uncapital(actor(x.by, p.Card.me)), x.theirs)
	if x.theirs == 0 {
		keep, force = "Leave it out", "Put "+strconv.Itoa(x.wanted)+" back"
		text = fmt.Sprintf("You wanted %d of %s; %s removed it.", x.wanted, x.name, uncapital(actor(x.by, p.Card.me)))
	}
	if x.wanted == 0 {
		force = "Remove it"
	}
	return h.HTML(`<div class="conflict" role="alert">
		<p>{}</p>
		<div class="row tight">
			<button class="button small keep" type="button" onclick={}>{}</button>
			<button class="button small force" type="button" onclick={}>{}</button>
		</div>
	</div>`,
		text,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			p.Page.keep(p.Card, sku)
		}, sku),
		keep,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			p.Page.insist(p.Card, sku)
		}, sku),
		force,
	)
}

func wanted(quantity int) string {
	if quantity == 0 {
		return "to remove it"
	}
	return strconv.Itoa(quantity)
}

func uncapital(name string) string {
	if name == "The customer" || name == "You" {
		return string(name[0]|0x20) + name[1:]
	}
	return name
}

// renderLost draws conflicts about lines that are no longer there.
func (p *panel) renderLost() app.UI {
	c := p.Card
	var lost []string
	for sku := range c.conflicts {
		if _, there := c.cart.Line(sku); !there {
			lost = append(lost, sku)
		}
	}
	return h.HTML(`<div>
		{}
	</div>`, app.Range(lost).Slice(func(i int) app.UI { return p.renderConflict(lost[i], c.conflicts[lost[i]]) }))
}

// renderAdd draws the search for what is to be added or suggested.
func (p *panel) renderAdd() app.UI {
	c := p.Card
	name, problem := "Add a product: name or SKU", c.said[atProducts]
	if !p.edits() {
		name = "Find a product to suggest: name or SKU"
	}
	if p.Tool != toolLink {
		problem += c.said[atLink] // the form that would say it isn't open
	}
	return h.HTML(`<div class="add">
		<form id="add-product" onsubmit={}>
			<label class="sr" for="add-product-words">{}</label>
			<input class="field" id="add-product-words" type="text" autocomplete="off" spellcheck="false" enterkeyhint="done" placeholder={} oninput={}>
		</form>
		<ul class="found" aria-label="Products found">{}</ul>
		{}
		<p class="bad small-text" role="alert">{}</p>
	</div>`,
		p.onAdd,
		name,
		name,
		p.onWords,
		app.Range(c.found).Slice(func(i int) app.UI { return p.renderFound(c.found[i]) }),
		when(c.searched != "" && len(c.found) == 0 && c.said[atProducts] == "", func() app.UI {
			return h.HTML(`<p class="muted small-text">{}</p>`, "No product matches “"+c.searched+"”.")
		}),
		problem,
	)
}

func (p *panel) renderFound(product shared.Product) app.UI {
	return h.HTML(`<li class="found-item" data-sku={}>
		<div class="line-name">
			<span class="name">{}</span>
			<span class="muted small-text">{}</span>
		</div>
		{}
		<button class="button small send-one" type="button" aria-label={} onclick={}>Send page</button>
	</li>`,
		product.SKU,
		product.Name,
		product.SKU+" · "+product.Price.String(),
		when(p.edits(), func() app.UI {
			return h.HTML(`<button class="button small add-one" type="button" aria-label={} onclick={}>Add</button>`,
				"Add "+product.Name,
				h.On(func(app.Context, app.Event) {
					defer part.Guard()
					p.Page.add(p.Card, product)
				}, product.SKU),
			)
		}),
		"Send the page of "+product.Name,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			p.Page.sendPage(p.Card, productPage+product.Slug)
		}, product.SKU),
	)
}

// renderTotals draws what the cart costs, and why.
func (p *panel) renderTotals() app.UI {
	cart := p.Card.cart
	return h.HTML(`<div class="totals">
		{}
		{}
		<p class="row spread total">
			<span>Total</span>
			<strong id="cart-total">{}</strong>
		</p>
	</div>`,
		when(cart.Subtotal != cart.Total, func() app.UI {
			return h.HTML(`<p class="row spread">
				<span class="muted">Subtotal</span>
				<span>{}</span>
			</p>`, cart.Subtotal.String())
		}),
		when(cart.Discount != nil, func() app.UI { return p.renderGiven(cart.Discount, "") }),
		sum(cart.Total),
	)
}

// stepLine makes a line one more or one less.
func (d *Desk) stepLine(c *card, sku string, by int) {
	l, ok := c.cart.Line(sku)
	if !ok {
		return
	}
	quantity := min(max(1, c.quantity(l)+by), shared.MaxQuantity)
	if quantity != c.quantity(l) {
		d.wish(c, sku, quantity)
	}
}

// typeLine takes a quantity that was typed.
func (d *Desk) typeLine(c *card, sku, text string) {
	l, ok := c.cart.Line(sku)
	if !ok {
		return
	}
	quantity, err := strconv.Atoi(text)
	if err != nil || quantity < 1 || quantity > shared.MaxQuantity {
		c.said[atLines] = fmt.Sprintf("A quantity is a number from 1 to %d. To take the line out, use ×.", shared.MaxQuantity)
		browser.SetValue("quantity-"+sku, strconv.Itoa(c.quantity(l)))
		d.changed()
		return
	}
	if quantity != c.quantity(l) {
		d.wish(c, sku, quantity)
	}
}
