package part

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
)

func TestPage(t *testing.T) {
	html := app.HTMLString(Page(PathEvents, h.P().Text("what it shows")))
	for _, want := range []string{
		`href="#main"`, "<header", "<nav", `aria-label="Pages"`, `id="main"`, "<footer", "what it shows", "<noscript>",
		`role="status"`, // the region for the notice, there before it is needed
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the shell has no %s", want)
		}
	}
	if got := strings.Count(html, `aria-current="page"`); got != 1 {
		t.Errorf("%d links are of the current page, want 1", got)
	}
}

func TestNotice(t *testing.T) {
	if html := app.HTMLString(&notice{}); strings.Contains(html, "new version") {
		t.Errorf("it tells of a new version without one: %s", html)
	}
	html := app.HTMLString(&notice{ready: true})
	for _, want := range []string{"A new version is ready.", "Reload"} {
		if !strings.Contains(html, want) {
			t.Errorf("got %s, without %q", html, want)
		}
	}
}

func TestGuard(t *testing.T) {
	render := func() (ui app.UI) {
		defer GuardRender(&ui)
		panic("render")
	}
	if got := app.HTMLString(render()); !strings.Contains(got, "could not be shown") {
		t.Errorf("got %s in place of what broke", got)
	}
	sound := func() (ui app.UI) {
		defer GuardRender(&ui)
		return h.P().Text("sound")
	}
	if got := app.HTMLString(sound()); got != "<p>sound</p>" {
		t.Errorf("got %s in place of what is sound", got)
	}
	func() {
		defer Guard()
		panic("handler")
	}()
}
