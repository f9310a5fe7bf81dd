package transcript

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
)

// The ids of elements that scripts and tests rely on, to which the view's ID is appended.
const (
	idLog    = "log"
	idNewest = "newest"
	idSearch = "log-search"
	idPause  = "log-pause"
	idCopy   = "log-copy"
	idClear  = "log-clear"
	idOpened = "log-message"
)

// maxSearch is how long a text one may search for, in characters.
const maxSearch = 200

// saidFor is how long it is said that something was copied, and copyTimeout how long
// the browser may take to.
const (
	saidFor     = 2 * time.Second
	copyTimeout = 10 * time.Second
)

// View draws a log and its tools, as the content of a card. ID makes the ids of its
// elements different from those of other logs on the page: it is appended to each.
func View(log *Log, id string) app.UI {
	return &view{Log: log, ID: id, Version: log.version}
}

// view is how a log is drawn: list.go has the rows, keys.go what the keyboard does, and
// inspector.go the message that is looked at.
type view struct {
	app.Compo

	Log     *Log
	ID      string
	Version int

	stage   part.Stage
	drawn   *Log // what place is of
	place   place
	fresh   bool   // the search field doesn't know of the log's filter
	shows   bool   // a message was opened just now, to be shown
	copied  string // id of the button that has copied just now
	refused bool   // the browser didn't let us copy
	silence *time.Timer
	said    string // to those who don't see which row the keyboard is at
}

// OnMount runs when the log is on the page.
func (v *view) OnMount(ctx app.Context) {
	defer part.Guard()
	v.stage = ctx
	v.begin()
	v.arrange()
}

// OnDismount leaves nothing behind.
func (v *view) OnDismount() {
	if v.silence != nil {
		v.silence.Stop()
	}
}

// OnUpdate runs when the log has changed, before that is drawn.
func (v *view) OnUpdate(ctx app.Context) {
	defer part.Guard()
	if v.stage == nil {
		v.stage = ctx // OnMount is yet to come
	}
	if v.drawn != v.Log {
		v.begin()
	} else {
		v.look()
	}
	v.place.grow(v.Log.Shown(), v.Log.gone)
	v.arrange()
}

// begin shows another log than before, at its end.
func (v *view) begin() {
	v.drawn, v.fresh, v.said = v.Log, true, ""
	v.place = place{frame: v.place.frame, row: v.place.row, gone: v.Log.gone, end: v.Log.Shown() + v.Log.gone}
}

func (v *view) change(do func()) { part.Dispatch(v.stage, do) }

func (v *view) id(name string) string { return name + v.ID }

// Render draws the log.
func (v *view) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	return h.HTML(`<div class="transcript" onkeydown={}>
		<div class="log-head">
			<h2>Log</h2>
			<p class="log-count muted small-text">{}</p>
			{}
		</div>
		{}
		{}
		{}
		<p class="sr" role="status">{}</p>
	</div>`,
		v.onEscape,
		v.Log.countWords(),
		// A newcomer needs no tools for what isn't there yet.
		when(v.Log.next > 0, v.renderTools),
		when(v.refused, func() app.UI {
			return h.HTML(`<p class="log-refused small-text" role="alert">This browser did not let the page copy. Open a message and select its text to copy it by hand.</p>`)
		}),
		v.renderList(),
		when(v.Log.opened != nil, func() app.UI {
			return &inspector{Opened: v.Log.opened, Version: v.Log.opened.version, Copied: v.copied == v.id(idOpened), View: v}
		}),
		v.said,
	)
}

func (v *view) renderTools() app.UI {
	pause, pressed := "Pause", "false"
	if v.Log.paused {
		pause, pressed = "Resume", "true"
	}
	return h.HTML(`<div class="log-tools">
		<div class="segments" role="group" aria-label="Show in the log">{}</div>
		<input class="field log-search" id={} type="search" maxlength={} autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="search" aria-label="Search the log" placeholder="Search" oninput={}>
		<div class="log-buttons">
			<button class="button small" id={} type="button" data-on={} onclick={}>{}</button>
			{}
			{}
		</div>
	</div>`,
		v.renderDirections(),
		v.id(idSearch),
		maxSearch,
		v.onSearch,
		v.id(idPause),
		pressed,
		v.onPause,
		pause,
		v.button(idCopy, v.copyName(idCopy), "There is nothing to copy", v.Log.Shown() > 0, v.onCopy),
		v.button(idClear, "Clear", "The log is empty", v.Log.Total() > 0, v.onClear),
	)
}

func (v *view) renderDirections() []app.UI {
	directions := []struct {
		direction Direction
		name      string
	}{{All, "All"}, {Sent, "Sent"}, {Received, "Received"}, {Notes, "Notes"}}
	segments := make([]app.UI, len(directions))
	for i, d := range directions {
		pressed := "false"
		if v.Log.filter.Direction == d.direction {
			pressed = "true"
		}
		segments[i] = h.HTML(`<button class="segment" type="button" aria-pressed={} onclick={}>{}</button>`,
			pressed,
			h.On(func(app.Context, app.Event) {
				defer part.Guard()
				v.narrow(Filter{Direction: d.direction, Text: v.Log.filter.Text})
			}, d.name),
			d.name)
	}
	return segments
}

// button is one that works only where it has something to do, and says so.
func (v *view) button(id, name, why string, works bool, do app.EventHandler) app.UI {
	b := h.Button().ID(v.id(id)).Class("button small").Attr("type", "button").Text(name).OnClick(do)
	if !works {
		b = b.Attr("disabled", true).Title(why)
	}
	return b
}

func (v *view) copyName(id string) string {
	if v.copied == v.id(id) {
		return "Copied"
	}
	return "Copy"
}

// narrow shows other entries than before, those around the chosen one if it is still
// among them.
func (v *view) narrow(f Filter) {
	v.Log.SetFilter(f)
	n := v.Log.Shown()
	v.place.away, v.place.news = false, false
	v.place.grow(n, v.Log.gone)
	if i, ok := v.Log.find(v.Log.chosen); ok {
		v.place.top = max(0, i*v.place.height()-v.place.size()/2)
		v.place.away = v.place.top < n*v.place.height()-v.place.size()
	}
	v.arrange()
}

func (v *view) onSearch(app.Context, app.Event) {
	defer part.Guard()
	v.narrow(Filter{Direction: v.Log.filter.Direction, Text: browser.Value(v.id(idSearch))})
}

func (v *view) onPause(app.Context, app.Event) {
	defer part.Guard()
	if v.Log.paused {
		v.Log.Resume()
	} else {
		v.Log.Pause()
	}
	v.place.grow(v.Log.Shown(), v.Log.gone)
	v.arrange()
}

func (v *view) onClear(app.Context, app.Event) {
	defer part.Guard()
	v.Log.Clear()
	v.begin()
	v.refused, v.said = false, "Log cleared"
	v.arrange()
}

func (v *view) onCopy(app.Context, app.Event) {
	defer part.Guard()
	v.copy(v.id(idCopy), v.Log.lines())
}

// copy puts a text into the clipboard, and says so in the button with that id.
func (v *view) copy(id, text string) {
	part.Background(copyTimeout, v.change, func(ctx context.Context) func() {
		err := browser.Copy(ctx, text)
		return func() { v.tell(id, err) }
	})
}

// tell says for a moment that something was copied, or that it could not be.
func (v *view) tell(id string, err error) {
	if v.silence != nil {
		v.silence.Stop()
	}
	v.refused = err != nil
	if v.refused {
		return
	}
	v.copied, v.said = id, "Copied"
	v.silence = time.AfterFunc(saidFor, func() {
		v.change(func() { v.copied, v.said = "", "" })
	})
}

// gone holds the place of what isn't there, so that what follows keeps its own: go-app
// tells elements apart by their place.
func gone() app.UI { return app.Elem("template") }

// when draws something if a condition holds, and otherwise holds its place.
func when(condition bool, draw func() app.UI) app.UI {
	if !condition {
		return gone()
	}
	return draw()
}
