package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// maxOffered is how many sub-protocols are offered at most.
const maxOffered = 20

// rename gives the pane another name; an empty one changes nothing.
func (p *pane) rename(name string) {
	if name = strings.TrimSpace(name); name != "" {
		p.name = name
	}
	browser.SetValue(p.id("name"), p.name)
	p.page.remember()
}

// offer adds a sub-protocol at the end, or says why it can't be one.
func (p *pane) offer(name string) bool {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		p.badOffer = "Enter the name of a sub-protocol."
	case !isToken(name):
		p.badOffer = "A sub-protocol has letters, digits and !#$%&'*+-.^_`|~ only, and no spaces."
	case slices.Contains(p.offered, name):
		p.badOffer = name + " is offered already."
	case len(p.offered) == maxOffered:
		p.badOffer = "That is enough: " + strconv.Itoa(maxOffered) + " are offered already."
	default:
		p.badOffer = ""
		p.offered = append(p.offered, name)
		p.page.remember()
		return true
	}
	return false
}

// isToken says whether a text may be a sub-protocol (RFC 6455, section 4.1; RFC 9110,
// section 5.6.2). Browsers throw at anything else.
func isToken(text string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return text != ""
}

// raise offers a sub-protocol before the one in front of it.
func (p *pane) raise(name string) {
	if i := slices.Index(p.offered, name); i > 0 {
		p.offered[i-1], p.offered[i] = p.offered[i], p.offered[i-1]
		p.page.remember()
	}
}

func (p *pane) withdraw(name string) {
	p.offered = slices.DeleteFunc(p.offered, func(n string) bool { return n == name })
	p.page.remember()
}

// readFaults reads the faults that an address of our echo asks for.
func (p *pane) readFaults(typed string) {
	p.faults, p.badFaults = shared.Faults{}, ""
	defer p.showFaults()
	if p.model.site.endpointOf(typed) != pathEcho {
		return
	}
	u, err := url.Parse(strings.TrimSpace(typed))
	if err != nil {
		return // the message line tells
	}
	if p.faults, err = shared.ParseFaults(u.Query()); err != nil {
		p.badFaults = err.Error()
	}
}

// setFaults asks for faults in the address of our echo.
func (p *pane) setFaults(f shared.Faults) {
	address := p.model.site.endpoint(pathEcho)
	if query := f.Query(); query != "" {
		address += "?" + query
	}
	p.use(address)
}

// renderOptions draws what the next connection is opened with.
func (f *face) renderOptions() app.UI {
	return h.HTML(`<div class="options">{}{}</div>`, f.renderOffered(), f.renderFaults())
}

func (f *face) renderOffered() app.UI {
	p := f.Pane
	rows := make([]app.UI, len(p.offered))
	for i, name := range p.offered {
		up := h.Button().Class("button small").Attr("type", "button").Aria("label", "Offer "+h.Safe(name)+" earlier").Text("↑")
		if i == 0 {
			up = up.Attr("disabled", true).Title("It is the first")
		}
		rows[i] = h.HTML(`
			<li class="row"><span class="mono grow">{}</span>{}<button class="button small" type="button" aria-label={} onclick={}>Remove</button></li>`,
			name,
			up.On("click", func(app.Context, app.Event) { defer part.Guard(); p.raise(name) }, app.EventScope(name)),
			"Remove "+name, h.On(func(app.Context, app.Event) {
				defer part.Guard()
				p.withdraw(name)
				browser.FocusInPlace(p.id("offer")) // as the button goes
			}, name))
	}
	return h.HTML(`
		<div>
			<h3>Sub-protocols</h3>
			<p class="muted small-text">Offered in this order when you connect. The server picks one or none.</p>
			<ol class="offered">{}</ol>
			<form class="row" onsubmit={}>
				<label class="grow"><span class="sr">Sub-protocol</span>
					<input id={} class="field mono" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="graphql-transport-ws" aria-describedby={}>
				</label>
				<button class="button" type="submit">Add</button>
			</form>
			<p class="error small-text" id={} aria-live="polite">{}</p>
		</div>`,
		rows, f.onOffer, p.id("offer"), p.id("offer-error"), p.id("offer-error"), p.badOffer)
}

func (f *face) onOffer(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	if f.Pane.offer(browser.Value(f.Pane.id("offer"))) {
		browser.SetValue(f.Pane.id("offer"), "")
	}
}

// examples are faults that one meets, each a click away.
var examples = []struct {
	name   string
	faults shared.Faults
}{
	{"Far away", shared.Faults{Delay: 300, Jitter: 100}},
	{"Lossy", shared.Faults{Drop: 20}},
	{"In pieces", shared.Faults{Fragment: 16}},
	{"Flood", shared.Faults{Burst: 100}},
	{"Slow reader", shared.Faults{Slow: 1000}},
	{"Large answers", shared.Faults{Big: 1 << 20}},
	{"Fails at the third", shared.Faults{Close: 1011, After: 3, Reason: "out of tea"}},
	{"Breaks off", shared.Faults{Close: 1006, After: 1}},
}

// renderFaults documents what our echo can do wrong, and asks it to.
func (f *face) renderFaults() app.UI {
	p := f.Pane
	chips := make([]app.UI, 0, len(examples)+1)
	for _, e := range examples {
		chips = append(chips, f.faultChip(e.name, e.faults))
	}
	chips = append(chips, f.faultChip("None", shared.Faults{}))
	why := ""
	if !p.model.canConnect() {
		why = "Disconnect first to change the address"
	}
	kinds := shared.FaultKinds()
	rows := make([]app.UI, len(kinds))
	for i, kind := range kinds {
		about := kind.What
		if kind.Unit != "code" {
			about += " From " + part.Number(kind.Least) + " to " + part.Number(kind.Most) + "."
		}
		rows[i] = h.HTML(`
			<li>
				<label class="fault"><span class="mono">{}</span>
					<input id={} class="field mono" type="number" inputmode="numeric" min={} max={} placeholder="–" disabled={} title={} aria-describedby={} onchange={}>
					<span class="muted">{}</span>
				</label>
				<p class="muted small-text" id={}>{}</p>
			</li>`,
			kind.Name, p.id("fault-"+kind.Name), kind.Least, kind.Most, !p.model.canConnect(), why, p.id("about-"+kind.Name),
			f.onFault, kind.Unit,
			p.id("about-"+kind.Name), about)
	}
	said := "The echo works as it should."
	if p.faults.Any() {
		said = "As a sub-protocol: " + p.faults.Protocol()
	}
	return h.HTML(`
		<div>
			<h3>Echo with faults</h3>
			<p class="muted small-text">Test your client against a server that misbehaves: this server's echo does when its address, or a sub-protocol, asks for it.</p>
			<div class="row fault-examples">{}</div>
			<ul class="faults">{}</ul>
			<p class="small-text mono" id={}>{}</p>
			<p class="error small-text" aria-live="polite">{}</p>
		</div>`,
		chips, rows, p.id("faults-protocol"), said, p.badFaults)
}

// showFaults writes the numbers into their fields, at once and, as those may not be there
// yet, once they are drawn.
func (p *pane) showFaults() {
	if p.stage == nil || !p.folds[foldOptions] {
		return
	}
	query, err := url.ParseQuery(p.faults.Query())
	if err != nil {
		panic(err) // Query writes what can be read
	}
	show := func() {
		for _, kind := range shared.FaultKinds() {
			browser.SetValue(p.id("fault-"+kind.Name), query.Get(kind.Name))
		}
	}
	show()
	part.After(p.stage, show)
}

func (f *face) faultChip(name string, faults shared.Faults) app.UI {
	b := h.Button().Class("chip").Attr("type", "button").Text(name)
	if f.Pane.faults == faults {
		b = b.Aria("pressed", "true")
	} else {
		b = b.Aria("pressed", "false")
	}
	if !f.Pane.model.canConnect() {
		b = b.Attr("disabled", true).Title("Disconnect first to change the address")
	}
	return b.On("click", func(app.Context, app.Event) {
		defer part.Guard()
		f.Pane.setFaults(faults)
	}, app.EventScope(name))
}

// onFault takes the numbers as they stand in the fields.
func (f *face) onFault(app.Context, app.Event) {
	defer part.Guard()
	p := f.Pane
	query := url.Values{}
	for _, kind := range shared.FaultKinds() {
		if text := browser.Value(p.id("fault-" + kind.Name)); text != "" {
			query.Set(kind.Name, text)
		}
	}
	if p.faults.Reason != "" && query.Has("close") {
		query.Set("reason", p.faults.Reason)
	}
	faults, err := shared.ParseFaults(query)
	if err != nil {
		p.badFaults = err.Error()
		return
	}
	p.setFaults(faults)
}
