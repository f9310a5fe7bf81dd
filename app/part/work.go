package part

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Stage is where a mounted page is drawn: an app.Context.
type Stage interface {
	Dispatch(func(app.Context))
	Defer(func(app.Context))
}

// Dispatch brings a change to a page, from any goroutine.
func Dispatch(page Stage, change func()) {
	defer Nudge()
	page.Dispatch(func(app.Context) {
		defer Guard()
		change()
	})
}

// After runs something once what has changed on a page is drawn.
func After(page Stage, do func()) {
	page.Defer(func(app.Context) {
		defer Guard()
		do()
	})
}

// Background runs what blocks, for as long as limit at most, and then brings its
// outcome to the page by way of dispatch.
func Background(limit time.Duration, dispatch func(func()), work func(context.Context) (outcome func())) {
	go func() {
		defer Guard()
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		dispatch(work(ctx))
	}()
}
