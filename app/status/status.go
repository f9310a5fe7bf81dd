package status

import (
	"context"
	"errors"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// The ids that scripts and tests rely on.
const (
	idUsername    = "username"
	idPassword    = "password"
	idSignIn      = "signin"
	idSignOut     = "signout"
	idWho         = "who"
	idState       = "state"
	idConnections = "connections"
	idEcho        = "echo"
	idSessions    = "sessions"
	idFeed        = "feed"
	idLine        = "line"
)

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

// onAsk asks again who is there.
func (s *Status) onAsk(app.Context, app.Event) {
	defer part.Guard()
	s.model.problem = ""
	s.meet(false, s.server.Session)
}

// OnDismount ends the connection.
func (s *Status) OnDismount() { s.unwatch() }

// Render draws the face that the page shows.
func (s *Status) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	switch s.model.face {
	case signedOut:
		return part.Page(part.PathEvents, &signIn{Problem: s.model.problem, Busy: s.model.busy, Page: s})
	case forbidden:
		return part.Page(part.PathEvents, s.renderForbidden())
	case watching:
		return part.Page(part.PathEvents, s.renderGateway())
	default:
		return part.Page(part.PathEvents, s.renderChecking())
	}
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
	before := s.model.face
	if s.model.met(session, err, asked) {
		s.rewatch()
	}
	s.ctx.Defer(func(app.Context) {
		defer part.Guard()
		switch {
		case s.model.face == signedOut && before == signedOut:
			browser.Select(idPassword)
		case s.model.face == signedOut:
			browser.Focus(idUsername)
		case before == signedOut:
			// The form, and with it the keyboard's place, has gone.
			browser.FocusInPlace("main")
		}
	})
}

// onSignIn handles the form.
func (s *Status) onSignIn(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if s.model.busy {
		return
	}
	s.model.busy, s.model.problem = true, ""
	in := shared.SignIn{Username: browser.Value(idUsername), Password: browser.Value(idPassword)}
	s.meet(true, func(ctx context.Context) (shared.StaffSession, error) { return s.server.SignIn(ctx, in) })
}

func (s *Status) onSignOut(app.Context, app.Event) {
	defer part.Guard()
	if s.model.busy {
		return
	}
	s.model.busy = true
	s.background(func(ctx context.Context) func() {
		err := s.server.SignOut(ctx)
		return func() { s.left(err) }
	})
}

// left goes back to the form, once the server has ended the session; not before,
// as who sees the form may leave the desk.
func (s *Status) left(err error) {
	var p *shared.Problem
	if err != nil && (!errors.As(err, &p) || p.Status != 401) {
		s.model.busy = false
		s.model.problem = "You are still signed in. " + said(err)
		return
	}
	s.unwatch()
	s.model.signedOutBy("")
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
	if s.model.face != watching {
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
				if err == nil && s.model.face == watching {
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
	if s.model.face != watching {
		return
	}
	s.model.recognised(who, err)
	if s.model.face != watching {
		s.unwatch()
		s.focusForm()
	}
}

// focusForm moves the keyboard to the sign-in form, if that is what the page shows
// from now on.
func (s *Status) focusForm() {
	s.ctx.Defer(func(app.Context) {
		defer part.Guard()
		browser.Focus(idUsername)
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
