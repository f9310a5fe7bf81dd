package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/feed"
	"cartline/app/part"
	"cartline/app/signin"
	"cartline/shared"
	"cartline/shared/live"
)

// The ids by which the page finds its own elements. Those that stand in markup alone
// are as fixed: scripts and tests rely on them.
const (
	idSearch     = "desk-search"
	idFrame      = "carts-frame"
	idPanel      = "cart-panel"
	idAttach     = "attach"
	idAdd        = "add-product"
	idPhoneForm  = "phone-form"
	idHelpDialog = "help-dialog"
	idCode       = "attach-code"
)

const (
	// drawEvery paces the desk: many events are drawn together.
	drawEvery = 50 * time.Millisecond
	// maxGathered bounds what comes between two drawings. More is read anew.
	maxGathered = 2000
)

// needs is said on the sign-in form.
const needs = "The desk is for staff. Your account needs the role " + shared.RoleEventListener + "."

// pathCart begins the address of the desk with a cart open.
const pathCart = part.PathDesk + "/cart/"

// Desk is the page. The zero value is ready.
type Desk struct {
	app.Compo

	model  *model
	server *api.Client
	door   *signin.Door
	feed   *feed.Feed
	ctx    app.Context // of the mounted page

	listens map[string]bool // carts whose channels are asked for
	reading map[string]bool // what is being read, "view ID" or "timeline ID"

	top, frame, row int // the table's frame, as browser.Frame tells
	drawn           int // counts what may change the opened cart's panel
	tool            string
	phoneProblem    string
	finding         bool // a code or an e-mail address is being looked up
	findProblem     string
	categories      []string
	typing          int // counts what was typed to search products
}

// OnInit prepares the page, in the browser and for prerendering.
func (d *Desk) OnInit() {
	d.model = newModel(time.Now)
	d.server = api.New(browser.Fetch)
	d.listens, d.reading = make(map[string]bool), make(map[string]bool)
	d.door = &signin.Door{
		State: &d.model.State, Server: d.server, Title: "Desk", Needs: needs,
		Dispatch: d.dispatch, After: d.after, In: d.begin, Out: d.end,
		Refused: func(why string) { d.model.line.Refused(why) },
	}
	d.feed = feed.New(feed.Config{
		// Of a cart that changes faster than this page can take it, the newest will do.
		Listen: []shared.Request{{Listen: shared.ChannelCartActivity, Coalesce: true}},
		Every:  drawEvery, Most: maxGathered,
		Dispatch: d.dispatch, After: d.after,
		Moved: d.moved, Took: d.took, Ticked: d.ticked,
	})
}

// OnPreRender names the page.
func (d *Desk) OnPreRender(ctx app.Context) { title(ctx) }

// OnNav names the page.
func (d *Desk) OnNav(ctx app.Context) { title(ctx) }

func title(ctx app.Context) {
	part.SetTitle(ctx, "Desk", "Find the caller's cart, see it change, and help.")
}

// OnMount runs when the program has taken the page over: it asks who is there.
func (d *Desk) OnMount(ctx app.Context) {
	defer part.Guard()
	d.ctx = ctx
	browser.OnLeave(d.feed.Stop)
	browser.OnKey(func(key, on string) { d.dispatch(func() { d.press(key, on) }) })
	d.door.Ask()
}

// OnResize measures the table again.
func (d *Desk) OnResize(app.Context) { d.measureSoon() }

// OnDismount ends the connection.
func (d *Desk) OnDismount() { d.feed.Stop() }

// Render draws the face that the page shows.
func (d *Desk) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	if d.model.Face == signin.Inside {
		return part.Page(part.PathDesk, d.renderDesk())
	}
	return part.Page(part.PathDesk, d.door.Draw())
}

// dispatch brings a change to the page, from any goroutine.
func (d *Desk) dispatch(change func()) { part.Dispatch(d.ctx, change) }

// after runs something once what has changed is drawn.
func (d *Desk) after(do func()) { part.After(d.ctx, do) }

// background runs what blocks, and then brings its outcome to the page.
func (d *Desk) background(work func(context.Context) func()) {
	part.Background(2*api.Timeout, d.dispatch, func(ctx context.Context) func() {
		outcome := work(ctx)
		return func() {
			outcome()
			d.changed()
		}
	})
}

// begin shows the desk to whoever has come in.
func (d *Desk) begin() {
	d.model.begin()
	d.learnDesk()
	if id, ok := strings.CutPrefix(browser.Path(), pathCart); ok {
		d.model.tabs.open(id)
	}
	d.feed.Start()
	d.measureSoon()
	d.changed()
}

// end leaves nothing behind of whoever was signed in.
func (d *Desk) end() {
	d.feed.Stop()
	clear(d.listens)
	d.model.forget()
	d.changed()
}

// learnDesk asks what this desk can do. Until that is known it is taken that the
// customer has to agree, and that no discount may be given.
func (d *Desk) learnDesk() {
	d.background(func(ctx context.Context) func() {
		desk, err := d.server.Desk(ctx)
		return func() {
			if err != nil {
				d.model.announce("What this desk can do isn't known. "+signin.Said(err), "")
				return
			}
			d.model.desk = desk
		}
	})
}

// changed is called after whatever may have changed an opened cart: it sees to what
// the cards need, and has them drawn.
func (d *Desk) changed() {
	d.drawn++
	d.settle()
}

// settle asks the server for what the model needs.
func (d *Desk) settle() {
	m := d.model
	if m.Face != signin.Inside {
		return
	}
	if m.load && !m.loading {
		d.read()
	}
	wanted := make(map[string]bool)
	for _, c := range m.tabs.cards {
		wanted[c.id] = c.attached
		if c.stale && m.tabs.looksAt(c) && !d.reading["view "+c.id] {
			d.readView(c)
		}
		if c.gap && c.known && m.tabs.looksAt(c) && !d.reading["timeline "+c.id] {
			d.readTimeline(c, 0)
		}
	}
	for id := range d.listens {
		if !wanted[id] {
			delete(d.listens, id)
			d.feed.Unlisten(shared.ChannelOfCart(id))
		}
	}
	for id, on := range wanted {
		if on && !d.listens[id] {
			d.listens[id] = true
			d.feed.Listen(shared.Request{Listen: shared.ChannelOfCart(id)})
		}
	}
	d.address()
}

// address puts the opened cart into the page's address, so that loading it again
// opens the cart again.
func (d *Desk) address() {
	path := part.PathDesk
	if d.model.tabs.active != "" {
		path = pathCart + d.model.tabs.active
	}
	if browser.Path() != path {
		browser.ReplaceAddress(path)
	}
}

// read reads the whole list, page by page.
func (d *Desk) read() {
	m := d.model
	m.load, m.loading = false, true
	m.table.begin(m.table.all)
	all, table := m.table.all, m.table
	go func() {
		defer part.Guard()
		after := ""
		for {
			list, err := d.server.Carts(context.Background(), after, all)
			more := make(chan bool, 1)
			d.dispatch(func() { more <- d.listed(table, list, err) })
			if !<-more {
				return
			}
			after = list.Next
		}
	}()
}

// listed takes a page of the list, and says whether to read on.
func (d *Desk) listed(table *table, list shared.CartList, err error) (more bool) {
	m := d.model
	if table != m.table {
		return false // somebody else is there by now
	}
	if err != nil {
		m.failed(signin.Said(err))
		d.later(3*time.Second, m.retry)
		return false
	}
	table.page(list.Carts)
	if len(table.slots) == 0 {
		table.tick() // so that something is there; the rest comes with the clock, or the end
	}
	switch {
	case m.load: // begin again
		m.read(false)
		d.settle()
		return false
	case list.Next != "":
		return true
	}
	table.finish()
	table.sort()
	if !m.resumed {
		m.resumed = true
		m.tabs.resume(table)
	}
	m.read(true)
	d.settle()
	d.measureSoon()
	return false
}

// later runs something after a while, and then what it asks for.
func (d *Desk) later(wait time.Duration, do func()) {
	time.AfterFunc(wait, func() {
		defer part.Guard()
		d.dispatch(func() { do(); d.settle() })
	})
}

// readView reads an opened cart.
func (d *Desk) readView(c *card) {
	key, id := "view "+c.id, c.id
	c.stale, d.reading[key] = false, true
	d.background(func(ctx context.Context) func() {
		view, err := d.server.CartView(ctx, id)
		return func() {
			delete(d.reading, key)
			if c.id != id {
				return
			}
			if err != nil {
				c.failed(err)
				return
			}
			c.viewed(view)
			d.model.tabs.follow()
		}
	})
}

// readTimeline reads what happened to an opened cart, from before a version; 0 is
// from the end.
func (d *Desk) readTimeline(c *card, before int64) {
	key, id := "timeline "+c.id, c.id
	c.gap, d.reading[key] = false, true
	d.background(func(ctx context.Context) func() {
		timeline, err := d.server.Timeline(ctx, id, before)
		return func() {
			delete(d.reading, key)
			if c.id != id {
				return
			}
			if err != nil {
				c.owed = c.owed || errors.Is(err, api.ErrUnreachable)
				c.said[atTimeline] = "The timeline can't be read. " + signin.Said(err)
				return
			}
			delete(c.said, atTimeline)
			c.listed(timeline, before > 0)
		}
	})
}

// moved takes a new state of the connection.
func (d *Desk) moved(state live.State) {
	d.model.moved(state)
	d.door.Moved(state)
	if state.Phase == live.Live {
		// Another process may answer now, perhaps of a newer version.
		app.TryUpdate()
	}
	d.changed()
}

func (d *Desk) took(heard []feed.Arrival, lost int) {
	if d.model.took(heard, lost > 0) {
		d.drawn++
	}
	d.settle()
}

func (d *Desk) ticked() {
	d.model.over = d.model.over && browser.Pointed(idFrame) // it may not say that it leaves
	d.model.ticked()
	d.settle()
}
