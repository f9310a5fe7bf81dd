package desk

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// roleAudit is what reading the audit needs.
const roleAudit = shared.RoleAdmin

// panel is the opened cart on top. It is a component of its own so that it is drawn
// only when something of it may have changed, and one for each cart, so that what was
// typed for one customer never shows with another.
type panel struct {
	app.Compo

	Drawn int // rises whenever there may be something to draw
	Tool  string
	ID    string
	// Page and Card are the same always, for one ID.
	Page *Desk
	Card *card
}

// CompoID keeps panels of two carts apart.
func (p *panel) CompoID() string { return p.ID }

// renderSide draws the tabs and the cart on top.
func (d *Desk) renderSide() app.UI {
	m := d.model
	return h.HTML(`<section class="desk-side" aria-label="Opened carts">
		<div class="tab-bar">
			<button class="button small back" type="button" onclick={}>← All carts</button>
			<div class="tab-list" id="tabs" role="tablist" aria-label="Opened carts">{}</div>
		</div>
		{}
	</section>`,
		d.onBack,
		app.Range(m.tabs.cards).Slice(func(i int) app.UI { return d.renderTab(m.tabs.cards[i]) }),
		when(m.tabs.top() != nil, func() app.UI {
			c := m.tabs.top()
			return &panel{Drawn: d.drawn, Tool: d.tool, ID: c.id, Page: d, Card: c}
		}),
	)
}

func (d *Desk) renderTab(c *card) app.UI {
	id := c.id
	name, selected, index := c.cart.Name, "false", -1
	if name == "" {
		name = "…"
	}
	if d.model.tabs.active == id {
		selected, index = "true", 0
	}
	class := "tab"
	if c.attached {
		class += " attached"
	}
	return h.HTML(`<div class={} role="presentation">
		<button class="tab-name" id={} type="button" role="tab" tabindex={} aria-selected={} aria-controls="cart-panel" onclick={} onkeydown={}>
			<span>{}</span>
			{}
		</button>
		<button class="fold" type="button" aria-label={} onclick={}>×</button>
	</div>`,
		class,
		"tab-"+id,
		index,
		selected,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			d.open(id)
		}, id),
		h.On(func(_ app.Context, e app.Event) {
			defer part.Guard()
			d.pressTab(id, e.Get("key").String())
		}, id),
		name,
		when(c.unread, func() app.UI { return h.HTML(`<span class="unread" role="img" aria-label="changed"></span>`) }),
		"Close "+name,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			d.close(id, false)
		}, id),
	)
}

// Render draws the opened cart.
func (p *panel) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	c := p.Card
	box := h.Div().ID(idPanel).Class("cart-panel").Role("tabpanel").TabIndex(-1).Aria("labelledby", "tab-"+c.id)
	switch {
	case c.missing != "":
		return box.Body(h.HTML(`<p class="message error" role="alert">{}</p>`, c.missing),
			h.HTML(`<button class="button" type="button" onclick={}>Try again</button>`, p.onReread))
	case !c.known:
		return box.Body(h.HTML(`<p class="muted" role="status">Reading the cart…</p>`),
			h.HTML(`<div class="bones">
				<div class="bone"></div>
				<div class="bone"></div>
				<div class="bone short"></div>
			</div>`))
	}
	return box.Body(
		p.renderHead(),
		p.renderNotes(),
		when(c.leaving, p.renderLeaving),
		when(!c.attached && c.cart.Status == shared.CartOpen, p.renderConsent),
		p.renderLines(),
		when(c.canEdit(), p.renderAdd),
		p.renderTotals(),
		when(c.canEdit(), p.renderTools),
		when(c.canEdit() && p.Tool == toolDiscount, p.renderDiscount),
		when(c.canEdit() && p.Tool == toolLink, p.renderLink),
		when(c.canEdit() && p.Tool == toolHandover, p.renderHandover),
		when(len(c.cart.Links) > 0, p.renderLinks),
		p.renderTimeline(),
	)
}

func (p *panel) renderHead() app.UI {
	c := p.Card
	summary := c.cart.Summary()
	kind, class := shopperKind(summary)
	return h.HTML(`<div class="panel-head">
		<div class="row spread">
			<h2 class="panel-name">{}<span class={}>{}</span></h2>
			{}
		</div>
		{}
		<p class="muted small-text">{}</p>
		{}
	</div>`,
		c.cart.Name,
		"badge "+class,
		kind,
		when(c.attached, func() app.UI {
			return h.HTML(`<button class="button small" id="release" type="button" title="End your access to this cart" onclick={}>Release</button>`, p.onRelease)
		}),
		when(c.cart.Customer != nil, func() app.UI {
			return h.HTML(`<p class="customer">
				<strong>{}</strong>
				{}
			</p>`,
				c.cart.Customer.Name,
				when(c.cart.Customer.Email != "", func() app.UI {
					return h.HTML(`<span class="mono">{}</span>`, c.cart.Customer.Email)
				}),
			)
		}),
		p.standing(),
		when(c.cart.Handover != nil, p.renderOffer),
	)
}

// standing says in a line who attends the cart and where its shopper is.
func (p *panel) standing() string {
	c := p.Card
	var parts []string
	if c.attached {
		since, consent := c.attendedSince()
		parts = append(parts, "Attached "+consentWords(consent)+" since "+clock(since))
	} else {
		parts = append(parts, "Watching, without personal data")
	}
	var others []string
	for _, a := range c.cart.Attendants {
		if a.Staff != c.me {
			others = append(others, a.Staff+" since "+clock(a.Since))
		}
	}
	if len(others) > 0 {
		parts = append(parts, "also here: "+strings.Join(others, ", "))
	}
	if c.cart.Page != "" {
		parts = append(parts, "on “"+pageName(c.cart.Page)+"”")
	}
	return strings.Join(parts, " · ")
}

// renderNotes draws what has become of the access and the cart. It is there before it
// says anything, so that it is read out.
func (p *panel) renderNotes() app.UI {
	c := p.Card
	region := h.Div().Class("notes").Role("status")
	switch {
	case c.attached && c.said[atTop] != "":
		return region.Body(h.HTML(`<p class="note warn">{}</p>`, c.said[atTop]))
	case c.cart.Status == shared.CartOrdered:
		return region.Body(h.HTML(`<p class="note good" id="ordered">{}</p>`, "Ordered"+spaced("number", c.orderNumber())+"."))
	case c.cart.Status == shared.CartExpired:
		return region.Body(h.HTML(`<p class="note warn">This cart is no longer there: it has expired.</p>`))
	case c.ended != "":
		return region.Body(h.HTML(`<p class="note warn" id="stop-note">{}</p>`, c.ended+" Personal data is no longer shown; you can still watch."))
	case c.news != "":
		text := c.news
		if c.newsLacksName() {
			text = "The customer signed in" + text
		}
		return region.Body(h.HTML(`<p class="note good" id="merged">{}</p>`, text))
	default:
		return region
	}
}

func (p *panel) renderLeaving() app.UI {
	return h.HTML(`<div class="note warn" role="alertdialog" aria-label="Close an attended cart">
		<p>You attend this cart. Closing it ends your access; to come back you need the customer's consent again.</p>
		<div class="row">
			<button class="button small primary" id="leave" type="button" onclick={}>Release and close</button>
			<button class="button small" type="button" onclick={}>Keep it open</button>
		</div>
	</div>`, p.onLeave, p.onStay)
}

// renderConsent draws the ways to be let in.
func (p *panel) renderConsent() app.UI {
	d, c := p.Page, p.Card
	if c.attachable(d.model.desk, d.model.now()) {
		why := "The shop needs no consent; the customer is told."
		switch {
		case c.cart.Handover != nil && c.cart.Handover.To == c.me:
			why = "A colleague hands this cart over to you."
		case shared.HelpWanted(c.cart.HelpAt, d.model.now()):
			why = "The customer asked for help at " + clock(c.cart.HelpAt) + "."
		case c.cart.Phone:
			why = "Staff keep this cart for a caller."
		}
		return h.HTML(`<div class="consent">
			<p>{}</p>
			<button class="button primary" id="attach" type="button" disabled={} onclick={}>Attach</button>
			<p class="bad small-text" role="alert">{}</p>
		</div>`, why, c.busy[atTop], p.onAttach, c.said[atTop])
	}
	knock := d.model.knockWords(c.id)
	return h.HTML(`<div class="consent">
		<p>To see who this is and to change anything, you need the customer's consent:</p>
		<div class="ways">
			<form class="code-form" onsubmit={}>
				<label class="label" for="attach-code">The code that they read to you</label>
				<div class="row tight">
					<input class="field mono" id="attach-code" type="text" inputmode="numeric" autocomplete="off" maxlength="9" placeholder="482 913">
					<button class="button" type="submit" disabled={}>Attach</button>
				</div>
			</form>
			<div>
				<p class="label">or a question on their screen</p>
				<div class="row tight">
					<button class="button" id="knock" type="button" disabled={} onclick={}>Knock</button>
					<span class="badge wait">{}</span>
				</div>
			</div>
		</div>
		<p class="bad small-text" role="alert">{}</p>
	</div>`, p.onCode, c.busy[atTop], d.model.waits(c.id), p.onKnock, knock, c.said[atTop])
}

// renderOffer draws a handover that was offered.
func (p *panel) renderOffer() app.UI {
	c := p.Card
	o := c.cart.Handover
	text, button := subject(o.From, c.me)+" offered this cart to "+person(o.To, c.me)+" at "+clock(o.At)+".", "Withdraw"
	if o.To == c.me {
		button = "Decline"
	}
	return h.HTML(`<div class="note">
		<p>{}</p>
		{}
		{}
		<p class="bad small-text" role="alert">{}</p>
	</div>`,
		text,
		when(o.Note != "", func() app.UI { return h.HTML(`<p class="quote">{}</p>`, o.Note) }),
		when(o.To == c.me || o.From == c.me, func() app.UI {
			return h.HTML(`<button class="button small" type="button" onclick={}>{}</button>`, p.onEndOffer, button)
		}),
		c.said[atHandover],
	)
}

// The tools of an attended cart, of which one is open at a time.
const (
	toolDiscount = "discount"
	toolLink     = "link"
	toolHandover = "handover"
)

func (p *panel) renderTools() app.UI {
	d := p.Page
	discount := d.model.Has(shared.RoleDiscounter)
	return h.HTML(`<div class="tools">
		{}
		{}
		{}
		{}
		{}
	</div>`,
		when(discount, func() app.UI { return p.tool(toolDiscount, "Discount") }),
		p.tool(toolLink, "Send a page"),
		p.tool(toolHandover, "Hand over"),
		when(p.Card.cart.Phone && p.edits(), p.renderOrder),
		when(p.lacking() != "", func() app.UI { return h.HTML(`<p class="hint">{}</p>`, p.lacking()) }),
	)
}

// lacking says which tools are absent, and why.
func (p *panel) lacking() string {
	m := p.Page.model
	edit, discount := m.Has(shared.RoleCartEditor), m.Has(shared.RoleDiscounter)
	switch {
	case !edit && !discount:
		return "Changing lines needs the role cart_editor, and giving discounts the role discounter; your account has neither."
	case !edit:
		return "Changing lines needs the role cart_editor, which your account doesn't have."
	case !discount:
		return "Giving discounts needs the role discounter, which your account doesn't have."
	default:
		return ""
	}
}

func (p *panel) tool(tool, name string) app.UI {
	expanded := "false"
	if p.Tool == tool {
		expanded = "true"
	}
	return h.HTML(`<button class="button small" id={} type="button" aria-expanded={} onclick={}>{}</button>`,
		"show-"+tool,
		expanded,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			p.Page.useTool(tool)
		}, tool),
		name,
	)
}

func (p *panel) renderOrder() app.UI {
	c, name := p.Card, "Place order"
	if len(c.cart.Lines) > 0 {
		name += " · " + sum(c.cart.Total)
	}
	return h.HTML(`<button class="button small primary" id="place-order" type="button" disabled={} onclick={}>{}</button>`,
		c.busy[atTop] || len(c.cart.Lines) == 0 || len(c.wants) > 0,
		p.onOrder,
		name,
	)
}

// edits says whether the reader can change lines now.
func (p *panel) edits() bool { return p.Card.canEdit() && p.Page.model.Has(shared.RoleCartEditor) }
