package console

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/app/transcript"
)

// face draws one pane. Alone says that it is the only one, which needs no name.
type face struct {
	app.Compo

	Pane  *pane
	Ready bool // the program runs in a browser, so buttons work
	Alone bool
}

// OnMount runs when the pane is on the page.
func (f *face) OnMount(ctx app.Context) {
	defer part.Guard()
	f.Pane.mounted(ctx)
}

// Render draws the pane.
func (f *face) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	p := f.Pane
	return h.HTML(`
		<div class="pane">
			<section class="card" aria-label={}>{}{}{}{}{}</section>
			<section class="card log-card" aria-label={}>{}</section>
		</div>`,
		p.name, f.renderName(), f.renderConnect(), f.renderSend(), f.renderLine(), f.renderFolds(),
		"Log of "+p.name, transcript.View(p.model.log, p.suffix()))
}

// renderName names the pane, and takes it away.
func (f *face) renderName() app.UI {
	p := f.Pane
	if f.Alone {
		return h.HTML(`<div hidden="true"></div>`)
	}
	return h.HTML(`
		<div class="row spread pane-head">
			<input id={} class="field pane-name" type="text" maxlength="40" autocomplete="off" aria-label="Name of this connection" value={} onchange={}>
			<button class="button small" type="button" aria-label={} onclick={}>Remove</button>
		</div>`,
		p.id("name"), p.name, f.onName, "Remove "+p.name, f.onRemove)
}

// noConnect and noDisconnect say in each phase why the button doesn't work.
var (
	noConnect    = [...]string{"", "It is connecting already", "It is connected already", "It is disconnecting"}
	noDisconnect = [...]string{"There is no connection", "It is not connected yet", "", "It is disconnecting already"}
)

// button is one of the large ones. It works once the program runs.
func (f *face) button(name, id, kind string, usable bool, why string) app.HTMLElem {
	if !f.Ready {
		return button(name, id, kind+"wide-button", false)
	}
	return when(usable, button(name, id, kind+"wide-button", true), why)
}

func (f *face) renderConnect() app.UI {
	p := f.Pane
	m := p.model
	url := h.Input().ID(p.id(idURL)).Class("field mono").Attr("type", "url").Attr("name", "url").
		Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("enterkeyhint", "go").Spellcheck(false).
		Attr("placeholder", "This server's echo endpoint").
		OnInput(f.onURL)
	if f.Ready {
		// It is written once. From then on the input is the visitor's.
		url = url.Attr("value", p.start)
	}
	if !f.Ready || !m.canConnect() {
		url = url.Attr("readonly", true)
	}
	segments := make([]app.UI, len(presets))
	for i := range presets {
		segments[i] = f.segment(&presets[i])
	}
	return h.HTML(`
		<form class="connect" novalidate="novalidate" onsubmit={}>
			<div class="row spread">
				<p class="status-line">
					<span class={}></span><span class="sr">Status: </span><span id={} role="status">{}</span>
				</p>
				<div class="segments" role="group" aria-label="Endpoint of this server">{}</div>
			</div>
			<div class="row">
				<label class="grow"><span class="label">URL</span>{}</label>
				<div class="row buttons">{}{}</div>
			</div>
		</form>`,
		f.onConnect, phaseClass(m.phase), p.id(idStatus), m.phase.status(), segments, url,
		f.button("Connect", p.id(idOpen), "primary ", m.canConnect(), noConnect[m.phase]).Attr("type", "submit"),
		f.button("Disconnect", p.id(idClose), "", m.canDisconnect(), noDisconnect[m.phase]).Attr("type", "button").OnClick(f.onDisconnect))
}

// segment switches the URL to one of this server's own endpoints.
func (f *face) segment(to *preset) app.UI {
	b := h.Button().Class("segment").Attr("type", "button").Text(to.name)
	switch {
	case !f.Ready:
		return b.Attr("disabled", true)
	case !f.Pane.model.canConnect():
		b = b.Attr("disabled", true).Title("Disconnect first to switch the endpoint")
	}
	if f.Pane.preset == to {
		b = b.Aria("pressed", "true")
	} else {
		b = b.Aria("pressed", "false")
	}
	return b.On("click", func(app.Context, app.Event) {
		defer part.Guard()
		f.Pane.choose(to)
	}, app.EventScope(to.name))
}

func (f *face) renderSend() app.UI {
	p := f.Pane
	m := p.model
	text := h.Input().ID(p.id(idText)).Class("field mono").Attr("type", "text").Attr("name", "text").
		Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("enterkeyhint", "send").Spellcheck(false).
		On("keydown", f.onKey)
	if !m.canSend() {
		text = text.Attr("placeholder", "Connect first, then type here")
	} else {
		text = text.Attr("placeholder", "Type a message")
	}
	if !f.Ready {
		text = text.Attr("readonly", true)
	}
	var hint app.UI
	if m.onEvents() && p.preset != nil && p.preset.listen != "" {
		hint = h.HTML(`<p class="hint"><span>{}</span><button class="chip mono" type="button" onclick={}>{}</button></p>`,
			listenHint[p.preset.listen], f.onListen, p.preset.request())
	}
	return h.HTML(`
		<form class="send" onsubmit={}>
			<div class="row">
				<label class="grow"><span class="label">Message</span>{}</label>
				<div class="row buttons">{}</div>
			</div>{}
		</form>`,
		f.onSend, text, f.button("Send", p.id(idSend), "primary ", m.canSend(), "Connect first").Attr("type", "submit"), hint)
}

func (f *face) renderLine() app.UI {
	l := f.Pane.model.line
	class := "message"
	if l.error {
		class += " error"
	}
	var more []app.UI
	if l.suggestion != "" {
		more = append(more, h.HTML(`<button class="chip mono" type="button" onclick={}>{}</button>`, f.onSuggestion, "Use "+l.suggestion))
	}
	if l.signIn {
		more = append(more, h.HTML(`<a class="chip" href={}>To the sign-in</a>`, part.PathEvents))
	}
	if l.giveUp {
		more = append(more, h.HTML(`<button class="chip" id={} type="button" onclick={}>Give up</button>`, f.Pane.id("give-up"), f.onGiveUp))
	}
	return h.HTML(`<div class="message-line"><p id={} class={} aria-live="polite">{}</p>{}</div>`,
		f.Pane.id(idMessage), class, l.text, more)
}

func button(name, id, kind string, enabled bool) app.HTMLElem {
	b := h.Button().ID(id).Class("button " + kind).Text(name)
	if !enabled {
		b = b.Attr("disabled", true)
	}
	return b
}

func phaseClass(p phase) string {
	return [...]string{"dot", "dot busy", "dot on", "dot busy"}[p]
}

func (f *face) onName(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.rename(browser.Value(f.Pane.id("name")))
}

func (f *face) onRemove(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.page.remove(f.Pane)
}

func (f *face) onURL(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.typed(browser.Value(f.Pane.id(idURL)))
}

func (f *face) onSuggestion(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.use(f.Pane.model.line.suggestion)
	browser.Focus(f.Pane.id(idOpen))
}

func (f *face) onGiveUp(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.giveUp()
}

func (f *face) onListen(app.Context, app.Event) {
	defer part.Guard()
	browser.SetValue(f.Pane.id(idText), f.Pane.preset.request())
	browser.Focus(f.Pane.id(idText))
}

func (f *face) onConnect(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	f.Pane.connect()
}

func (f *face) onDisconnect(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.disconnect(closeNormal, "")
}

// onKey brings back what was sent before.
func (f *face) onKey(ctx app.Context, e app.Event) {
	defer part.Guard()
	ctx.PreventUpdate() // nothing that is drawn changes by typing
	p := f.Pane
	text, ok := "", false
	switch e.Get("key").String() {
	case "ArrowUp":
		text, ok = p.composer.Previous(browser.Value(p.id(idText)))
	case "ArrowDown":
		text, ok = p.composer.Next()
	default:
		return
	}
	if ok {
		e.PreventDefault() // which would move the caret
		browser.SetValue(p.id(idText), text)
	}
}

func (f *face) onSend(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	f.Pane.sendLine()
}
