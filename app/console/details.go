package console

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/lab"
)

// details draws the fold Details. It is a component so that it is drawn again only when
// Version has changed, and not with each message.
type details struct {
	app.Compo

	Pane    *pane
	Phase   phase
	Version int
}

// renderDetails draws the fold.
func (f *face) renderDetails() app.UI {
	return &details{Pane: f.Pane, Phase: f.Pane.model.phase, Version: f.Pane.insight.version}
}

// Render draws what is known of the connection.
func (d *details) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	return h.HTML(`<div class="details">{}{}{}{}{}</div>`,
		d.renderConnection(), d.renderTap(), d.renderClosing(), d.renderMeasure(), d.renderHandshake())
}

// fact is one thing that is known, under its name.
type fact struct{ name, value string }

func facts(known []fact) app.UI {
	rows := make([]app.UI, len(known))
	for i, f := range known {
		rows[i] = h.HTML(`<div><dt>{}</dt><dd>{}</dd></div>`, f.name, f.value)
	}
	return h.HTML(`<dl class="known">{}</dl>`, rows)
}

func (d *details) renderConnection() app.UI {
	var content app.UI
	if known := d.Pane.insight.known(); known == nil {
		content = h.HTML(`<p class="muted">There has been no connection yet.</p>`)
	} else {
		content = facts(known)
	}
	return h.HTML(`<section aria-label="Connection" id={}><h3>Connection</h3>{}</section>`, d.Pane.id("known"), content)
}

// known is what is known of the present or last connection; nil before the first.
func (i *insight) known() []fact {
	p := i.pane
	m := p.model
	l := &m.life
	if l.began.IsZero() {
		return nil
	}
	protocol := "none offered"
	switch {
	case l.subprotocol != "":
		protocol = l.subprotocol + ", of " + strings.Join(l.offered, ", ")
	case len(l.offered) > 0:
		protocol = "none chosen of " + strings.Join(l.offered, ", ")
	}
	if l.subprotocol == "" && len(l.offered) > 0 && m.phase == connecting {
		protocol = "offering " + strings.Join(l.offered, ", ")
	}
	known := []fact{{"Address", m.to.url}, {"State", m.phase.status()}, {"Sub-protocol", protocol}}
	add := func(name, value string) { known = append(known, fact{name, value}) }
	switch {
	case l.opened.IsZero() && l.ended.IsZero():
		add("Since", part.Clock(l.began))
	case l.opened.IsZero():
		add("It was never open", i.contact.failure)
	case l.ended.IsZero():
		add("Open since", part.Clock(l.opened)+", for "+part.Duration(m.now().Sub(l.opened)))
	default:
		add("It was open", "from "+part.Clock(l.opened)+" to "+part.Clock(l.ended)+", for "+part.Duration(l.ended.Sub(l.opened)))
	}
	if l.code != 0 {
		add("Ended with", codeText(l.code))
		add("Which means", i.closing.meaning(l))
		add("Reason", quoteOrNone(l.reason))
	}
	if !l.opened.IsZero() {
		add("Sent", p.traffic.sent.String())
		add("Received", p.traffic.received.String())
	}
	if m.phase == connected {
		add("Waiting in the browser", part.Size(i.contact.buffered()))
	}
	return known
}

// String tells how much went.
func (f *flow) String() string {
	return part.Count(int(f.messages.Load()), "message", "messages") + ", " + part.Size(int(f.bytes.Load()))
}

func quoteOrNone(text string) string {
	if text == "" {
		return "none"
	}
	return "“" + text + "”"
}

// closing is how the visitor asked for the end, or why they couldn't.
type closing struct {
	code   int // or 0: they didn't
	reason string
	wrong  string
}

// meaning says what the end of a connection means, and who asked for it.
func (c *closing) meaning(l *life) string {
	switch {
	case !l.asked:
		return meaning(l.code)
	case c.code == 0:
		return "this page asked for the end"
	case c.reason == "":
		return "this page closed it with " + strconv.Itoa(c.code)
	default:
		return "this page closed it with " + strconv.Itoa(c.code) + " and “" + c.reason + "”"
	}
}

// maxReason is how many bytes the reason of a close frame has at most (RFC 6455,
// section 5.5).
const maxReason = shared.MaxFaultReason

// read takes what was typed, of which browsers send no more than the standard allows
// pages (WHATWG WebSockets, "close").
func (c *closing) read(code, reason string) bool {
	*c = closing{}
	n, err := strconv.Atoi(strings.TrimSpace(code))
	switch {
	case err != nil || n != closeNormal && (n < 3000 || n > 4999):
		c.wrong = "Browsers close with 1000, or a code from 3000 to 4999."
	case len(reason) > maxReason:
		c.wrong = "A reason has at most " + strconv.Itoa(maxReason) + " bytes in UTF-8, and this one has " + strconv.Itoa(len(reason)) + "."
	case !utf8.ValidString(reason):
		c.wrong = "A reason is text."
	default:
		c.code, c.reason = n, reason
	}
	return c.wrong == ""
}

func (d *details) renderClosing() app.UI {
	p := d.Pane
	return h.HTML(`
		<section aria-label="Close with a code">
			<h3>Close with a code</h3>
			<form class="row" onsubmit={}>
				<label class="code"><span class="label">Code</span><input id={} class="field mono" type="text" inputmode="numeric" autocomplete="off" value="1000" aria-describedby={}></label>
				<label class="grow"><span class="label">Reason</span><input id={} class="field" type="text" autocomplete="off" aria-describedby={}></label>
				<div class="row buttons">{}</div>
			</form>
			<p class="error small-text" id={} aria-live="polite">{}</p>
		</section>`,
		d.onClose, p.id("close-code"), p.id("close-error"), p.id("close-reason"), p.id("close-error"),
		when(p.model.canDisconnect(), h.Button().ID(p.id("close-with")).Class("button").Attr("type", "submit").Text("Close"), "Connect first"),
		p.id("close-error"), p.insight.closing.wrong)
}

func (d *details) onClose(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	p := d.Pane
	c := &p.insight.closing
	if p.model.canDisconnect() && c.read(browser.Value(p.id("close-code")), browser.Value(p.id("close-reason"))) {
		p.disconnect(c.code, c.reason)
	}
	p.insight.version++
}

// renderTap draws what came of the events, by channel.
func (d *details) renderTap() app.UI {
	rows, others := d.Pane.insight.contact.tap.rows()
	if len(rows) == 0 {
		return h.HTML(`<div hidden="true"></div>`)
	}
	lines := make([]app.UI, len(rows))
	for i, r := range rows {
		p50, p95 := "not known", "not known"
		if r.timed > 0 {
			p50, p95 = lab.Millis(r.p50), lab.Millis(r.p95)
		}
		lines[i] = h.HTML(`
			<tr><th scope="row" class="mono">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class="mono cursor" title={}>{}</td></tr>`,
			r.name, part.Number(r.events), p50, p95, part.Number(r.gaps), part.Number(r.replaced), h.Safe(r.cursor), orNone(r.cursor))
	}
	more := ""
	if others > 0 {
		more = part.Count(others, "message more came", "messages more came") + " of other channels."
	}
	return h.HTML(`
		<section aria-label="Events" id={}>
			<h3>Events</h3>
			<p class="muted small-text">The delay is from the commit to this browser. Replaced are events for which a later one stood.</p>
			<div class="table-frame" tabindex="0" role="group" aria-label="Events by channel"><table>
				<thead><tr><th scope="col">Channel</th><th scope="col">Events</th><th scope="col">Delay p50</th><th scope="col">p95</th><th scope="col">Gaps</th><th scope="col">Replaced</th><th scope="col">Last cursor</th></tr></thead>
				<tbody>{}</tbody>
			</table></div>
			<p class="muted small-text">{}</p>
		</section>`,
		d.Pane.id("tap"), lines, more)
}

// renderMeasure draws what measures round trips, and what it found.
func (d *details) renderMeasure() app.UI {
	p := d.Pane
	g := &p.insight.gauge
	counts := make([]app.UI, len(probeCounts))
	for i, n := range probeCounts {
		counts[i] = choice(part.Number(n), g.count == n, func() { g.count = n; p.insight.version++ })
	}
	b := h.Button().ID(p.id("measure")).Class("button small").Attr("type", "button")
	if g.job.runs() {
		b = b.Text("Stop").OnClick(d.onMeasureStop)
	} else {
		b = when(p.model.canSend(), b.Text("Measure").OnClick(d.onMeasure), "Connect first")
	}
	m := g.shown
	going := ""
	if g.job.runs() && !m.over {
		going = part.Number(m.answered+m.lost) + " of " + part.Number(m.total) + "…"
	}
	return h.HTML(`
		<section aria-label="Round trip">
			<h3>Round trip</h3>
			<p class="muted small-text">Sends so many small messages to the echo, or pings to this server's events, each once the one before is back. They stay out of the log, but are counted.</p>
			<div class="row"><div class="segments" role="group" aria-label="How many">{}</div>{}<span class="muted">{}</span></div>
			<p id={} role="status">{}</p>
			{}
		</section>`,
		counts, b, going, p.id("measured"), m.said(), renderTrips(m))
}

func renderTrips(m measured) app.UI {
	if m.answered == 0 {
		return h.HTML(`<div hidden="true"></div>`)
	}
	most := 0
	for _, bar := range m.bars {
		most = max(most, bar.Count)
	}
	rows := make([]app.UI, len(m.bars))
	for i, bar := range m.bars {
		to := "to " + lab.Millis(bar.To)
		if i == len(m.bars)-1 {
			to = "and more"
		}
		rows[i] = h.HTML(`<tr><th scope="row">{} {}</th><td>{}</td><td class="mono blocks" aria-hidden="true">{}</td></tr>`,
			lab.Millis(bar.From), to, part.Number(bar.Count), lab.Blocks(bar.Count, most, histogramWidth))
	}
	return h.HTML(`
		<div class="trips">{}
			<table class="histogram" aria-label="How many took how long">
				<thead class="sr"><tr><th scope="col">Round trip</th><th scope="col">Count</th></tr></thead>
				<tbody>{}</tbody>
			</table>
		</div>`,
		facts([]fact{
			{"p50", lab.Millis(m.p50)}, {"p95", lab.Millis(m.p95)}, {"p99", lab.Millis(m.p99)},
			{"Least", lab.Millis(m.least)}, {"Most", lab.Millis(m.longest)}, {"Lost", part.Number(m.lost)},
		}), rows)
}

// histogramWidth is how many characters the longest bar has.
const histogramWidth = 16

func (d *details) onMeasure(app.Context, app.Event) {
	defer part.Guard()
	d.Pane.insight.measure()
}

func (d *details) onMeasureStop(app.Context, app.Event) {
	defer part.Guard()
	d.Pane.insight.gauge.job.stop(errStopped)
}
