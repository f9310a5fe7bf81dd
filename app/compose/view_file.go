package compose

import (
	"context"
	"errors"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
)

// chosen is the file that is to be sent.
func (v *view) chosen() app.UI {
	f := v.Composer.file
	if f == nil {
		return h.HTML(`<div hidden="true"></div>`) // what follows keeps its place, to be read out
	}
	why := ""
	if !f.utf8 {
		why = "What is in it is no text in UTF-8"
	}
	return h.HTML(`
		<div class="row compose-row compose-chosen">
			<p class="compose-clip"><b id={}>{}</b>, {}</p>
			<div class="segments" role="group" aria-label="Send the file as">
				<button class="segment" type="button" aria-pressed={} onclick={}>Binary</button>
				<button class="segment" type="button" id={} aria-pressed={} disabled={} title={} onclick={}>Text</button>
			</div>
			{}
			<button class="button small" type="button" onclick={}>Put away</button>
		</div>`,
		v.id("file-name"), f.name, part.Size(len(f.data)),
		pressed(!f.asText), v.on("binary", func() { v.Composer.file.asText = false }),
		v.id("file-text"), pressed(f.asText), !f.utf8, why, v.on("text", func() { v.Composer.file.asText = true }),
		v.button("file-send", "Send the file", "button small primary", func() { v.Composer.sendFile() }), v.on("away", func() {
			v.Composer.file = nil
			v.focus("file")
		}))
}

// readTimeout bounds how long a file may take to be read.
const readTimeout = 30 * time.Second

// read reads the file that was chosen.
func (v *view) read() {
	c, ctx, id := v.Composer, v.ctx, v.id("file")
	part.Background(readTimeout, func(outcome func()) { part.Dispatch(ctx, outcome) }, func(limited context.Context) func() {
		name, data, err := browser.ReadFile(limited, id, maxMessage)
		return func() {
			browser.SetValue(id, "") // so that the same file can be chosen again
			var large *browser.TooLargeError
			switch {
			case errors.Is(err, browser.ErrNoFile):
			case errors.As(err, &large):
				c.failed("", refusal("“"+name+"” has "+part.Size(large.Size)+", and a file that is sent at most "+part.Size(large.Most)+"."))
			case err != nil:
				c.failed("", refusal("“"+name+"” can't be read. It may have changed since it was chosen."))
			default:
				c.chose(name, data)
			}
		}
	})
}
