package shop

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// The signs in buttons. They stand next to words, or on a button that has a name.
const (
	signHearth  = `<svg class="hearth" viewBox="0 0 32 32" aria-hidden="true"><path d="M4 15 16 5l12 10v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z" fill="currentColor"/><path class="flame" d="M16 13c3.6 3.4 5 5.6 5 8.2a5 5 0 0 1-10 0c0-1.7.7-3 2-4.2.3 1.2.9 1.8 1.6 2.1-.2-2.3.2-4.3 1.4-6.1z"/></svg>`
	signSearch  = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><circle cx="11" cy="11" r="6.5"/><path d="m16 16 4.5 4.5"/></svg>`
	signPhone   = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="M6.5 3.5h3l1.5 4-2 1.7a11 11 0 0 0 5.8 5.8l1.7-2 4 1.5v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z"/></svg>`
	signPerson  = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c1-4 4-6 7.5-6s6.5 2 7.5 6"/></svg>`
	signBasket  = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="M3.5 10h17l-1.6 8.6a2 2 0 0 1-2 1.6H7.1a2 2 0 0 1-2-1.6zM8 10l3.5-6M16 10l-3.5-6M9.5 13.5v3.5M14.5 13.5v3.5"/></svg>`
	signClose   = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="m6 6 12 12M18 6 6 18"/></svg>`
	signMore    = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 5.5v13M5.5 12h13"/></svg>`
	signLess    = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="M5.5 12h13"/></svg>`
	signHelping = `<svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d="M4.5 13.5v-2a7.5 7.5 0 0 1 15 0v2M4.5 13.5a2 2 0 0 1 2-2h1v6h-1a2 2 0 0 1-2-2zM19.5 13.5a2 2 0 0 0-2-2h-1v6h1a2 2 0 0 0 2-2zM17.5 17.5c0 2-2 3-4 3"/></svg>`
)

func (p *Page) renderHeader() app.UI {
	return h.HTML(`<header class="shop-top">
		<div class="shop-bar">
			<a class="shop-brand" href={}>{}<span>{}</span></a>
			{}
			<div class="tools">
				<button class="tool" type="button" id={} aria-haspopup="dialog" disabled={} onclick={}>{}<span class="tool-name">Call us</span></button>
				<a class="tool" href={}>{}<span class="tool-name">Account</span></a>
				{}
			</div>
		</div>
		<nav class="shop-nav" aria-label="Categories"><ol class="shop-bar">{}</ol></nav>
	</header>`,
		PathFront, app.Raw(signHearth), Name,
		p.renderSearch(),
		idCallUs, p.waiting(), p.onCallUs, app.Raw(signPhone),
		PathCart+"#"+idAccount, app.Raw(signPerson),
		p.renderCartButton(),
		p.renderCategories(),
	)
}

func (p *Page) renderSearch() app.UI {
	return h.HTML(`<form class="search" role="search" action={} method="get">
		<label class="sr" for={}>Search the shop</label>
		<input id={} class="field" name="q" type="search" placeholder="Search the shop" maxlength={} autocomplete="off" value={}>
		<button class="search-go" type="submit" aria-label="Search">{}</button>
	</form>`, PathFront, idSearch, idSearch, MaxQuery, h.Safe(p.data.Query), app.Raw(signSearch))
}

// renderCartButton is a link to the cart's page, that works without the program; the
// program opens the drawer in its place.
func (p *Page) renderCartButton() app.UI {
	n, class, spoken, current := p.model.items(), "tool-count", "empty", ""
	if n > 0 {
		spoken = part.Count(n, "item", "items")
	} else {
		class = "tool-count none"
	}
	if p.data.View == ViewCart {
		current = "page"
	}
	// go-app prerenders "true" as nothing, which is not what aria-hidden takes for it.
	return h.HTML(`<a id={} class="tool" href={} aria-current={} onclick={}>
		{}<span class="tool-name">Cart</span>
		<span id={} class={} aria-hidden="TRUE">{}</span>
		<span class="sr">{}</span>
	</a>`, idCart, PathCart, current, p.onCart, app.Raw(signBasket), idCount, class, part.Number(n), spoken)
}

func (p *Page) renderCategories() []app.UI {
	items := []app.UI{categoryItem(PathFront, "All", p.data.View == ViewFront && p.data.Category == "" && p.data.Query == "")}
	for _, name := range p.data.Categories {
		here := p.data.Category == name && p.data.View == ViewFront
		items = append(items, categoryItem(listPath(name, "", ""), name, here))
	}
	return items
}

func categoryItem(path, name string, here bool) app.UI {
	current := ""
	if here {
		current = "page"
	}
	return h.HTML(`<li><a href={} aria-current={}>{}</a></li>`, h.Safe(path), current, name)
}

// waiting is for the attribute disabled of what works as soon as the program does and
// knows the cart.
func (p *Page) waiting() any { return off(!p.model.ready) }

// off is for the attribute disabled, which go-app leaves out if it is empty.
func off(disabled bool) any {
	if disabled {
		return true
	}
	return ""
}

// renderSteps is a quantity with the two buttons that change it.
func (p *Page) renderSteps(group, what, sku, quantity string, last, full bool, onStep func(app.Context, app.Event)) app.UI {
	return h.HTML(`<div class="stepper" role="group" aria-label={}>
		<button class="step" type="button" data-step="-1" data-sku={} data-key={} aria-label={} disabled={} onclick={}>{}</button>
		<span class="qty" aria-live="polite">{}</span>
		<button class="step" type="button" data-step="1" data-sku={} data-key={} aria-label={} disabled={} onclick={}>{}</button>
	</div>`,
		h.Safe(group),
		h.Safe(sku), h.Safe("less "+sku), h.Safe("One "+what+"less"), off(!p.model.ready || last), onStep, app.Raw(signLess),
		quantity,
		h.Safe(sku), h.Safe("more "+sku), h.Safe("One "+what+"more"), off(!p.model.ready || full), onStep, app.Raw(signMore),
	)
}

func (p *Page) renderFooter() app.UI {
	return h.HTML(`<footer class="shop-foot">
		<div class="shop-bar">
			<p>Demo shop · powered by <a href={}>Cartline</a></p>
			<p class="foot-links"><a href={}>Desk</a><a href={}>Console</a></p>
		</div>
	</footer>`, part.PathConsole, part.PathDesk, part.PathConsole)
}
