package status

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderGateway is the page for staff who may watch.
func (s *Status) renderGateway() app.UI {
	return h.HTML(`<div class="gateway">
		<div class="intro row spread">
			<div>
				<h1>Cart events</h1>
				<p>Every change of every cart, as it happens.</p>
			</div>
			{}
		</div>
		{}
		{}
		{}
		{}
		{}
		{}
		{}
	</div>`,
		s.door.Who(),
		s.door.Trouble(),
		s.renderSummary(),
		s.renderFeed(),
		s.renderProcesses(),
		s.renderSessions(),
		s.renderInspection(),
		s.renderRefused(),
	)
}

func (s *Status) renderSummary() app.UI {
	m := s.model
	class := "card summary"
	if m.line.CutOff(m.now()) {
		class += " stale"
	}
	connections, echo := "Serving … connections", "… echo connections"
	if m.known {
		connections = serving(m.gateway.Connections)
		echo = part.Count(m.gateway.Echo, "echo connection", "echo connections")
	}
	return h.HTML(`<section class={} aria-label="Gateway">
		<div class="row spread">
			<div class="figures">
				<p class="figure" id="connections">{}</p>
				<p class="muted">and <span id="echo">{}</span></p>
				{}
			</div>
			{}
		</div>
		<dl class="facts">
			{}
			{}
			{}
			{}
			<div>
				<dt>Up for</dt>
				<dd>{}</dd>
			</div>
		</dl>
	</section>`,
		class,
		connections,
		echo,
		app.If(m.gateway.All.Several(), func() app.UI {
			return h.HTML(`<p class="muted" id="all">{}</p>`, together(m.gateway.All))
		}),
		s.feed.Draw("state", &m.line, m.now()),
		fact("Process", m.gateway.Process),
		fact("Mode", m.gateway.Mode),
		fact("Version", m.gateway.Version),
		fact("Store", m.gateway.Store),
		s.uptime(),
	)
}

func fact(name, value string) app.UI {
	if value == "" {
		value = "–"
	}
	return h.HTML(`<div>
		<dt>{}</dt>
		<dd>{}</dd>
	</div>`, name, value)
}

func (s *Status) uptime() app.UI {
	started := s.model.gateway.StartedAt
	if started.IsZero() {
		return h.HTML(`<span>–</span>`)
	}
	return h.HTML(`<time datetime={} title={}>{}</time>`,
		started.Format(time.RFC3339),
		"Since "+started.Local().Format("2 January 2006, 15:04:05"),
		part.Duration(s.model.now().Sub(started)),
	)
}

func (s *Status) renderSessions() app.UI {
	g := s.model.gateway
	return h.HTML(`<section class="card" aria-labelledby="sessions-title">
		<div class="card-head"><h2 id="sessions-title">Sessions</h2></div>
		<div class="table-frame">
			<table id="sessions" aria-labelledby="sessions-title">
				<thead>
					<tr>
						<th scope="col">Name</th>
						<th scope="col">Since</th>
						<th scope="col">Listens to</th>
					</tr>
				</thead>
				<tbody>{}</tbody>
			</table>
		</div>
		{}
	</section>`,
		app.Range(g.Sessions).Slice(func(i int) app.UI { return newSessionRow(g.Sessions[i]) }),
		app.If(g.Connections > len(g.Sessions), func() app.UI {
			return h.HTML(`<p class="muted small-text">{}</p>`, "and "+part.Number(g.Connections-len(g.Sessions))+" more")
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
	return h.HTML(`<tr>
		<td class="mono">{}</td>
		<td>
			<time datetime={} title={}>{}</time>
		</td>
		<td class="mono">{}</td>
	</tr>`, r.Name, r.Since.Format(time.RFC3339), since.Format("2 January 2006, 15:04:05"), since.Format("15:04:05"), r.Channels)
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
	return h.HTML(`<section class="card log-card" aria-labelledby="feed-title">
		<div class="row spread card-head">
			<h2 id="feed-title">Feed</h2>
			<div class="row">
				<label class="check">
					<input type="checkbox" checked={} onchange={}>
					<span>Gateway messages</span>
				</label>
				{}
				<button class="button small" type="button" onclick={}>Clear</button>
			</div>
		</div>
		<p class="muted small-text listening">{}</p>
		<div class="log-frame">
			<ol class="log feed" id="feed" tabindex="0" role="log" aria-label="Events">{}</ol>
			{}
		</div>
		<form class="send" onsubmit={}>
			<div class="row">
				<label class="grow">
					<span class="label">Send to the gateway</span>
					<input class="field mono" id="line" type="text" name="line" autocomplete="off" autocapitalize="off" enterkeyhint="send" spellcheck="false" placeholder="Enter sends it">
				</label>
				<div class="row buttons"><button class="button" type="submit">Send</button></div>
			</div>
			<p class="hint">
				<span>For example:</span>
				<button class="chip mono" type="button" onclick={}>{}</button>
				{}
			</p>
		</form>
	</section>`,
		m.feed.gateway,
		s.onGateway,
		pause,
		s.onClear,
		listening(m),
		app.Range(items).Slice(func(i int) app.UI { return newRow(items[i], s) }),
		app.If(s.behind, func() app.UI {
			return h.HTML(`<button class="button small newest" type="button" onclick={}>↓ Newest</button>`, s.onNewest)
		}),
		s.onLine,
		s.onSuggested,
		s.suggested(),
		app.If(m.since != "", func() app.UI {
			return h.HTML(`<button class="chip mono" id="replay" type="button" title="Tell again what has happened since this page began to listen" onclick={}>{}</button>`, s.onReplay, s.replay())
		}),
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
	case !m.line.Live():
		text = "Not listening at the moment."
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

// mustText encodes a request of ours, which is valid.
func mustText(r shared.Request) string {
	text, err := r.Text()
	if err != nil {
		panic(err)
	}
	return text
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

// replay asks again for what has been heard since the page began to listen.
func (s *Status) replay() string {
	return mustText(shared.Request{Listen: shared.ChannelCartActivity, After: s.model.since})
}

func (s *Status) onReplay(app.Context, app.Event) {
	defer part.Guard()
	browser.SetValue(idLine, s.replay())
	browser.Focus(idLine)
}

// onLine sends the line, and keeps it if that fails.
func (s *Status) onLine(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	text := browser.Value(idLine)
	if text == "" {
		return
	}
	if err := s.feed.Send(text); err != nil {
		s.model.feed.add([]item{ownItem(s.model.now(), "Not sent: "+err.Error())}, 0)
		s.follow()
		return
	}
	browser.SetValue(idLine, "")
}
