package part

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/base"
	"cartline/app/browser"
	"cartline/app/h"
)

// CacheName names the cache in which the service worker of a version keeps what
// the pages need. All of a host share its caches, so the base is in it.
func CacheName(version string) string { return "cartline" + base.Path() + "-" + version }

// notice tells that a new version of the pages has arrived. It also sets up what
// every page needs once, as every page has one.
type notice struct {
	app.Compo
	ready bool
}

// OnMount runs when the program has taken the page over.
func (n *notice) OnMount(app.Context) {
	defer Guard()
	browser.LeaveLinksAlone()
}

// OnAppUpdate runs when the browser has put a new service worker to work. That
// happens also on a page which is itself of the new version, as pages come from
// the network first; but a page's own cache is gone only when it is old.
func (n *notice) OnAppUpdate(ctx app.Context) {
	defer Guard()
	go func() {
		defer Guard()
		limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		current, err := browser.HasCache(limited, CacheName(app.Getenv("GOAPP_VERSION")))
		if err != nil || current {
			// Not knowing is no reason to interrupt.
			return
		}
		ctx.Dispatch(func(app.Context) { n.ready = true })
	}()
}

// Render draws the notice, or the place for it: a live region must be there
// before what it is to announce.
func (n *notice) Render() (ui app.UI) {
	defer GuardRender(&ui)
	region := h.Div().Class("notice-region").Role("status")
	if !n.ready {
		return region
	}
	return region.Body(
		h.Div().Class("notice").Body(
			h.P().Text("A new version is ready."),
			h.Button().Class("button small primary").Attr("type", "button").Text("Reload").OnClick(n.reload),
		),
	)
}

func (n *notice) reload(app.Context, app.Event) {
	defer Guard()
	browser.Reload()
}
