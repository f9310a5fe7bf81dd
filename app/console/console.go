package console

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/compose"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// The ids that scripts and tests rely on, those of the first article: of the first pane
// as they are, of the others with -2, -3 or -4 behind. message is the message line, not
// the log.
const (
	idStatus  = "status"
	idURL     = "url"
	idOpen    = "open"
	idClose   = "close"
	idSend    = "send"
	idText    = "text"
	idMessage = "message"
)

// maxPanes is how many connections stand side by side.
const maxPanes = 4

// listenHint says what a message that listens does.
var listenHint = map[string]string{
	shared.ChannelCartActivity: "To hear of every change of a cart, send:",
	shared.ChannelMyCart:       "To hear of every change of your own cart in the shop, send:",
}

// Console is the page. The zero value is ready.
type Console struct {
	app.Compo

	server *api.Client
	shelf  *compose.Shelf
	turn   chan struct{} // who has put into it may dial; see contact.dialer
	// panes has a place for each pane. A pane keeps its place, as go-app would mix up
	// what was typed into the fields of panes that move.
	panes [maxPanes]*pane
	ready bool // the program runs in a browser, so buttons work
	ctx   app.Context
}

// OnInit prepares the page, in the browser and for prerendering.
func (c *Console) OnInit() {
	c.server = api.New(browser.Fetch)
	c.shelf = compose.NewShelf(browserStorage{})
	c.turn = make(chan struct{}, 1)
	c.ready = app.IsClient
	c.recall()
}

// browserStorage is this browser's storage, for compose.Shelf.
type browserStorage struct{}

func (browserStorage) Load(key string) string     { return browser.Stored(key) }
func (browserStorage) Save(key, text string) bool { return browser.Store(key, text) }

// OnPreRender names the page.
func (c *Console) OnPreRender(ctx app.Context) { title(ctx) }

// OnNav names the page.
func (c *Console) OnNav(ctx app.Context) { title(ctx) }

func title(ctx app.Context) {
	part.SetTitle(ctx, "WebSocket console", "Connect to a WebSocket, send a message, and see what comes back.")
}

// OnMount runs when the program has taken the page over.
func (c *Console) OnMount(ctx app.Context) {
	defer part.Guard()
	c.ctx = ctx
	browser.OnLeave(c.stop)
	browser.KeepPage()
}

// OnDismount ends all connections.
func (c *Console) OnDismount() { c.stop() }

func (c *Console) stop() {
	for _, p := range c.panes {
		if p != nil {
			p.stop()
		}
	}
}

// count tells how many panes there are.
func (c *Console) count() int {
	n := 0
	for _, p := range c.panes {
		if p != nil {
			n++
		}
	}
	return n
}

// Render draws the page.
func (c *Console) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	n := c.count()
	panes := make([]app.UI, maxPanes)
	for i, p := range c.panes {
		if p == nil {
			panes[i] = h.HTML(`<div hidden="true"></div>`)
		} else {
			panes[i] = &face{Pane: p, Ready: c.ready, Alone: n == 1}
		}
	}
	add := h.Button().ID("add-pane").Class("button small").Attr("type", "button").Text("Add a connection").OnClick(c.onAdd)
	switch {
	case !c.ready:
		add = add.Attr("disabled", true)
	case n == maxPanes:
		add = add.Attr("disabled", true).Title("There is room for four at most")
	}
	class := "panes"
	if n > 1 {
		class += " several"
	}
	if n > 2 {
		class += " many"
	}
	return part.Page(part.PathConsole,
		h.HTML(`<div class="intro"><h1>WebSocket console</h1><p>Connect to an endpoint, send a message, and see what comes back.</p></div>`),
		h.HTML(`<div class={}>{}</div>`, class, panes),
		// What is wanted last is reached last by the keyboard, and seen last on a phone.
		h.HTML(`<div class="add-pane">{}</div>`, add),
	)
}

func (c *Console) onAdd(ctx app.Context, _ app.Event) {
	defer part.Guard()
	slot := slices.Index(c.panes[:], nil)
	if slot < 0 {
		return
	}
	p := newPane(c, slot)
	c.panes[slot] = p
	c.remember()
	part.After(ctx, func() { browser.Focus(p.id(idOpen)) })
}

// remove takes a pane away, with its connection. The last one stays.
func (c *Console) remove(p *pane) {
	part.Dispatch(c.ctx, func() {
		if c.panes[p.slot] != p || c.count() == 1 {
			return
		}
		p.stop()
		c.panes[p.slot] = nil
		c.remember()
		part.After(c.ctx, func() { browser.Focus("add-pane") })
	})
}
