package shop

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/feed"
	"cartline/app/h"
	"cartline/app/part"
)

// The ids that scripts and tests rely on.
const (
	idSearch  = "q"
	idCart    = "cart-button"
	idCount   = "cart-count"
	idDrawer  = "cart-drawer"
	idCallUs  = "call-us"
	idCall    = "call-dialog"
	idCode    = "assist-code"
	idBanner  = "banner"
	idStop    = "stop"
	idToasts  = "toasts"
	idLink    = "link-card"
	idKnock   = "knock-card"
	idChanges = "changes"
	idTotal   = "total"
	idPlace   = "place-order"
	idConfirm = "confirm-order"
	idNumber  = "order-number"
	idOrders  = "orders"
	idAccount = "account"
	idSignIn  = "signin"
	idSignUp  = "signup"
	idSignOut = "signout"
)

// The text that the shell has in place of a title and a description.
const (
	MarkTitle       = "shop-title-goes-here"
	MarkDescription = "shop-description-goes-here"
)

// Page is each page of the shop. The zero value is ready, and reads from the
// document what it is to show.
type Page struct {
	app.Compo

	data   Data
	model  *model
	server *api.Client
	ctx    app.Context // of the mounted page

	drawer     bool // the cart's drawer is open
	drawerSoon bool // it opens when what was added is in the cart
	many       int  // how many to add, on the page of a product
	typed      string
	had        string // the id of what had the keyboard before
	focus      string // the key of what is to have the keyboard next

	feed    *feed.Feed
	resting bool   // the connection has ended, and isn't to be made again yet
	tell    func() // other tabs
	viewed  string // the cart to which the page view was told
	ticking bool
}

// View draws a page as it is prerendered.
func View(d Data) app.UI { return newPage(d) }

func newPage(d Data) *Page {
	p := &Page{data: d, model: newModel(time.Now), server: api.New(browser.Fetch), many: 1, tell: func() {}}
	p.feed = p.newFeed()
	return p
}

// OnInit reads what the document carries, before it is drawn over: the data, and
// what the visitor has begun to type.
func (p *Page) OnInit() {
	d := Data{}
	if app.IsClient {
		d = parseData(browser.TemplateText(DataID))
	}
	fresh := newPage(d)
	p.data, p.model, p.server, p.many, p.tell = fresh.data, fresh.model, fresh.server, fresh.many, fresh.tell
	p.feed = p.newFeed()
	p.typed, p.had = browser.Value(idSearch), browser.FocusedAttr("id")
}

// OnPreRender leaves the title to whoever fills the shell.
func (p *Page) OnPreRender(ctx app.Context) {
	ctx.Page().SetTitle(MarkTitle)
	ctx.Page().SetDescription(MarkDescription)
}

// OnMount runs when the program has taken the page over.
func (p *Page) OnMount(ctx app.Context) {
	defer part.Guard()
	p.ctx = ctx
	p.recall()
	browser.OnLeave(p.feed.Stop)
	browser.OnReturn(func() { p.dispatch(p.returned) })
	p.tell = browser.Tabs("cartline", func() { p.dispatch(p.look) })
	ctx.Defer(func(app.Context) {
		defer part.Guard()
		if p.typed != browser.Value(idSearch) {
			browser.SetValue(idSearch, p.typed)
		}
		if p.had != "" {
			browser.FocusInPlace(p.had)
		}
	})
	p.look()
}

// OnDismount ends the connection.
func (p *Page) OnDismount() { p.feed.Stop() }

// Render draws the page.
func (p *Page) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	if p.data.View == ViewShell {
		return h.Div().ID(Marker)
	}
	return h.HTML(`<div class="page shop">
		<a class="skip" href="#main">Skip to the content</a>
		{}
		<div class="dock">
			<div id={} class="toasts" role="status">{}</div>
			<div class="assist" aria-live="polite">{}</div>
		</div>
		<main id="main" class="shop-main" tabindex="-1">{}</main>
		{}
		{}
		{}
		{}
	</div>`,
		p.renderHeader(),
		idToasts, p.toastsHere(!p.drawer),
		p.assistHere(!p.drawer && !p.model.code.open),
		p.renderMain(),
		p.renderFooter(),
		p.renderDrawer(),
		p.renderCall(),
		part.Upkeep(),
	)
}

func (p *Page) renderMain() app.UI {
	switch p.data.View {
	case ViewFront:
		return p.renderFront()
	case ViewProduct:
		return p.renderProduct()
	case ViewCart:
		return p.renderCart()
	case ViewMissing:
		return sorry("This is not on our shelves", "The address may be mistyped, or the product is no longer sold.", "To the shop")
	default:
		return sorry("The shop can't show its products right now", "Your cart is safe. Please try again in a moment.", "Try again")
	}
}

// sorry is a page that has little to show.
func sorry(title, text, way string) app.UI {
	return h.HTML(`<section class="sorry">
		<h1>{}</h1>
		<p class="muted">{}</p>
		<a class="button primary" href={}>{}</a>
	</section>`, title, text, PathFront, way)
}

// dispatch brings what happened elsewhere to the page, and keeps the keyboard where
// the visitor has it while rows move.
func (p *Page) dispatch(change func()) {
	part.Dispatch(p.ctx, func() {
		restore := browser.HoldFocus("data-key")
		change()
		p.after(restore)
		p.settle()
	})
}

// after runs something once what has changed is drawn.
func (p *Page) after(do func()) { part.After(p.ctx, do) }

// settle follows up a change of the model: it sends what is to be sent, opens and
// closes what is above the page, and waits for what time alone will change.
func (p *Page) settle() {
	p.send()
	p.attend()
	p.tick()
	p.after(func() {
		modal(idDrawer, p.drawer)
		modal(idCall, p.model.code.open)
		if p.focus != "" {
			browser.FocusByAttr("data-key", p.focus)
			p.focus = ""
		}
	})
}

func modal(id string, open bool) {
	if open {
		browser.ShowModal(id)
	} else {
		browser.CloseModal(id)
	}
}

// tick draws the page again after a while, as long as something on it changes by
// time alone.
func (p *Page) tick() {
	if p.ticking || !p.model.ticking() {
		return
	}
	p.ticking = true
	wait := time.Second
	if p.model.slow() {
		wait = slowTime / 2
	}
	time.AfterFunc(wait, func() {
		p.dispatch(func() { p.ticking = false })
	})
}

// keyNews is where the browser keeps the news from one page to the next, until the
// tab is closed.
const keyNews = "shop-news"

type keptNews struct {
	Cart string `json:"cart"`
	News []news `json:"news"`
}

func (p *Page) recall() {
	var kept keptNews
	if p.ctx.SessionStorage().Get(keyNews, &kept) == nil {
		p.model.newsFor, p.model.news = kept.Cart, kept.News
	}
}

func (p *Page) remember() {
	// Without it the list begins anew on the next page.
	_ = p.ctx.SessionStorage().Set(keyNews, keptNews{Cart: p.model.newsFor, News: p.model.news})
}
