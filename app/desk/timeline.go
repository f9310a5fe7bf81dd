package desk

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
	"cartline/app/part"
	"cartline/shared"
)

// renderTimeline draws what happened to the cart, newest first, and the form for a
// note among colleagues.
func (p *panel) renderTimeline() app.UI {
	c := p.Card
	activities := c.activities
	remedies := c.remedies()
	if !p.Page.model.Has(shared.RoleCartEditor) {
		clear(remedies)
	}
	return h.HTML(`<section class="timeline-box" aria-labelledby="timeline-title">
		<h2 id="timeline-title">Timeline</h2>
		{}
		<p class="bad small-text" role="alert">{}</p>
		<p class="bad small-text" role="alert">{}</p>
		<ol class="timeline" id="timeline">
			{}
		</ol>
		{}
	</section>`,
		when(c.canEdit(), func() app.UI {
			return h.HTML(`<form class="row tight" id="note-form" onsubmit={}>
				<label class="sr" for="note-text">Note to colleagues</label>
				<input class="field grow" id="note-text" type="text" autocomplete="off" maxlength={} placeholder="Note to colleagues; the customer doesn't see it">
				<button class="button" type="submit" disabled={}>Note</button>
			</form>`, p.onNote, shared.MaxNote, c.busy[atNote])
		}),
		c.said[atNote],
		c.said[atTimeline],
		app.Range(activities).Slice(func(i int) app.UI { return p.renderActivity(activities[i], remedies[i]) }),
		when(c.older > 0, func() app.UI {
			return h.HTML(`<button class="button small" type="button" onclick={}>Show older</button>`, p.onOlder)
		}),
	)
}

func (p *panel) renderActivity(a shared.Activity, r remedy) app.UI {
	c := p.Card
	name := "Undo"
	if r == restore {
		name = "Restore"
	}
	return h.HTML(`<li class={} data-version={}>
		<time class="at" datetime={} title={}>{}</time>
		<div class="words">
			<span>{}</span>
			{}
		</div>
		{}
	</li>`,
		"happened "+string(a.Actor.Kind),
		a.CartVersion,
		a.At.Format(time.RFC3339),
		a.At.Local().Format("2 January 2006, 15:04:05"),
		clock(a.At),
		activityWords(a, c.me, c.nameOf),
		when(a.Note != "", func() app.UI { return h.HTML(`<p class="quote">{}</p>`, a.Note) }),
		when(r != none, func() app.UI {
			return h.HTML(`<button class="link" type="button" onclick={}>{}</button>`,
				h.On(func(app.Context, app.Event) {
					defer part.Guard()
					p.Page.takeBack(c, a, r)
				}, a.CartVersion),
				name,
			)
		}),
	)
}

func (p *panel) onNote(_ app.Context, e app.Event) {
	defer part.Guard()
	e.PreventDefault()
	p.Page.note(p.Card, browser.Value("note-text"))
}

func (p *panel) onOlder(app.Context, app.Event) {
	defer part.Guard()
	if !p.Page.reading["timeline "+p.Card.id] {
		p.Page.readTimeline(p.Card, p.Card.older)
	}
}
