package shop

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/shared"
)

// renderLines are the lines of the cart, in the drawer and on the cart's page.
func (p *Page) renderLines() app.UI {
	rows := make([]app.UI, 0, len(p.model.order))
	for _, sku := range p.model.order {
		line, there := p.model.cart.Line(sku)
		gone, out := p.model.gone[sku]
		switch {
		case out:
			rows = append(rows, p.renderGone(gone.line))
		case there:
			rows = append(rows, p.renderLine(line))
		}
	}
	return h.HTML(`<ol class="lines" aria-label="What is in your cart">{}</ol>`, rows)
}

func (p *Page) renderLine(line shared.Line) app.UI {
	m := p.model
	class, quantity := "line", m.quantity(line.SKU)
	if m.touch[line.SKU].until.After(m.now()) {
		class = "line changed"
	}
	return h.HTML(`<li class={} data-sku={}>
		{}
		<div class="line-words">
			<a class="line-name" href={}>{}</a>
			<p class="muted small-text">{}</p>
			{}
		</div>
		{}
		<p class="line-sum">{}</p>
		<button class="link line-remove" type="button" data-sku={} data-key={} aria-label={} onclick={}>Remove</button>
		{}
		{}
	</li>`,
		class, line.SKU,
		renderPicture(line.Slug, false),
		productPath(line.Slug), line.Name, line.UnitPrice.String()+" each", p.lineNotes(line),
		p.renderSteps("Quantity of "+line.Name, line.Name+" ", line.SKU, strconv.Itoa(quantity), quantity <= 1, quantity >= shared.MaxQuantity, p.onStep),
		p.lineSumWords(line),
		line.SKU, "remove "+line.SKU, "Remove "+line.Name, p.onRemove,
		p.renderConflict(line.SKU),
		p.renderProblem(line.SKU),
	)
}

func (p *Page) lineNotes(line shared.Line) []app.UI {
	var notes []app.UI
	if d := line.Discount; d != nil {
		notes = append(notes, h.HTML(`<p class="deal small-text">{}</p>`, dealWords(d, line.Total.Currency)))
		notes = append(notes, limitNote(d, line.Total.Currency, true)...)
	}
	if by := p.model.touch[line.SKU].by; by != "" {
		notes = append(notes, h.HTML(`<p class="by small-text">{}</p>`, "by "+by))
	}
	return notes
}

// limitNote tells why a discount takes off less than it grants, if it does.
func limitNote(d *shared.Discount, currency string, ofLine bool) []app.UI {
	if text := limits(d, currency, ofLine); text != "" {
		return []app.UI{h.HTML(`<p class="deal-limit small-text">{}</p>`, text)}
	}
	return nil
}

func (p *Page) lineSumWords(line shared.Line) any {
	switch {
	case p.model.saving(line.SKU):
		return h.HTML(`<span class="muted small-text">Saving…</span>`)
	case line.Discount != nil && line.Discount.Taken > 0:
		return []app.UI{
			h.HTML(`<del class="muted small-text"><span class="sr">before </span>{}</del>`, line.Subtotal),
			app.Text(lineSum(line)),
		}
	default:
		return lineSum(line)
	}
}

// renderGone is in the place of a line that was taken out, until the cart is looked
// at anew.
func (p *Page) renderGone(line shared.Line) app.UI {
	return h.HTML(`<li class="line-gone" data-sku={}>
		<p>{}</p>
		<button class="button small" type="button" data-sku={} data-key={} aria-label={} onclick={}>Undo</button>
	</li>`, line.SKU, line.Name+" is out of the cart.", line.SKU, "restore "+line.SKU, "Put "+line.Name+" back", p.onRestore)
}

// renderConflict asks whose quantity it is to be, if that is the question.
func (p *Page) renderConflict(sku string) any {
	w := p.model.writes[sku]
	if w == nil || !w.conflict {
		return nil
	}
	question, keep, insist := w.conflictWords()
	return h.HTML(`<div class="line-conflict" role="alert">
		<p>{}</p>
		<button class="button small" type="button" data-sku={} onclick={}>{}</button>
		<button class="button small primary" type="button" data-sku={} onclick={}>{}</button>
	</div>`, question, sku, p.onKeep, keep, sku, p.onInsist, insist)
}

// renderLost are the conflicts over lines that are no longer in the cart.
func (p *Page) renderLost() []app.UI {
	var lost []app.UI
	for sku, w := range p.model.writes {
		if _, there := p.model.cart.Line(sku); !there && w.conflict {
			lost = append(lost, h.HTML(`<div>{}</div>`, p.renderConflict(sku)))
		}
	}
	return lost
}

// renderTotals adds the lines up.
func (p *Page) renderTotals() app.UI {
	cart := p.model.cart
	currency := cart.Total.Currency
	var rows []app.UI
	ofLines := taken(cart)
	if ofLines > 0 || cart.Discount != nil {
		rows = append(rows, sumRow("sum", "Subtotal", cart.Subtotal.String()))
	}
	if ofLines > 0 {
		rows = append(rows, sumRow("sum deal", "Taken off products", less(ofLines, currency)))
	}
	if d := cart.Discount; d != nil {
		rows = append(rows, sumRow("sum deal", dealWords(d, currency), less(d.Taken, currency)))
		rows = append(rows, limitNote(d, currency, false)...)
	}
	return h.HTML(`<div class="sums">
		{}
		<div class="sum total"><span>Total</span><span id={} class="amount">{}</span></div>
	</div>`, rows, idTotal, cart.Total)
}

func sumRow(class, name, amount string) app.UI {
	return h.HTML(`<div class={}><span>{}</span><span class="amount">{}</span></div>`, class, name, amount)
}
