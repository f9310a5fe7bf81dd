package desk

import (
	"fmt"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
)

// renderDesk draws the desk for staff who may watch.
func (d *Desk) renderDesk() app.UI {
	m := d.model
	class := "desk"
	if len(m.tabs.cards) > 0 {
		class += " has-tabs"
	}
	if m.tabs.active != "" {
		class += " opened"
	}
	if m.line.CutOff(m.now()) {
		class += " cut-off"
	}
	return h.HTML(`<div class={}>
		<div class="desk-head">
			<h1>Desk</h1>
			{}
			<div class="desk-who">
				{}
				<button class="button small" id="help" type="button" title="Keys and how to (?)" onclick={}>Help</button>
				{}
			</div>
		</div>
		{}
		{}
		{}
		<div class="desk-body">
			{}
			{}
		</div>
		{}
		{}
	</div>`,
		class,
		d.feed.Draw("freshness", &m.line, m.now()),
		when(m.Has(roleAudit), func() app.UI {
			return h.HTML(`<a class="button small" href={}>Audit</a>`, part.PathAudit)
		}),
		d.onHelp,
		d.door.Who(),
		d.door.Trouble(),
		d.renderFind(),
		d.renderNews(),
		d.renderList(),
		when(len(m.tabs.cards) > 0, d.renderSide),
		d.renderHelp(),
		d.renderPhone(),
	)
}

// renderFind draws the ways to find the caller's cart.
func (d *Desk) renderFind() app.UI {
	m := d.model
	name, pressed, phone := "Ask them to change something", "false", "New phone order"
	if !m.asking.IsZero() {
		name, pressed = "Stop asking · "+running(m.now().Sub(m.asking)), "true"
	}
	return h.HTML(`<div class="find">
		<form class="find-box" role="search" onsubmit={}>
			<label class="sr" for="desk-search">Find the caller's cart</label>
			<input class="field" id="desk-search" type="text" enterkeyhint="search" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="Code, product, total, page or whole e-mail" oninput={}>
			<kbd class="find-key" aria-hidden="true">/</kbd>
			<div class="find-action" aria-live="polite">{}</div>
		</form>
		<button class="button" id="ask-change" type="button" aria-pressed={} onclick={}>{}</button>
		<button class="button" id="phone-order" type="button" onclick={}>{}</button>
	</div>`, d.onFind, d.onType, d.renderIntent(), pressed, d.onAskChange, name, d.onPhone, phone)
}

// renderIntent says what Enter does in the search box.
func (d *Desk) renderIntent() app.UI {
	q := d.model.query
	switch {
	case d.finding:
		return h.HTML(`<p class="hint">Looking…</p>`)
	case d.findProblem != "":
		return h.HTML(`<p class="hint bad" role="alert">{}</p>`, d.findProblem)
	case q.intent == toAttach:
		return h.HTML(`<button class="button primary small" type="submit">{}</button>`, "Attach by code "+grouped(q.find.Code)+" ↵")
	case q.intent == toLookUp:
		return h.HTML(`<button class="button primary small" type="submit" title="Looking up a customer is recorded in the audit">Look up this address ↵ (recorded)</button>`)
	default:
		return gone()
	}
}

func (d *Desk) renderNews() app.UI {
	news := d.model.news
	return h.HTML(`<div class="desk-news" role="status" aria-live="polite">
		{}
	</div>`, app.Range(news).Slice(func(i int) app.UI {
		n := news[i]
		return h.HTML(`<div class="desk-item">
				<p>{}</p>
				{}
				<button class="fold" type="button" aria-label="Dismiss" onclick={}>×</button>
			</div>`,
			n.text,
			when(n.cart != "", func() app.UI {
				return h.HTML(`<button class="button small" type="button" onclick={}>Open</button>`, h.On(func(app.Context, app.Event) {
					defer part.Guard()
					d.open(n.cart)
				}, n.id))
			}),
			h.On(func(app.Context, app.Event) {
				defer part.Guard()
				d.model.dismiss(n.id)
			}, n.id),
		)
	}))
}

// renderList draws the table: of its rows those in view, and space for the others.
func (d *Desk) renderList() app.UI {
	m := d.model
	n := len(m.table.slots)
	first, last := window(d.top, d.frame, d.row, n)
	shown := m.table.shown(first, last)
	row := max(d.row, 1)
	return h.HTML(`<section class="card desk-list" aria-label="Carts">
		<div class="list-head">
			<p class="list-count">
				<strong>{}</strong>
				{}
			</p>
			{}
			<label class="check">
				<input type="checkbox" checked={} onchange={}>
				<span>Also unseen (bots)</span>
			</label>
		</div>
		<div class="list-frame" id="carts-frame" onscroll={} onmouseenter={} onmouseleave={}>
			<table class="list-table" role="table" aria-label="Carts" aria-rowcount={}>
				<thead role="rowgroup">
					<tr role="row">
						{}
						{}
						{}
						{}
						{}
						{}
					</tr>
				</thead>
				<tbody class="space" aria-hidden="true">{}</tbody>
				<tbody id="carts" role="rowgroup">
					{}
				</tbody>
				<tbody class="space" aria-hidden="true">{}</tbody>
			</table>
			{}
		</div>
	</section>`,
		m.countWords(n),
		d.renderOthers(n),
		d.renderHeld(),
		m.table.all,
		d.onAll,
		d.onScroll,
		d.onOver,
		d.onAway,
		n+1,
		column("Cart", "c-name"),
		column("Items", "c-items"),
		column("Total", "c-total"),
		column("Page", "c-page"),
		column("Last change", "c-last"),
		column("Attended by", "c-who"),
		spacer(first*row),
		app.Range(shown).Slice(func(i int) app.UI {
			if shown[i] == nil {
				return h.HTML(`<tr class="cart-row"><td class="muted" colspan="6">This cart is no longer open</td></tr>`)
			}
			return d.newRow(shown[i], first+i+1)
		}),
		spacer((n-last)*row),
		when(n == 0, d.renderEmpty),
	)
}

func column(name, class string) app.UI {
	return h.HTML(`<th class={} scope="col" role="columnheader">{}</th>`, class, name)
}

// spacer is as high as the rows that aren't drawn. The attribute of old is what the
// content security policy leaves of ways to say so.
func spacer(height int) app.UI {
	if height <= 0 {
		return gone()
	}
	return h.HTML(`<tr><td colspan="6" height={}></td></tr>`, height)
}

// renderOthers says how many carts the search leaves out.
func (d *Desk) renderOthers(n int) app.UI {
	if d.model.table.filter.none() {
		return gone()
	}
	rest := d.model.table.open() - n
	if rest <= 0 {
		return gone()
	}
	return h.HTML(`<span class="muted">{}</span>`, " of "+part.Number(n+rest))
}

// renderHeld says what would move if the rows weren't held where they are.
func (d *Desk) renderHeld() app.UI {
	moved := d.model.table.moved()
	if moved == 0 || !d.model.table.held {
		return gone()
	}
	return h.HTML(`<button class="button small" type="button" onclick={}>{}</button>`,
		d.onSort,
		fmt.Sprintf("%s more changed · sort", part.Number(moved)),
	)
}

func (d *Desk) renderEmpty() app.UI {
	m := d.model
	text := "No carts yet. They appear here as soon as a shopper puts something into one."
	switch {
	case m.unknown() && !m.line.Live():
		text = "The carts are shown as soon as there is a connection."
	case m.unknown(), m.loading && !m.loaded && len(m.table.carts) == 0:
		text = "Reading the carts…"
	case !m.asking.IsZero():
		text = "Nothing has changed yet. Ask: “Please change the quantity of anything in your cart.”"
	case m.query.intent == toAttach:
		text = "Press Enter to attach by this code."
	case m.found != nil:
		text = "This customer has no open cart."
	case m.text != "":
		text = "No cart matches. A code has six digits; an e-mail address is found only when it is typed whole."
	}
	return h.HTML(`<p class="empty">{}</p>`, text)
}

// measureSoon looks how much of the table is in view, once it is drawn.
func (d *Desk) measureSoon() {
	d.after(func() {
		top, frame, row := browser.Frame(idFrame)
		if top != d.top || frame != d.frame || row != d.row && row > 0 {
			d.dispatch(func() {
				d.top, d.frame = top, frame
				if row > 0 {
					d.row = row
				}
			})
		}
	})
}

// onScroll draws other rows only when other ones come near.
func (d *Desk) onScroll(ctx app.Context, _ app.Event) {
	defer part.Guard()
	n := len(d.model.table.slots)
	before, _ := window(d.top, d.frame, d.row, n)
	d.top, d.frame, _ = browser.Frame(idFrame)
	if first, _ := window(d.top, d.frame, d.row, n); first == before {
		ctx.PreventUpdate()
	}
}

func (d *Desk) onOver(app.Context, app.Event) {
	defer part.Guard()
	d.model.over = true
	d.model.hold()
}

func (d *Desk) onAway(app.Context, app.Event) {
	defer part.Guard()
	d.model.over = false
	d.model.hold()
}

func (d *Desk) onSort(app.Context, app.Event) {
	defer part.Guard()
	d.model.table.sort()
	browser.ScrollDown(idFrame, 0)
}

func (d *Desk) onAll(ctx app.Context, _ app.Event) {
	defer part.Guard()
	d.model.table.all = ctx.JSSrc().Get("checked").Bool()
	d.model.load = true
	d.settle()
}

func (d *Desk) onType(ctx app.Context, _ app.Event) {
	defer part.Guard()
	d.findProblem = ""
	d.model.typed(ctx.JSSrc().Get("value").String())
	d.top = 0
	browser.ScrollDown(idFrame, 0)
}

// onAskChange begins to look for the cart that changes, or stops.
func (d *Desk) onAskChange(app.Context, app.Event) {
	defer part.Guard()
	m := d.model
	if m.asking.IsZero() {
		m.asking = m.now()
	} else {
		m.asking = time.Time{}
	}
	m.narrow()
}
