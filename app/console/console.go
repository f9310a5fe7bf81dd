package console

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/api"
	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// The ids that scripts and tests rely on, those of the first article, and two of
// our own. message is the message line, not the log.
const (
	idStatus  = "status"
	idURL     = "url"
	idOpen    = "open"
	idClose   = "close"
	idSend    = "send"
	idText    = "text"
	idMessage = "message"
	idLog     = "log"
	idNewest  = "newest"
)

// drawEvery paces the log: many messages are drawn together.
const drawEvery = 60 * time.Millisecond

// Console is the page. The zero value is ready.
type Console struct {
	app.Compo

	model    *model
	server   *api.Client
	gather   *part.Gather[entry]
	link     *link // the present or last connection; nil before the first
	endpoint string
	behind   bool // the log has news below what is seen
	ready    bool // the program runs in a browser, so buttons work
}

// OnInit prepares the page, in the browser and for prerendering.
func (c *Console) OnInit() {
	scheme, host := browser.Location()
	c.model = newModel(site{scheme: scheme, host: host}, time.Now)
	c.server = api.New(browser.Fetch)
	c.ready = app.IsClient
	c.endpoint = pathEcho
}

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
	browser.OnLeave(c.leave)
	c.gather = part.NewGather(maxEntries, drawEvery, func(entries []entry, lost int) {
		ctx.Dispatch(func(ctx app.Context) {
			defer part.Guard()
			began := time.Now()
			c.model.took(entries, lost)
			c.follow(ctx)
			ctx.Defer(func(app.Context) { c.gather.Spent(time.Since(began)) })
		})
	})
}

// OnDismount leaves the connection.
func (c *Console) OnDismount() {
	c.leave()
	if c.gather != nil {
		c.gather.Stop()
	}
}

func (c *Console) leave() {
	if c.link != nil {
		c.link.close()
	}
}

// Render draws the page.
func (c *Console) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	return part.Page(part.PathConsole,
		h.Div().Class("intro").Body(
			h.H1().Text("WebSocket console"),
			h.P().Text("Connect to an endpoint, send a message, and see what comes back."),
		),
		h.Section().Class("card").Aria("label", "Connection").Body(
			c.renderConnect(),
			c.renderSend(),
			c.renderLine(),
		),
		c.renderLog(),
	)
}

func (c *Console) renderConnect() app.UI {
	m := c.model
	url := h.Input().ID(idURL).Class("field mono").Attr("type", "url").Attr("name", "url").
		Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("enterkeyhint", "go").Spellcheck(false).
		Attr("placeholder", "This server's echo endpoint").
		OnInput(c.onURL)
	if c.ready {
		// It is written once. From then on the input is the visitor's.
		url = url.Attr("value", m.site.endpoint(pathEcho))
	}
	if !c.ready || !m.canConnect() {
		url = url.Attr("readonly", true)
	}
	return h.Form().Class("connect").Attr("novalidate", "novalidate").OnSubmit(c.onConnect).Body(
		h.Div().Class("row spread").Body(
			h.P().Class("status-line").Body(
				h.Span().Class("dot "+phaseClass(m.phase)),
				h.Span().Class("sr").Text("Status: "),
				h.Span().ID(idStatus).Role("status").Text(m.phase.status()),
			),
			h.Div().Class("segments").Role("group").Aria("label", "Endpoint of this server").Body(
				c.segment(pathEcho, "Echo"),
				c.segment(pathEvents, "Cart events"),
			),
		),
		h.Div().Class("row").Body(
			h.Label().Class("grow").Body(
				h.Span().Class("label").Text("URL"),
				url,
			),
			h.Div().Class("row buttons").Body(
				button("Connect", idOpen, "primary", c.ready && m.canConnect()).Attr("type", "submit"),
				button("Disconnect", idClose, "", c.ready && m.canDisconnect()).Attr("type", "button").OnClick(c.onDisconnect),
			),
		),
	)
}

// segment switches the URL to one of this server's own endpoints.
func (c *Console) segment(path, name string) app.UI {
	usable := c.ready && c.model.canConnect()
	b := h.Button().Class("segment").Attr("type", "button").Text(name)
	switch {
	case !c.ready:
		return b.Attr("disabled", true)
	case !usable:
		b = b.Attr("disabled", true).Title("Disconnect first to switch the endpoint")
	}
	if c.endpoint == path {
		b = b.Aria("pressed", "true")
	} else {
		b = b.Aria("pressed", "false")
	}
	if path == pathEcho {
		return b.OnClick(c.onEcho)
	}
	return b.OnClick(c.onEvents)
}

func (c *Console) renderSend() app.UI {
	m := c.model
	text := h.Input().ID(idText).Class("field mono").Attr("type", "text").Attr("name", "text").
		Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("enterkeyhint", "send").Spellcheck(false)
	if !m.canSend() {
		text = text.Attr("placeholder", "Connect first, then type here")
	} else {
		text = text.Attr("placeholder", "Type a message")
	}
	if !c.ready {
		text = text.Attr("readonly", true)
	}
	return h.Form().Class("send").OnSubmit(c.onSend).Body(
		h.Div().Class("row").Body(
			h.Label().Class("grow").Body(
				h.Span().Class("label").Text("Message"),
				text,
			),
			h.Div().Class("row buttons").Body(
				button("Send", idSend, "primary", c.ready && m.canSend()).Attr("type", "submit"),
			),
		),
		app.If(m.offersListen(), func() app.UI {
			return h.P().Class("hint").Body(
				h.Span().Text("To hear of every change of a cart, send:"),
				h.Button().Class("chip mono").Attr("type", "button").Text(listenText).OnClick(c.onListen),
			)
		}),
	)
}

// listenText asks the events endpoint for what happens to carts.
var listenText = func() string {
	text, err := shared.Request{Listen: shared.ChannelCartActivity}.Text()
	if err != nil {
		panic(err) // a constant request that is invalid
	}
	return text
}()

func (c *Console) renderLine() app.UI {
	l := c.model.line
	class := "message"
	if l.error {
		class += " error"
	}
	return h.Div().Class("message-line").Body(
		h.P().ID(idMessage).Class(class).Aria("live", "polite").Text(l.text),
		app.If(l.suggestion != "", func() app.UI {
			return h.Button().Class("chip mono").Attr("type", "button").Text("Use " + l.suggestion).OnClick(c.onSuggestion)
		}),
		app.If(l.signIn, func() app.UI {
			return h.A().Class("chip").Attr("href", part.PathEvents).Text("To the sign-in")
		}),
	)
}

func (c *Console) renderLog() app.UI {
	m := c.model
	entries := m.log.Items()
	clear := h.Button().Class("button small").Attr("type", "button").Text("Clear").OnClick(c.onClear)
	if len(entries) == 0 {
		clear = clear.Attr("disabled", true)
	}
	return h.Section().Class("card log-card").Aria("labelledby", "log-title").Body(
		h.Div().Class("row spread card-head").Body(
			h.H2().ID("log-title").Text("Log"),
			h.Div().Class("row").Body(
				h.P().Class("muted small-text").Text(logCount(m)),
				clear,
			),
		),
		app.If(len(entries) == 0, func() app.UI {
			return h.P().Class("empty").Text("What is sent and received shows here, with its time and size.")
		}).Else(func() app.UI {
			return h.Div().Class("log-frame").Body(
				// Messages are announced by the message line; a live log would
				// say each of them twice.
				h.Ol().ID(idLog).Class("log").TabIndex(0).Role("log").Aria("live", "off").Aria("label", "Messages").Body(
					app.Range(entries).Slice(func(i int) app.UI { return newRow(entries[i], c) }),
				),
				app.If(c.behind, func() app.UI {
					return h.Button().ID(idNewest).Class("button small newest").Attr("type", "button").Text("↓ Newest").OnClick(c.onNewest)
				}),
			)
		}),
	)
}

func logCount(m *model) string {
	text := part.Count(len(m.log.Items()), "entry", "entries")
	if n := m.log.Dropped(); n > 0 {
		text += ", " + part.Number(n) + " older not kept"
	}
	return text
}

func button(name, id, kind string, enabled bool) app.HTMLElem {
	b := h.Button().ID(id).Class("button " + kind).Text(name)
	if !enabled {
		b = b.Attr("disabled", true)
	}
	return b
}

func phaseClass(p phase) string {
	return [...]string{"off", "busy", "on", "busy"}[p]
}

func (c *Console) onURL(app.Context, app.Event) {
	defer part.Guard()
	c.endpoint = c.model.site.endpointOf(browser.Value(idURL))
}

func (c *Console) onEcho(app.Context, app.Event) {
	defer part.Guard()
	c.use(c.model.site.endpoint(pathEcho))
}

func (c *Console) onEvents(app.Context, app.Event) {
	defer part.Guard()
	c.use(c.model.site.endpoint(pathEvents))
}

func (c *Console) onSuggestion(app.Context, app.Event) {
	defer part.Guard()
	c.use(c.model.line.suggestion)
	browser.Focus(idOpen)
}

// use writes an address into the URL field.
func (c *Console) use(url string) {
	browser.SetValue(idURL, url)
	c.endpoint = c.model.site.endpointOf(url)
	c.model.line = line{}
}

func (c *Console) onListen(app.Context, app.Event) {
	defer part.Guard()
	browser.SetValue(idText, listenText)
	browser.Focus(idText)
}

func (c *Console) onConnect(ctx app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if !c.model.canConnect() {
		return
	}
	to, ok := c.model.connect(browser.Value(idURL))
	if !ok {
		return
	}
	c.endpoint = c.model.site.endpointOf(to.url)
	c.link = open(dialLive, to.url, &listener{page: c, ctx: ctx, to: to})
	c.follow(ctx)
}

func dialLive(ctx context.Context, url string) (connection, error) {
	conn, err := live.Dial(ctx, url, live.Options{})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (c *Console) onDisconnect(app.Context, app.Event) {
	defer part.Guard()
	if !c.model.canDisconnect() {
		return
	}
	c.model.disconnect()
	c.link.close()
}

func (c *Console) onSend(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if !c.model.canSend() {
		return
	}
	text := browser.Value(idText)
	if !c.link.send(text) {
		c.model.full()
		return
	}
	c.gather.Add(textEntry(time.Now(), sent, text))
	browser.SetValue(idText, "")
	browser.Focus(idText)
}

func (c *Console) onClear(app.Context, app.Event) {
	defer part.Guard()
	c.model.clear()
	c.behind = false
}

func (c *Console) onNewest(app.Context, app.Event) {
	defer part.Guard()
	c.behind = false
	browser.ScrollToEnd(idLog)
}

// follow keeps the newest entry in view, unless the visitor has scrolled up to
// read. It is called after the log has changed and before that is drawn.
func (c *Console) follow(ctx app.Context) {
	if !browser.AtEnd(idLog) {
		c.behind = true
		return
	}
	c.behind = false
	ctx.Defer(func(app.Context) {
		defer part.Guard()
		browser.ScrollToEnd(idLog)
	})
}

// listener brings what happens on a link to the page, in order.
type listener struct {
	page *Console
	ctx  app.Context
	to   address
}

func (l *listener) opened() {
	l.dispatch(func(c *Console) {
		c.model.opened()
		// The keyboard goes where it is wanted next.
		browser.Focus(idText)
	})
}

func (l *listener) received(m live.Message) {
	l.page.gather.Add(messageEntry(time.Now(), m))
}

func (l *listener) failed(timeout bool) {
	defer part.Guard()
	why := refusal{text: l.to.host + " did not answer within " + part.Duration(dialTimeout) + "."}
	if !timeout {
		ctx, cancel := context.WithTimeout(context.Background(), api.Timeout)
		defer cancel()
		why = explain(ctx, l.page.model.site, l.to, l.page.server)
	}
	l.dispatch(func(c *Console) { c.model.failed(why) })
}

func (l *listener) ended(code int, reason string) {
	l.dispatch(func(c *Console) { c.model.ended(code, reason) })
}

// dispatch changes the page after what was received before.
func (l *listener) dispatch(change func(*Console)) {
	l.page.gather.Flush()
	l.ctx.Dispatch(func(ctx app.Context) {
		defer part.Guard()
		change(l.page)
		l.page.follow(ctx)
	})
}
