package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/h"
)

// Guard is to be deferred, by itself, in every handler and goroutine of a page.
// A panic would end the whole program and leave a page that looks alive and is
// not; Guard stops it and tells the visitor.
//
// It can't be a wrapper around handlers: go-app compares those by their code,
// and all wrapped ones would look the same.
func Guard() {
	if cause := recover(); cause != nil {
		browser.Alarm(cause)
	}
}

// GuardRender is Guard for Render, to be deferred with a pointer to its named
// result, which it replaces.
func GuardRender(ui *app.UI) {
	if cause := recover(); cause != nil {
		browser.Alarm(cause)
		*ui = h.Div().Class("broken").Text("This part of the page could not be shown.")
	}
}
