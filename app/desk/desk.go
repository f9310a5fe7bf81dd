package desk

import (
	"context"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
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

// needs is said on the sign-in form.
const needs = "The desk is for staff. Your account needs the role " + shared.RoleEventListener + "."

// pathCart begins the address of the desk with a cart open.
const pathCart = part.PathDesk + "/cart/"

// Desk is the page. The zero value is ready.
type Desk struct {
	app.Compo

	model  *model
	server *api.Client
	ctx    app.Context // of the mounted page
	feed   *feed       // nil unless there is one

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
	browser.OnLeave(d.unwatch)
	browser.OnKey(func(key, on string) { d.dispatch(func() { d.press(key, on) }) })
	d.meet(false, d.server.Session)
}

// OnResize measures the table again.
func (d *Desk) OnResize(app.Context) { d.measureSoon() }

// OnDismount ends the connection.
func (d *Desk) OnDismount() { d.unwatch() }

// OnAsk asks again who is there.
func (d *Desk) OnAsk(app.Context, app.Event) {
	defer part.Guard()
	d.model.Problem = ""
	d.meet(false, d.server.Session)
}

// Render draws the face that the page shows.
func (d *Desk) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	if d.model.Face == signin.Inside {
		return part.Page(part.PathDesk, d.renderDesk())
	}
	return part.Page(part.PathDesk, signin.Door(&d.model.State, d, "Desk", needs))
}

// dispatch brings a change to the page, from any goroutine.
func (d *Desk) dispatch(change func()) {
	d.ctx.Dispatch(func(app.Context) {
		defer part.Guard()
		change()
	})
}

// background runs what blocks, and then brings its outcome to the page.
func (d *Desk) background(work func(context.Context) func()) {
	go func() {
		defer part.Guard()
		ctx, cancel := context.WithTimeout(context.Background(), 2*api.Timeout)
		defer cancel()
		outcome := work(ctx)
		d.dispatch(func() {
			outcome()
			d.changed()
		})
	}()
}

// after runs something once what has changed is drawn.
func (d *Desk) after(do func()) {
	d.ctx.Defer(func(app.Context) {
		defer part.Guard()
		do()
	})
}

// meet finds out who is signed in, by asking or by signing in, and begins if they
// may.
func (d *Desk) meet(asked bool, who func(context.Context) (shared.StaffSession, error)) {
	d.background(func(ctx context.Context) func() {
		session, err := who(ctx)
		return func() { d.met(session, err, asked) }
	})
}

func (d *Desk) met(session shared.StaffSession, err error, asked bool) {
	before := d.model.Face
	if d.model.met(session, err, asked) {
		d.learnDesk()
		if id, ok := strings.CutPrefix(d.ctx.Page().URL().Path, pathCart); ok {
			d.model.tabs.open(id)
		}
		d.watch()
		d.measureSoon()
	}
	d.after(func() { signin.Focus(before, d.model.Face) })
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

// OnSignIn handles the form.
func (d *Desk) OnSignIn(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if d.model.Busy {
		return
	}
	d.model.Busy, d.model.Problem = true, ""
	in := signin.Entered()
	d.meet(true, func(ctx context.Context) (shared.StaffSession, error) { return d.server.SignIn(ctx, in) })
}

// OnSignOut handles the button.
func (d *Desk) OnSignOut(app.Context, app.Event) {
	defer part.Guard()
	if d.model.Busy {
		return
	}
	d.model.Busy = true
	d.background(func(ctx context.Context) func() {
		err := d.server.SignOut(ctx)
		return func() {
			if d.model.Left(err) {
				d.out()
			} else {
				d.model.announce(d.model.Problem, "")
			}
		}
	})
}

// out leaves nothing behind of whoever was signed in.
func (d *Desk) out() {
	d.unwatch()
	d.model.forget()
	d.after(func() { signin.Focus(signin.Inside, d.model.Face) })
}

// watch begins to listen anew.
func (d *Desk) watch() {
	d.unwatch()
	scheme, host := browser.Location()
	socket := map[string]string{"http": "ws", "https": "wss"}[scheme]
	e := &ear{page: d}
	e.feed = newFeed(socket+"://"+host+pathSocket, e)
	d.feed = e.feed
	d.feed.start()
}

func (d *Desk) unwatch() {
	if d.feed != nil {
		d.feed.stop()
		d.feed = nil
	}
	clear(d.listens)
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
		if c.stale && !d.reading["view "+c.id] {
			d.readView(c)
		}
		if c.gap && c.known && !d.reading["timeline "+c.id] {
			d.readTimeline(c, 0)
		}
	}
	for id := range d.listens {
		if !wanted[id] {
			delete(d.listens, id)
			d.feed.listen(id, false)
		}
	}
	for id, on := range wanted {
		if on && !d.listens[id] && d.feed != nil {
			d.listens[id] = true
			d.feed.listen(id, true)
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
	if d.ctx.Page().URL().Path != path {
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
		m.loading, m.failure = false, signin.Said(err)
		d.later(3*time.Second, func() { m.load = m.state.Phase == live.Live })
		return false
	}
	m.failure = ""
	table.page(list.Carts)
	table.tick()
	if list.Next != "" && !m.load {
		return true
	}
	table.finish()
	table.sort()
	if !m.resumed {
		m.resumed = true
		m.tabs.resume(table)
	}
	m.loading, m.loaded = false, true
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
				c.said[atNote] = "The timeline can't be read. " + signin.Said(err)
				return
			}
			c.listed(timeline, before > 0)
		}
	})
}

// moved takes a new state of the connection.
func (d *Desk) moved(state live.State) {
	m := d.model
	m.moved(state)
	switch {
	case m.Face != signin.Inside:
		d.out()
	case state.Phase == live.Live:
		// Another process may answer now, perhaps of a newer version.
		app.TryUpdate()
	case state.Phase == live.Waiting:
		// Browsers hide why an attempt failed; it may be that the session is over.
		d.background(func(ctx context.Context) func() {
			who, err := d.server.Session(ctx)
			return func() {
				if m.Face != signin.Inside {
					return
				}
				if m.Recognised(who, err); m.Face != signin.Inside {
					d.out()
				}
			}
		})
	}
	d.changed()
}

// ear brings what a feed hears to the page, unless the page has another feed by
// then.
type ear struct {
	page *Desk
	feed *feed
}

func (e *ear) moved(state live.State) { e.dispatch(func(d *Desk) { d.moved(state) }) }

func (e *ear) took(messages []shared.Message, lost bool) {
	began := time.Now()
	e.dispatch(func(d *Desk) {
		if d.model.took(messages, lost) {
			d.drawn++
		}
		d.settle()
		d.ctx.Defer(func(app.Context) { e.feed.gather.Spent(time.Since(began)) })
	})
}

func (e *ear) ticked() {
	e.dispatch(func(d *Desk) {
		d.model.over = d.model.over && browser.Pointed(idFrame) // it may not say that it leaves
		d.model.ticked()
		d.settle()
	})
}

func (e *ear) dispatch(change func(*Desk)) {
	e.page.dispatch(func() {
		if e.page.feed == e.feed {
			change(e.page)
		}
	})
}
