package desk

import (
	"cmp"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderGiven draws a discount that was given: what it takes off, why, and what it
// lacks. sku is its line's, or "" for the cart's.
func (p *panel) renderGiven(d *shared.Discount, sku string) app.UI {
	currency, class := p.Card.cart.Total.Currency, "given"
	if d.Short > 0 {
		class = "given short"
	}
	return h.HTML(`<div class={}>
		<span class="given-words">{}</span>
		<span class="given-amount">{}</span>
		{}
	</div>`,
		class,
		givenWords(*d, currency),
		shared.Money{Amount: -d.Taken, Currency: currency}.String(),
		when(p.Card.canEdit() && p.Page.model.Has(shared.RoleDiscounter), func() app.UI {
			return h.HTML(`<button class="link" type="button" onclick={}>Take off</button>`, h.On(func(app.Context, app.Event) {
				defer part.Guard()
				p.Page.takeOff(p.Card, sku)
			}, sku))
		}),
	)
}

// givenWords says of a discount what it is, for what reason, by whom, and why it
// takes off less than it says.
func givenWords(d shared.Discount, currency string) string {
	text := worth(d, currency) + " off, " + reasonWords(d.Reason) + ", by " + d.By
	switch {
	case d.Short > 0 && d.MinQuantity > 0:
		text += ": not now, needs " + part.Count(int(d.Short), "more item", "more items")
	case d.Short > 0:
		text += ": not now, needs " + shared.Money{Amount: d.Short, Currency: currency}.String() + " more"
	case d.Capped:
		text += ", limited to " + percent(d.MaxBasisPoints)
	}
	return text
}

// renderDiscount draws the form to give one.
func (p *panel) renderDiscount() app.UI {
	c, limit := p.Card, p.Page.model.desk.DiscountLimit
	lines := c.cart.Lines
	return h.HTML(`<form class="tool-form" id="discount-form" onsubmit={}>
		<p class="muted small-text">{}</p>
		<div class="fields">
			{}
			{}
			{}
			{}
			{}
		</div>
		<p class="bad small-text" role="alert">{}</p>
		<button class="button primary small" type="submit" disabled={}>Give discount</button>
	</form>`,
		p.onDiscount,
		"You may take off up to "+percent(limit)+". “Only from” makes it depend on a subtotal or, for a line, a number of items.",
		field("On", h.HTML(`<select class="field" id="discount-on">
				<option value={}>whole cart</option>
				{}
			</select>`,
			wholeCart,
			app.Range(lines).Slice(func(i int) app.UI {
				return h.HTML(`<option value={}>{}</option>`, lines[i].SKU, lines[i].Name)
			}),
		)),
		field("How much", h.HTML(`<input class="field" id="discount-value" type="text" inputmode="decimal" autocomplete="off" placeholder="10">`)),
		field("Unit", h.HTML(`<select class="field" id="discount-unit">
				<option value="percent">%</option>
				<option value="amount">{}</option>
			</select>`, cmp.Or(c.cart.Total.Currency, "amount"))),
		field("Reason", h.HTML(`<select class="field" id="discount-reason">
				{}
			</select>`, app.Range(shared.Reasons()).Slice(func(i int) app.UI {
			return h.HTML(`<option value={}>{}</option>`, shared.Reasons()[i], reasonWords(shared.Reasons()[i]))
		}))),
		field("Only from", h.HTML(`<input class="field" id="discount-min" type="text" inputmode="decimal" autocomplete="off" placeholder="optional">`)),
		c.said[atDiscount],
		c.busy[atDiscount],
	)
}

func field(name string, input app.UI) app.UI {
	return h.HTML(`<label>
		<span class="label">{}</span>
		{}
	</label>`, name, input)
}

func (p *panel) onDiscount(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	form := discountForm{
		sku: browser.Value("discount-on"), value: browser.Value("discount-value"), unit: browser.Value("discount-unit"),
		reason: browser.Value("discount-reason"), from: browser.Value("discount-min"),
	}
	set, problem := form.read(&p.Card.cart, p.Page.model.desk.DiscountLimit)
	if problem != "" {
		p.Card.said[atDiscount] = problem
		p.Page.changed()
		return
	}
	p.Page.discount(p.Card, set)
}

// wholeCart stands in the form where a line's SKU would. It can't be empty, as go-app
// leaves empty values out.
const wholeCart = "*"

// discountForm is what was entered.
type discountForm struct{ sku, value, unit, reason, from string }

// read makes a discount of what was entered, or says what is wrong with it. limit is
// the most that may be taken off, in basis points.
func (f discountForm) read(cart *shared.Cart, limit int) (shared.SetDiscount, string) {
	set := shared.SetDiscount{SKU: f.sku, Reason: f.reason}
	on, what := cart.Subtotal, "the cart"
	if f.sku == wholeCart {
		f.sku, set.SKU = "", ""
	}
	if f.sku != "" {
		l, ok := cart.Line(f.sku)
		if !ok {
			return set, "That line is no longer in the cart."
		}
		on, what = l.Subtotal, l.Name
	}
	most := shared.Money{Amount: shared.Share(on.Amount, limit), Currency: on.Currency}
	if f.unit == "amount" {
		amount, ok := decimal(f.value, minorDigits(on.Currency))
		if !ok || amount == 0 {
			return set, "Say how much, like 5 or 12.50."
		}
		if amount > most.Amount {
			return set, "You may take up to " + percent(limit) + " off " + what + ", which is " + most.String() + " now."
		}
		set.Amount = amount
	} else {
		points, ok := decimal(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(f.value), "%")), 2)
		if !ok || points == 0 || points > shared.WholeInBasisPoints {
			return set, "Say how many percent, like 10 or 7.5."
		}
		if points > int64(limit) {
			return set, "You may take off up to " + percent(limit) + "; " + percent(int(points)) + " is more than that."
		}
		set.BasisPoints = int(points)
	}
	if strings.TrimSpace(f.from) != "" {
		digits := minorDigits(on.Currency)
		if f.sku != "" {
			digits = 0
		}
		from, ok := decimal(f.from, digits)
		if !ok {
			return set, "“Only from” is a subtotal like 50 or, for a line, a number of items."
		}
		if f.sku != "" {
			set.MinQuantity = int(min(from, shared.MaxPrice))
		} else {
			set.MinSubtotal = from
		}
	}
	if err := set.Validate(); err != nil {
		return set, err.Error()
	}
	return set, ""
}

// decimal reads a number with at most so many digits after its point, or comma, as an
// integer of the last of them: "12.5" with two is 1250. It takes no sign.
func decimal(text string, digits int) (int64, bool) {
	text = strings.Replace(strings.TrimSpace(text), ",", ".", 1)
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "" || len(whole) > 12 || len(fraction) > digits {
		return 0, false
	}
	var n int64
	for _, c := range whole + fraction + strings.Repeat("0", digits-len(fraction)) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

// minorDigits is how many digits the minor unit of a currency takes.
func minorDigits(currency string) int {
	_, fraction, _ := strings.Cut(shared.Money{Amount: 1, Currency: currency}.String(), ".")
	return len(fraction)
}
