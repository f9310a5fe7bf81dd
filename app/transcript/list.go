package transcript

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
)

// renderList draws the rows in view, and space for the others.
func (v *view) renderList() app.UI {
	n := v.Log.Shown()
	if n == 0 {
		// The list is there already for scripts, but there is nothing in it to be seen.
		return h.HTML(`<div class="log-frame">
			<ol id={} class="log" role="log" aria-live="off" aria-label="Messages" hidden="true"></ol>
			<p class="empty">{}</p>
		</div>`, v.id(idLog), v.emptyWords())
	}
	v.place.follow(n)
	first, last := v.place.window(n)
	row := v.place.height()
	// The first space is always there, so that the rows keep their places.
	rows := append(make([]app.UI, 0, last-first+2), space(first*row))
	search := newSearch(v.Log.filter.Text)
	for i := first; i < last; i++ {
		rows = append(rows, v.newRow(i, search))
	}
	if last < n {
		rows = append(rows, space((n-last)*row))
	}
	// Messages are announced by the message line; a live log would say each of them twice.
	return h.HTML(`<div class="log-frame">
		<ol id={} class="log" tabindex="0" role="log" aria-live="off" aria-label="Messages" onscroll={} onclick={} onkeydown={}>{}</ol>
		{}
	</div>`,
		v.id(idLog),
		v.onScroll,
		v.onClick,
		v.onKey,
		rows,
		when(v.place.news, func() app.UI {
			return h.HTML(`<button class="button small newest" id={} type="button" onclick={}>↓ Newest</button>`, v.id(idNewest), v.onNewest)
		}),
	)
}

// space is as high as the rows that aren't drawn. The attribute of old is what the
// content security policy leaves of ways to say so.
func space(height int) app.UI {
	if height <= 0 {
		return h.HTML(`<li class="space" aria-hidden="true"></li>`)
	}
	return h.HTML(`<li class="space" aria-hidden="true"><table role="presentation"><tbody><tr><td height={}></td></tr></tbody></table></li>`, height)
}

func (v *view) emptyWords() string {
	l := v.Log
	switch {
	case l.Total() > 0:
		return "None of " + part.Count(l.Total(), "entry", "entries") + " matches."
	case l.paused:
		return "Paused. What comes is kept, and shows when you resume."
	default:
		return "What is sent and received shows here, with its time and size."
	}
}

// look takes from the browser where the list is.
func (v *view) look() {
	top, frame, below, row := browser.Scroll(v.id(idLog))
	if frame == 0 {
		return // it isn't there
	}
	if v.place.row == row {
		v.place.scrolled(top, below)
	}
	v.place.measured(frame, row)
}

// arrange brings the list to its place, once it is drawn.
func (v *view) arrange() { part.After(v.stage, v.settle) }

func (v *view) settle() {
	if v.fresh {
		v.fresh = false
		browser.SetValue(v.id(idSearch), v.Log.filter.Text)
	}
	if top, frame, below, _ := browser.Scroll(v.id(idLog)); frame > 0 {
		v.place.caught(top, below)
	}
	if v.place.away {
		browser.ScrollDown(v.id(idLog), v.place.top)
	} else {
		browser.ScrollToEnd(v.id(idLog))
	}
	top, frame, below, row := browser.Scroll(v.id(idLog))
	if frame == 0 {
		v.place.seen = nowhere // There is no list; each browser has the next one elsewhere.
		return
	}
	if below <= 1 && !v.place.news {
		v.place.away = false
	}
	v.place.top, v.place.seen = top, top
	changed := v.place.measured(frame, row)
	if v.shows {
		// The list has become smaller by what is shown below it.
		v.shows = false
		if i, ok := v.Log.find(v.Log.chosen); ok {
			v.place.reveal(i, v.Log.Shown())
			browser.ScrollDown(v.id(idLog), v.place.top)
			v.place.seen, _, _, _ = browser.Scroll(v.id(idLog))
		}
		browser.ScrollIntoView(v.id(idOpened))
	}
	if changed {
		// What was supposed may have been wrong.
		v.change(v.arrange)
	}
}

// OnResize draws as many rows as there is room for by now.
func (v *view) OnResize(app.Context) {
	defer part.Guard()
	v.look()
	v.arrange()
}

// onScroll draws other rows only when other ones come near.
func (v *view) onScroll(ctx app.Context, _ app.Event) {
	defer part.Guard()
	n := v.Log.Shown()
	before, news := v.place, v.place.news
	v.look()
	first, _ := before.window(n)
	if now, _ := v.place.window(n); now == first && v.place.news == news && v.place.frame == before.frame {
		ctx.PreventUpdate()
	}
}

// onClick looks at the message that was clicked, or no longer.
func (v *view) onClick(_ app.Context, e app.Event) {
	defer part.Guard()
	id := browser.Nearest(e.Value, "data-id")
	if id == "" || browser.Selecting() {
		return
	}
	v.toggle(number(id))
	v.arrange()
}

func (v *view) onNewest(app.Context, app.Event) {
	defer part.Guard()
	v.place.away, v.place.news = false, false
	browser.FocusInPlace(v.id(idLog))
	v.arrange()
}
