package status

import (
	"context"
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
	idFeed = "feed"
	idLine = "line"

	idInspectName = "inspect-name"
)

// needs is said on the sign-in form.
const needs = "Cart events are for staff. Your account needs the role " + shared.RoleEventListener + "."

// drawEvery paces the feed: many messages are drawn together.
const drawEvery = 60 * time.Millisecond

// Status is the page. The zero value is ready.
type Status struct {
	app.Compo

	model  *model
	server *api.Client
	door   *signin.Door
	feed   *feed.Feed
	ctx    app.Context // of the mounted page
	behind bool        // the feed has news below what is seen
}

// OnInit prepares the page, in the browser and for prerendering.
func (s *Status) OnInit() {
	s.model = newModel(time.Now)
	s.server = api.New(browser.Fetch)
	s.door = &signin.Door{
		State: &s.model.State, Server: s.server, Title: "Cart events", Needs: needs,
		Dispatch: s.dispatch, After: s.after, In: s.begin, Out: s.end,
		Refused: func(why string) { s.model.line.Refused(why) },
	}
	s.feed = feed.New(feed.Config{
		Listen: []shared.Request{{Listen: shared.ChannelCartActivity}, {Listen: shared.ChannelGateway}},
		Every:  drawEvery, Most: maxItems,
		Dispatch: s.dispatch, After: s.after,
		Moved: s.moved, Took: s.took, Ticked: func() {},
	})
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
	browser.OnLeave(s.feed.Stop)
	s.door.Ask()
}

// OnDismount ends the connection.
func (s *Status) OnDismount() { s.feed.Stop() }

// Render draws the face that the page shows.
func (s *Status) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	if s.model.Face == signin.Inside {
		return part.Page(part.PathEvents, s.renderGateway())
	}
	return part.Page(part.PathEvents, s.door.Draw())
}

func (s *Status) dispatch(change func()) { part.Dispatch(s.ctx, change) }

func (s *Status) after(do func()) { part.After(s.ctx, do) }

// begin shows the gateway to whoever has come in, and end to nobody any more.
func (s *Status) begin() {
	s.model.begin()
	s.feed.Start()
}

func (s *Status) end() {
	s.feed.Stop()
	s.model.begin()
}

// moved takes a new state of the connection.
func (s *Status) moved(state live.State) {
	s.model.moved(state)
	s.follow()
	s.door.Moved(state)
	if state.Phase != live.Live {
		return
	}
	// Another process may answer now, perhaps of a newer version.
	app.TryUpdate()
	part.Background(api.Timeout, s.dispatch, func(ctx context.Context) func() {
		g, err := s.server.Gateway(ctx)
		return func() {
			// Without it the figures come with the next change.
			if err == nil && s.model.Face == signin.Inside {
				s.model.asked(g)
			}
		}
	})
}

func (s *Status) took(heard []feed.Arrival, lost int) {
	s.model.took(heard, lost)
	s.follow()
}

// follow keeps the newest event in view, unless the visitor has scrolled up to
// read. It is called after the feed has changed and before that is drawn.
func (s *Status) follow() {
	if s.model.feed.paused || !browser.AtEnd(idFeed) {
		s.behind = !s.model.feed.paused
		return
	}
	s.behind = false
	s.after(func() { browser.ScrollToEnd(idFeed) })
}
