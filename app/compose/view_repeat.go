package compose

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
)

// renderRepeat draws what sends by itself.
func (v *view) renderRepeat() app.UI {
	c := v.Composer
	if c.Running() {
		return h.HTML(`
			<div class="row spread">
				<p id={}>{}</p>
				<button class="button" type="button" id={} onclick={}>Stop</button>
			</div>`, v.id("progress"), tally(c.job.progress()), v.id("stop"), v.on("stop", func() { v.Composer.halt(errAsked) }))
	}
	numbers := v.on("numbers", v.numbers)
	return h.HTML(`
		<div>
			<form class="row compose-row" onsubmit={}>
				<label><span class="label">Every (ms)</span>
					<input class="field compose-number" type="text" inputmode="numeric" id={} autocomplete="off" maxlength="7" value={} oninput={}></label>
				<label><span class="label">Times</span>
					<input class="field compose-number" type="text" inputmode="numeric" id={} autocomplete="off" maxlength="7" placeholder="Until stopped" value={} oninput={}></label>
				{}
			</form>
			<form class="row compose-row" onsubmit={}>
				<label><span class="label">Messages in a burst</span>
					<input class="field compose-number" type="text" inputmode="numeric" id={} autocomplete="off" maxlength="5" value={} oninput={}></label>
				{}
			</form>
			<p class="muted small-text">
				<span>Both send the message above. In text and JSON, </span><code>{}</code><span> becomes the message's number, from 1, and </span><code>{}</code>
				<span> the time, like 2026-01-31T09:30:00.000Z. A browser slows down what runs in a tab that isn't seen.</span>
			</p>
		</div>`,
		v.on("repeat", v.starting((*Composer).repeat)), v.id("every"), h.Safe(v.every), numbers, v.id("count"), h.Safe(v.count), numbers, v.submit("start", "Start"),
		v.on("burst", v.starting((*Composer).burstNow)), v.id("burst"), h.Safe(v.burst), numbers, v.submit("burst-start", "Send the burst"),
		placeNumber, placeTime)
}

func (v *view) submit(id, name string) app.UI {
	return h.HTML(`<button class="button compose-end" type="submit" id={} disabled={} title={}>{}</button>`, v.id(id), !v.Ready, v.lack(), name)
}

// numbers takes what is in the fields.
func (v *view) numbers() {
	c := v.Composer
	c.every, c.count, c.burst = browser.Value(v.id("every")), browser.Value(v.id("count")), browser.Value(v.id("burst"))
}

// starting begins to send what is in the editor. The keyboard goes to where that is
// stopped.
func (v *view) starting(begin func(*Composer)) func() {
	return func() {
		v.typed()
		begin(v.Composer)
		v.focus("stop")
	}
}
