package transcript

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// inspector draws the message that is looked at.
type inspector struct {
	app.Compo

	Opened  *opened
	Version int
	Copied  bool
	View    *view // the same always
}

// Render draws the message.
func (i *inspector) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	o, v := i.Opened, i.View
	e := o.entry
	arrow, way := e.sign()
	copied := "Copy"
	if i.Copied {
		copied = "Copied"
	}
	notes := o.reason
	if cut := e.cutWords(); cut != "" {
		notes = cut
	}
	return h.HTML(`<section class="inspector" id={} aria-label="Message">
		<div class="inspector-head">
			<p class="inspector-title"><span class={} aria-hidden="true">{}</span> {} <span class="muted">{}</span></p>
			{}
			<div class="log-buttons">
				<button class="button small" type="button" onclick={}>{}</button>
				<button class="button small" type="button" aria-label="Close the message" title="Close (Esc)" onclick={}>×</button>
			</div>
		</div>
		{}
		{}
		{}
	</section>`,
		v.id(idOpened),
		"way "+way,
		arrow,
		capital(way),
		exactly(e),
		when(len(o.views()) > 0, func() app.UI {
			return h.HTML(`<div class="segments" role="group" aria-label="Show the message as">{}</div>`, i.renderViews())
		}),
		i.onCopy,
		copied,
		i.onClose,
		when(e.Event != nil, i.renderEvent),
		when(notes != "", func() app.UI { return h.HTML(`<p class="muted small-text">{}</p>`, notes) }),
		i.renderBody(),
	)
}

func capital(text string) string { return string(upper(text[0])) + text[1:] }

// exactly says when an entry was, and how large.
func exactly(e Entry) string {
	text := e.At.Local().Format("2006-01-02 15:04:05.000")
	if e.Imported {
		text = "from a recording · " + text
	}
	if e.message() {
		text += " · " + part.Count(e.size(), "byte", "bytes")
	}
	return text
}

func (i *inspector) renderViews() []app.UI {
	views := i.Opened.views()
	segments := make([]app.UI, len(views))
	for n, name := range views {
		pressed := "false"
		if i.Opened.view == name {
			pressed = "true"
		}
		segments[n] = h.HTML(`<button class="segment" type="button" aria-pressed={} onclick={}>{}</button>`,
			pressed,
			h.On(func(app.Context, app.Event) {
				defer part.Guard()
				i.Opened.choose(name)
			}, name),
			name)
	}
	return segments
}

// renderEvent draws what an event tells of itself, whole.
func (i *inspector) renderEvent() app.UI {
	e := i.Opened.entry
	facts := []app.UI{fact("Channel", e.Event.Channel)}
	if e.Event.Cursor != "" {
		facts = append(facts, fact("Cursor", e.Event.Cursor))
	}
	if e.Event.Timed {
		facts = append(facts,
			fact("Changed", part.Clock(e.At.Add(-e.Event.Delay))),
			fact("Delay", milliseconds(e.Event.Delay)))
	}
	return h.HTML(`<dl class="event-facts">{}</dl>`, facts)
}

func fact(name, value string) app.UI {
	return h.HTML(`<div><dt>{}</dt><dd>{}</dd></div>`, name, value)
}

func (i *inspector) renderBody() app.UI {
	o := i.Opened
	if o.view == viewJSON {
		return h.HTML(`<div class="whole tree mono" tabindex="0" role="group" aria-label="Message as JSON">{}</div>`,
			newBranch(o.tree, true))
	}
	class, name := "whole as-text mono", "Message as text"
	if o.view == viewHex {
		class, name = "whole as-hex mono", "Message as hex"
	}
	text, left := o.body()
	return h.HTML(`<div class={} tabindex="0" role="group" aria-label={}>
		<pre>{}</pre>
		{}
		{}
	</div>`,
		class,
		name,
		text,
		when(text == "", func() app.UI { return h.HTML(`<p class="muted small-text">This message is empty.</p>`) }),
		when(left > 0, func() app.UI {
			return h.HTML(`<button class="button small" type="button" onclick={}>{}</button>`, i.onMore, o.moreWords(left))
		}),
	)
}

func (i *inspector) onMore(app.Context, app.Event) {
	defer part.Guard()
	i.Opened.more()
}

func (i *inspector) onCopy(app.Context, app.Event) {
	defer part.Guard()
	i.View.copy(i.View.id(idOpened), i.Opened.entry.copyText())
}

func (i *inspector) onClose(app.Context, app.Event) {
	defer part.Guard()
	i.View.shut()
}
