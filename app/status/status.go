package status

import (
	"context"
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
	idFeed = "feed"
	idLine = "line"
)

// needs is said on the sign-in form.
const needs = "Cart events are for staff. Your account needs the role " + shared.RoleEventListener + "."

// pathSocket is the events endpoint.
const pathSocket = "/events/io"

// Status is the page. The zero value is ready.
type Status struct {
	app.Compo

	model  *model
	server *api.Client
	ctx    app.Context // of the mounted page
	watch  *watch      // nil unless there is one
	behind bool        // the feed has news below what is seen
}

// OnInit prepares the page, in the browser and for prerendering.
func (s *Status) OnInit() {
	s.model = newModel(time.Now)
	s.server = api.New(browser.Fetch)
}

// OnPreRender names the page.
func (s *Status) OnPreRender(ctx app.Context) { title(ctx) }

// OnNav names the page.
func (s *Status) OnNav(ctx app.Context) { title(ctx) }

func title(ctx app.Context) {
	part.SetTitle(ctx, "Cart events", "The state of the gateway, and every change of a cart as it happens.")
}

// OnMount runs when the program has taken the page over: it asks who is there.
func (s *Status) OnMount(ctx app.Context) {
	defer part.Guard()
	s.ctx = ctx
	browser.OnLeave(s.unwatch)
	s.meet(false, s.server.Session)
}

// OnAsk asks again who is there.
func (s *Status) OnAsk(app.Context, app.Event) {
	defer part.Guard()
	s.model.Problem = ""
	s.meet(false, s.server.Session)
}

// OnDismount ends the connection.
func (s *Status) OnDismount() { s.unwatch() }

// Render draws the face that the page shows.
func (s *Status) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	if s.model.Face == signin.Inside {
		return part.Page(part.PathEvents, s.renderGateway())
	}
	return part.Page(part.PathEvents, signin.Door(&s.model.State, s, "Cart events", needs))
}

// background runs what blocks, and then brings its outcome to the page.
func (s *Status) background(work func(context.Context) func()) {
	go func() {
		defer part.Guard()
		ctx, cancel := context.WithTimeout(context.Background(), api.Timeout)
		defer cancel()
		outcome := work(ctx)
		s.ctx.Dispatch(func(app.Context) {
			defer part.Guard()
			outcome()
		})
	}()
}

// meet finds out who is signed in, by asking or by signing in, and begins to
// watch if they may.
func (s *Status) meet(asked bool, who func(context.Context) (shared.StaffSession, error)) {
	s.background(func(ctx context.Context) func() {
		session, err := who(ctx)
		return func() { s.met(session, err, asked) }
	})
}

func (s *Status) met(session shared.StaffSession, err error, asked bool) {
	before := s.model.Face
	if s.model.met(session, err, asked) {
		s.rewatch()
	}
	s.ctx.Defer(func(app.Context) {
		defer part.Guard()
		signin.Focus(before, s.model.Face)
	})
}

// OnSignIn handles the form.
func (s *Status) OnSignIn(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if s.model.Busy {
		return
	}
	s.model.Busy, s.model.Problem = true, ""
	in := signin.Entered()
	s.meet(true, func(ctx context.Context) (shared.StaffSession, error) { return s.server.SignIn(ctx, in) })
}

// OnSignOut handles the button.
func (s *Status) OnSignOut(app.Context, app.Event) {
	defer part.Guard()
	if s.model.Busy {
		return
	}
	s.model.Busy = true
	s.background(func(ctx context.Context) func() {
		err := s.server.SignOut(ctx)
		return func() { s.left(err) }
	})
}

// left takes what came of signing out.
func (s *Status) left(err error) {
	if !s.model.Left(err) {
		return
	}
	s.unwatch()
	s.model.forget()
	s.focusForm()
}

// rewatch begins to watch anew.
func (s *Status) rewatch() {
	s.unwatch()
	scheme, host := browser.Location()
	socket := map[string]string{"http": "ws", "https": "wss"}[scheme]
	l := &listener{page: s}
	l.watch = newWatch(socket+"://"+host+pathSocket, l)
	s.watch = l.watch
	s.watch.start()
}

func (s *Status) unwatch() {
	if s.watch != nil {
		s.watch.stop()
		s.watch = nil
	}
}

// moved takes a new state of the connection.
func (s *Status) moved(state live.State) {
	s.model.moved(state)
	if s.model.Face != signin.Inside {
		s.unwatch()
		s.focusForm()
		return
	}
	switch state.Phase {
	case live.Live:
		// Another process may answer now, perhaps of a newer version.
		app.TryUpdate()
		s.background(func(ctx context.Context) func() {
			g, err := s.server.Gateway(ctx)
			return func() {
				// Without it the figures come with the next change.
				if err == nil && s.model.Face == signin.Inside {
					s.model.reported(g)
				}
			}
		})
	case live.Waiting:
		// Browsers hide why an attempt failed; it may be that the session is
		// over.
		s.background(func(ctx context.Context) func() {
			who, err := s.server.Session(ctx)
			return func() { s.recognised(who, err) }
		})
	}
}

// recognised takes who is signed in while the connection is lost.
func (s *Status) recognised(who shared.StaffSession, err error) {
	if s.model.Face != signin.Inside {
		return
	}
	s.model.recognised(who, err)
	if s.model.Face != signin.Inside {
		s.unwatch()
		s.focusForm()
	}
}

// focusForm moves the keyboard to the sign-in form, if that is what the page shows
// from now on.
func (s *Status) focusForm() {
	s.ctx.Defer(func(app.Context) {
		defer part.Guard()
		signin.Focus(signin.Inside, s.model.Face)
	})
}

// follow keeps the newest event in view, unless the visitor has scrolled up to
// read. It is called after the feed has changed and before that is drawn.
func (s *Status) follow() {
	if s.model.feed.paused || !browser.AtEnd(idFeed) {
		s.behind = !s.model.feed.paused
		return
	}
	s.behind = false
	s.ctx.Defer(func(app.Context) {
		defer part.Guard()
		browser.ScrollToEnd(idFeed)
	})
}

// listener brings what a watch hears to the page, unless the page has another
// watch by then.
type listener struct {
	page  *Status
	watch *watch
}

func (l *listener) moved(state live.State) {
	l.dispatch(func(s *Status) { s.moved(state); s.follow() })
}

func (l *listener) took(arrivals []arrival, lost int) {
	began := time.Now()
	l.dispatch(func(s *Status) {
		s.model.took(arrivals, lost)
		s.follow()
		s.ctx.Defer(func(app.Context) { l.watch.gather.Spent(time.Since(began)) })
	})
}

func (l *listener) ticked() { l.dispatch(func(*Status) {}) }

func (l *listener) dispatch(change func(*Status)) {
	l.page.ctx.Dispatch(func(app.Context) {
		defer part.Guard()
		if l.page.watch == l.watch {
			change(l.page)
		}
	})
}
