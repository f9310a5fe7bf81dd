package status

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// renderGateway is the page for staff who may watch.
func (s *Status) renderGateway() app.UI {
	return h.Div().Class("gateway").Body(
		h.Div().Class("intro row spread").Body(
			h.Div().Body(
				h.H1().Text("Cart events"),
				h.P().Text("Every change of every cart, as it happens."),
			),
			h.Div().Class("row").Body(
				h.P().Class("muted").Body(
					app.Text("Signed in as "),
					h.Strong().ID(idWho).Text(s.model.who.Username),
				),
				s.renderSignOut(),
			),
		),
		app.If(s.model.problem != "", func() app.UI {
			return h.P().Class("message error").Role("alert").Text(s.model.problem)
		}),
		s.renderSummary(),
		s.renderFeed(),
		s.renderSessions(),
	)
}

func (s *Status) renderSummary() app.UI {
	m := s.model
	class := "card summary"
	if m.state.Phase != live.Live {
		class += " stale"
	}
	connections, echo := "Serving … connections", "… echo connections"
	if m.known {
		connections = serving(m.gateway.Connections)
		echo = part.Count(m.gateway.Echo, "echo connection", "echo connections")
	}
	return h.Section().Class(class).Aria("label", "Gateway").Body(
		h.Div().Class("row spread").Body(
			h.Div().Class("figures").Body(
				h.P().ID(idConnections).Class("figure").Text(connections),
				h.P().Class("muted").Body(
					app.Text("and "),
					h.Span().ID(idEcho).Text(echo),
				),
			),
			h.Div().Class("row").Body(
				h.P().Class("status-line").Body(
					h.Span().Class("dot "+phaseClass(m.state.Phase)),
					h.Span().ID(idState).Body(
						h.Span().Role("status").Text(m.stateText()),
						h.Span().Class("count").Text(m.countdown()),
					),
				),
				s.renderRetry(),
			),
		),
		h.Dl().Class("facts").Body(
			fact("Process", m.gateway.Process),
			fact("Mode", m.gateway.Mode),
			fact("Version", m.gateway.Version),
			fact("Store", m.gateway.Store),
			h.Div().Body(
				h.Dt().Text("Up for"),
				h.Dd().Body(s.uptime()),
			),
		),
	)
}

func (s *Status) renderRetry() app.UI {
	switch s.model.state.Phase {
	case live.Waiting:
		return h.Button().Class("button small").Attr("type", "button").Text("Try now").OnClick(s.onHurry)
	case live.Ended:
		return h.Button().Class("button small").Attr("type", "button").Text("Connect again").OnClick(s.onAgain)
	default:
		return nil
	}
}

func phaseClass(p live.Phase) string {
	switch p {
	case live.Live:
		return "on"
	case live.Ended:
		return "off"
	default:
		return "busy"
	}
}

func fact(name, value string) app.UI {
	if value == "" {
		value = "–"
	}
	return h.Div().Body(h.Dt().Text(name), h.Dd().Text(value))
}

func (s *Status) uptime() app.UI {
	started := s.model.gateway.StartedAt
	if started.IsZero() {
		return h.Span().Text("–")
	}
	return h.Time().Attr("datetime", started.Format(time.RFC3339)).
		Title("Since " + started.Local().Format("2 January 2006, 15:04:05")).
		Text(part.Duration(s.model.now().Sub(started)))
}

func (s *Status) renderSessions() app.UI {
	g := s.model.gateway
	return h.Section().Class("card").Aria("labelledby", "sessions-title").Body(
		h.Div().Class("card-head").Body(h.H2().ID("sessions-title").Text("Sessions")),
		h.Div().Class("table-frame").Body(
			h.Table().ID(idSessions).Aria("labelledby", "sessions-title").Body(
				h.THead().Body(h.Tr().Body(
					h.Th().Attr("scope", "col").Text("Name"),
					h.Th().Attr("scope", "col").Text("Since"),
					h.Th().Attr("scope", "col").Text("Listens to"),
				)),
				h.TBody().Body(
					app.Range(g.Sessions).Slice(func(i int) app.UI { return newSessionRow(g.Sessions[i]) }),
				),
			),
		),
		app.If(g.Connections > len(g.Sessions), func() app.UI {
			return h.P().Class("muted small-text").Text("and " + part.Number(g.Connections-len(g.Sessions)) + " more")
		}),
	)
}

// sessionRow is one session. Like row, it can be compared.
type sessionRow struct {
	app.Compo

	Name     string
	Since    time.Time
	Channels string
}

func newSessionRow(x shared.SocketSession) *sessionRow {
	channels := strings.Join(x.Listening, ", ")
	if channels == "" {
		channels = "nothing"
	}
	return &sessionRow{Name: x.Name, Since: x.Since, Channels: channels}
}

// Render draws the session.
func (r *sessionRow) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	since := r.Since.Local()
	return h.Tr().Body(
		h.Td().Class("mono").Text(r.Name),
		h.Td().Body(
			h.Time().Attr("datetime", r.Since.Format(time.RFC3339)).Title(since.Format("2 January 2006, 15:04:05")).Text(since.Format("15:04:05")),
		),
		h.Td().Class("mono").Text(r.Channels),
	)
}

func (s *Status) renderFeed() app.UI {
	m := s.model
	items := m.feed.items()
	pause := h.Button().Class("button small").Attr("type", "button").OnClick(s.onPause)
	if m.feed.paused {
		pause = pause.Class("primary").Text("Resume" + waiting(m.feed.waiting))
	} else {
		pause = pause.Text("Pause")
	}
	return h.Section().Class("card log-card").Aria("labelledby", "feed-title").Body(
		h.Div().Class("row spread card-head").Body(
			h.H2().ID("feed-title").Text("Feed"),
			h.Div().Class("row").Body(
				h.Label().Class("check").Body(
					h.Input().Attr("type", "checkbox").Attr("checked", m.feed.gateway).OnChange(s.onGateway),
					h.Span().Text("Gateway messages"),
				),
				pause,
				h.Button().Class("button small").Attr("type", "button").Text("Clear").OnClick(s.onClear),
			),
		),
		h.P().Class("muted small-text listening").Text(listening(m)),
		h.Div().Class("log-frame").Body(
			h.Ol().ID(idFeed).Class("log feed").TabIndex(0).Role("log").Aria("label", "Events").Body(
				app.Range(items).Slice(func(i int) app.UI { return newRow(items[i], s) }),
			),
			app.If(s.behind, func() app.UI {
				return h.Button().Class("button small newest").Attr("type", "button").Text("↓ Newest").OnClick(s.onNewest)
			}),
		),
		h.Form().Class("send").OnSubmit(s.onLine).Body(
			h.Div().Class("row").Body(
				h.Label().Class("grow").Body(
					h.Span().Class("label").Text("Send to the gateway"),
					h.Input().ID(idLine).Class("field mono").Attr("type", "text").Attr("name", "line").
						Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("enterkeyhint", "send").Spellcheck(false).
						Attr("placeholder", "Enter sends it"),
				),
				h.Div().Class("row buttons").Body(
					h.Button().Class("button").Attr("type", "submit").Text("Send"),
				),
			),
			h.P().Class("hint").Body(
				h.Span().Text("For example:"),
				h.Button().Class("chip mono").Attr("type", "button").Text(s.suggested()).OnClick(s.onSuggested),
			),
		),
	)
}

func waiting(n int) string {
	if n == 0 {
		return ""
	}
	return " (" + part.Number(n) + " new)"
}

// listening says what the feed can bring.
func listening(m *model) string {
	var text string
	switch {
	case m.deaf():
		text = "Not listening to " + shared.ChannelCartActivity + ", so no changes of carts will show."
	case len(m.listening) == 0:
		text = "Listening to nothing yet."
	default:
		text = "Listening to " + strings.Join(m.listening, " and ") + "."
	}
	if n := m.feed.roll.Dropped(); n > 0 {
		text += " " + part.Count(n, "older message", "older messages") + " not kept."
	}
	return text
}

// suggested is a message worth sending now.
func (s *Status) suggested() string {
	if s.model.deaf() {
		return listenText
	}
	return unlistenText
}

var (
	listenText   = mustText(shared.Request{Listen: shared.ChannelCartActivity})
	unlistenText = mustText(shared.Request{Unlisten: shared.ChannelCartActivity})
)

// mustText encodes a request that is constant, and so valid.
func mustText(r shared.Request) string {
	text, err := r.Text()
	if err != nil {
		panic(err)
	}
	return text
}

func (s *Status) onHurry(app.Context, app.Event) {
	defer part.Guard()
	if s.watch != nil {
		s.watch.client.Hurry()
	}
}

func (s *Status) onAgain(app.Context, app.Event) {
	defer part.Guard()
	s.model.state = live.State{Phase: live.Connecting}
	s.rewatch()
}

func (s *Status) onPause(app.Context, app.Event) {
	defer part.Guard()
	if s.model.feed.paused {
		s.model.feed.resume()
		s.follow()
	} else {
		s.model.feed.pause()
	}
}

func (s *Status) onClear(app.Context, app.Event) {
	defer part.Guard()
	s.model.feed.clear()
	s.behind = false
}

func (s *Status) onGateway(ctx app.Context, _ app.Event) {
	defer part.Guard()
	s.model.feed.gateway = ctx.JSSrc().Get("checked").Bool()
}

func (s *Status) onNewest(app.Context, app.Event) {
	defer part.Guard()
	s.behind = false
	browser.ScrollToEnd(idFeed)
}

func (s *Status) onSuggested(app.Context, app.Event) {
	defer part.Guard()
	browser.SetValue(idLine, s.suggested())
	browser.Focus(idLine)
}

// onLine sends the line, and keeps it if that fails.
func (s *Status) onLine(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	text := browser.Value(idLine)
	if text == "" || s.watch == nil {
		return
	}
	if err := s.watch.send(text); err != nil {
		s.model.feed.add([]item{ownItem(s.model.now(), "Not sent: "+err.Error())}, 0)
		s.follow()
		return
	}
	browser.SetValue(idLine, "")
}
