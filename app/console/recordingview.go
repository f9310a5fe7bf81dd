package console

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// renderRecording draws the fold.
func (f *face) renderRecording() app.UI {
	p := f.Pane
	r := &p.insight.reel
	t := tallyOf(p.model.log.Entries())
	return h.HTML(`
		<div class="recording">
			<section aria-label="Record">
				<h3>Record</h3>
				<p id={}>{} {}</p>
				<p class="muted small-text">The log is the recording: clear it to begin anew. As a file it has one JSON object on each line.</p>
				<div class="row">{}
					<label class="button small compose-file"><span>Import…</span><input id={} type="file" accept=".jsonl,.ndjson,.json,.txt" onchange={}></label>
				</div>
				<p class="small-text" aria-live="polite">{}</p>
				<p class="error small-text" role="alert">{}</p>
			</section>
			{}
		</div>`,
		p.id("recorded"), t.String(), t.missing(p.model.log.Dropped()),
		when(t.lines > 0, button("Export", p.id("export"), "small", true).Attr("type", "button").OnClick(f.onExport), "There is nothing to export yet"),
		p.id("import"), f.onImport, r.saved, r.wrong,
		f.renderReplay(t))
}

// when disables a button, and says why, unless it can be used.
func when(usable bool, b app.HTMLElem, why string) app.HTMLElem {
	if !usable {
		b = b.Attr("disabled", true).Title(why)
	}
	return b
}

// renderReplay draws what sends the recording again.
func (f *face) renderReplay(of tally) app.UI {
	p := f.Pane
	r := &p.insight.reel
	where := "this log"
	if r.ofImport() {
		of, where = r.counted, r.from
	}
	what := "Sends again what was sent in " + where + ": " + part.Count(of.again, "message", "messages") + "."
	if of.torn > 0 {
		what += " " + part.Count(of.torn, "more is left out, as it was not kept whole.", "more are left out, as they were not kept whole.")
	}
	var source app.UI
	if r.from != "" {
		source = h.HTML(`<div class="segments" role="group" aria-label="What to send">{}{}</div>`,
			choice("The import", r.ofImport(), func() { r.log = false }), choice("This log", !r.ofImport(), func() { r.log = true }))
	}
	pace := make([]app.UI, len(speeds))
	for n, s := range speeds {
		pace[n] = choice(s.name, r.speed == s.speed, func() { r.speed = s.speed })
	}
	var run app.UI
	switch b := h.Button().ID(p.id("replay")).Class("button small").Attr("type", "button"); {
	case r.job.runs():
		run = b.Text("Stop").OnClick(f.onReplayStop)
	case of.again == 0:
		run = when(false, b.Text("Replay"), "There is nothing to send")
	default:
		run = when(p.model.canSend(), b.Text("Replay").OnClick(f.onReplay), "Connect first")
	}
	return h.HTML(`
		<section aria-label="Replay">
			<h3>Replay</h3>
			<p id={}>{}</p>
			<div class="row">{}<div class="segments" role="group" aria-label="How fast">{}</div>{}</div>
			<p class="muted small-text">{}</p>
			<p id={} class="small-text" role="status">{}</p>
		</section>`,
		p.id("script"), what, source, pace, run, r.shown.progress(), p.id("replayed"), r.shown.said())
}

// choice is one of several of which one is chosen.
func choice(name string, chosen bool, choose func()) app.UI {
	pressed := "false"
	if chosen {
		pressed = "true"
	}
	return h.HTML(`<button class="segment" type="button" aria-pressed={} onclick={}>{}</button>`,
		pressed, h.On(func(app.Context, app.Event) { defer part.Guard(); choose() }, name), name)
}

func (f *face) onExport(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.insight.export()
}

func (f *face) onImport(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.insight.read()
}

func (f *face) onReplay(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.insight.replay()
}

func (f *face) onReplayStop(app.Context, app.Event) {
	defer part.Guard()
	f.Pane.insight.reel.job.stop(errStopped)
}
