package console

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/compose"
	"cartline/app/h"
	"cartline/app/part"
)

// The folds' ids.
const (
	foldOptions   = "options"
	foldCompose   = "compose"
	foldDetails   = "details"
	foldRecording = "recording"
)

// folds are the parts that are drawn only when they are wanted.
var folds = []struct {
	id, title string
	draw      func(*face) app.UI
}{
	{foldOptions, "Options", (*face).renderOptions},
	{foldCompose, "Compose", (*face).renderCompose},
	{foldDetails, "Details", (*face).renderDetails},
	{foldRecording, "Recording", (*face).renderRecording},
}

// renderFolds draws the switches of the folds, and those that are open.
func (f *face) renderFolds() app.UI {
	var switches, open []app.UI
	for _, fold := range folds {
		id := f.Pane.id(fold.id)
		shown := f.Pane.folds[fold.id]
		b := h.Button().Class("fold-switch").Attr("type", "button").Aria("controls", id).
			Body(append([]app.UI{app.Text(fold.title)}, compose.Mark(f.Pane.runs(fold.id))...)...)
		if shown {
			b = b.Aria("expanded", "true")
			open = append(open, h.HTML(`<section class="fold-out" id={} aria-label={}>{}</section>`, id, fold.title, fold.draw(f)))
		} else {
			b = b.Aria("expanded", "false")
		}
		if !f.Ready {
			b = b.Attr("disabled", true)
		}
		switches = append(switches, b.On("click", func(app.Context, app.Event) {
			defer part.Guard()
			f.Pane.unfold(fold.id, !shown)
		}, app.EventScope(fold.id, shown)))
	}
	return h.HTML(`<div class="folds"><div class="fold-switches" role="group" aria-label="More">{}</div>{}</div>`, switches, open)
}

func (f *face) renderCompose() app.UI {
	return compose.View(f.Pane.composer, f.Pane.suffix(), f.Pane.model.canSend())
}

// runs tells whether something that a fold has begun goes on, be it open or not.
func (p *pane) runs(fold string) bool {
	i := p.insight
	switch fold {
	case foldCompose:
		return p.composer.Running()
	case foldDetails:
		return i.gauge.job.runs() && !i.gauge.shown.over
	case foldRecording:
		return i.reel.job.runs() && !i.reel.shown.over
	}
	return false
}
