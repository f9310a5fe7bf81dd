package desk

import (
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderLink draws the form to send a page to the customer's screen.
func (p *panel) renderLink() app.UI {
	c := p.Card
	return h.HTML(`<form class="tool-form" id="link-form" onsubmit={}>
		<p class="muted small-text">It appears on the customer's screen as a suggestion. For a product, search above and choose “Send page”.</p>
		<div class="row tight">
			<label class="grow">
				<span class="label">Address of a page of this shop</span>
				<input class="field" id="link-url" type="text" autocomplete="off" autocapitalize="none" spellcheck="false" placeholder="/shop/p/…" maxlength={}>
			</label>
			<button class="button primary" type="submit" disabled={}>Send</button>
		</div>
		<div class="hint">
			<span>Or:</span>
			{}
			{}
			{}
		</div>
		<p class="bad small-text" role="alert">{}</p>
	</form>`,
		p.onLink,
		shared.MaxPath,
		c.busy[atLink],
		p.shortcut("/shop", "Shop front"),
		p.shortcut("/shop/cart", "Cart page"),
		app.Range(p.Page.categories).Slice(func(i int) app.UI {
			name := p.Page.categories[i]
			return p.shortcut("/shop?category="+url.QueryEscape(name), name)
		}),
		c.said[atLink],
	)
}

func (p *panel) shortcut(path, name string) app.UI {
	return h.HTML(`<button class="chip" type="button" onclick={}>{}</button>`,
		h.On(func(app.Context, app.Event) {
			defer part.Guard()
			p.Page.sendPage(p.Card, path)
		}, path),
		name,
	)
}

func (p *panel) onLink(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	p.Page.sendPage(p.Card, ownPage(browser.Value("link-url")))
}

// ownPage returns the path of a page of this shop, as it is known everywhere but in the
// address bar from which it was copied: without the base.
func ownPage(typed string) string {
	scheme, host := browser.Location()
	if path, ok := base.Below(strings.TrimPrefix(strings.TrimSpace(typed), scheme+"://"+host)); ok {
		return path
	}
	return typed
}

// renderLinks draws what was sent and how far it has come.
func (p *panel) renderLinks() app.UI {
	links := p.Card.cart.Links
	return h.HTML(`<ul class="receipts" aria-label="Pages sent">
		{}
	</ul>`, app.Range(links).Slice(func(i int) app.UI {
		l := links[len(links)-1-i]
		return h.HTML(`<li class="receipt" data-link={}>
				<span class="name">{}</span>
				<span class={}>{}</span>
			</li>`, l.ID, l.Title, "badge "+string(l.State), string(l.State)+" "+clock(l.At))
	}))
}

// renderHandover draws the form to offer the cart to a colleague.
func (p *panel) renderHandover() app.UI {
	c, colleagues := p.Card, p.Page.model.desk.Colleagues
	if len(colleagues) == 0 {
		return h.HTML(`<p class="tool-form muted" id="handover">There is no colleague to hand over to.</p>`)
	}
	return h.HTML(`<form class="tool-form" id="handover" onsubmit={}>
		<div class="fields">
			{}
			{}
		</div>
		<p class="bad small-text" role="alert">{}</p>
		<button class="button primary small" type="submit" disabled={}>Offer</button>
	</form>`,
		p.onHandover,
		field("To", h.HTML(`<select class="field" id="handover-to">
				{}
			</select>`, app.Range(colleagues).Slice(func(i int) app.UI {
			return h.HTML(`<option value={}>{}</option>`, colleagues[i], colleagues[i])
		}))),
		field("Note", h.HTML(`<input class="field" id="handover-note" type="text" autocomplete="off" maxlength={} placeholder="What should they know?">`, shared.MaxNote)),
		c.said[atHandover],
		c.busy[atHandover],
	)
}

func (p *panel) onHandover(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	p.Page.handOver(p.Card, shared.OfferHandover{To: browser.Value("handover-to"), Note: browser.Value("handover-note")})
}
