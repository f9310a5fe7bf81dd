package shop

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// renderDrawer is the cart that slides in. It is always there, closed; the browser
// keeps the keyboard in it while it is open.
func (p *Page) renderDrawer() app.UI {
	var body any
	if p.drawer {
		body = h.HTML(`<div class="drawer-body">
			<div class="drawer-head">
				<h2 id="drawer-title">Your cart</h2>
				<button class="icon-button" type="button" aria-label="Close the cart" onclick={}>{}</button>
			</div>
			<div class="assist" aria-live="polite">{}</div>
			<div class="drawer-news" role="status">{}</div>
			{}
		</div>`, p.onDrawerClosed, app.Raw(signClose), p.assistHere(true), p.toastsHere(true), p.drawerRest())
	}
	return h.HTML(`<dialog id={} class="drawer" aria-labelledby="drawer-title" onclose={} onclick={}>{}</dialog>`,
		idDrawer, p.onDrawerClosed, p.onBackdrop, body)
}

// drawerRest is the cart in the drawer.
func (p *Page) drawerRest() []app.UI {
	if len(p.model.order) == 0 {
		return []app.UI{h.HTML(`<div class="drawer-rest">{}{}{}</div>`,
			p.renderLost(), renderEmpty("Your cart is empty."), p.renderChanges())}
	}
	return []app.UI{
		h.HTML(`<div class="drawer-rest">{}{}{}</div>`, p.renderLines(), p.renderLost(), p.renderChanges()),
		h.HTML(`<div class="drawer-foot">
			{}
			{}
			<a class="button primary wide" href={}>To the cart and the order</a>
		</div>`, p.renderLate(), p.renderTotals(), PathCart),
	}
}

func renderEmpty(text string) app.UI {
	return h.HTML(`<div class="cart-empty">{}<p>{}</p><a class="button" href={}>Look around</a></div>`,
		app.Raw(signBasket), text, PathFront)
}

// renderLate says that the page doesn't hear of changes at present.
func (p *Page) renderLate() app.UI {
	m := p.model
	late, detail, button := m.late(), "", app.UI(nil)
	if late != "" {
		detail, button = m.line.Detail(m.now())+".", p.feed.Button(&m.line)
	}
	return h.HTML(`<div class="late small-text"><p><span role="status">{}</span><span class="count">{}</span></p>{}</div>`, late, detail, button)
}

// toastsHere are the news that are in sight, if this is the place for them.
func (p *Page) toastsHere(here bool) []app.UI {
	if !here {
		return nil
	}
	var toasts []app.UI
	if text := p.model.noted(); text != "" {
		toasts = append(toasts, h.HTML(`<div class="toast own">
			<p>{}</p>
			<a class="link" href={} onclick={}>View cart</a>
		</div>`, text, PathCart, p.onCart))
	}
	for _, n := range p.model.toasts() {
		toasts = append(toasts, h.HTML(`<div class="toast">
			<p>{}</p>
			{}
			<button class="icon-button" type="button" data-version={} aria-label="Hide this" onclick={}>{}</button>
		</div>`, n.Text, p.renderUndo(n), n.Version, p.onDismissNews, app.Raw(signClose)))
	}
	return toasts
}

// renderUndo takes back what others did, or says what came of that.
func (p *Page) renderUndo(n news) app.UI {
	busy, name := p.model.undoing == n.Version, "Undo"
	switch {
	case n.Undone:
		return h.HTML(`<span class="muted small-text">Undone</span>`)
	case p.model.undoSaid[n.Version] != "":
		return h.HTML(`<span class="bad small-text">{}</span>`, p.model.undoSaid[n.Version])
	case !n.Undo:
		return h.HTML(`<span></span>`)
	case busy:
		name = "Undoing…"
	}
	return h.HTML(`<button class="button small undo" type="button" data-version={} data-key={} aria-label={} disabled={} onclick={}>{}</button>`,
		n.Version, "undo "+strconv.FormatInt(n.Version, 10), "Undo: "+n.Text, off(busy), p.onUndo, name)
}

// renderChanges lists what others did, so that nothing is lost that was in sight
// for a moment only.
func (p *Page) renderChanges() any {
	recent := p.model.recent()
	if len(recent) == 0 {
		return nil
	}
	items := make([]app.UI, 0, len(recent))
	for _, n := range recent {
		items = append(items, h.HTML(`<li><span class="muted small-text">{}</span><span class="change-text">{}</span>{}</li>`,
			clock(n.At), n.Text, p.renderUndo(n)))
	}
	return h.HTML(`<section id={} class="changes" aria-labelledby="changes-title">
		<h3 id="changes-title">What changed</h3>
		<ol>{}</ol>
	</section>`, idChanges, items)
}

// itemsWords says how much is in the cart.
func (p *Page) itemsWords() string { return part.Count(p.model.items(), "item", "items") }
