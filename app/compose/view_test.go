package compose

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared/lab"
)

// hostile is a name that would be markup, if it were let.
const hostile = `"><img src=x onerror=alert(1)> & '`

// What people typed is never taken for markup, wherever it is shown.
func TestMarkup(t *testing.T) {
	c := NewComposer(&target{ready: true}, NewShelf(&memory{}))
	for _, fold := range folds {
		c.open[fold.id] = true
	}
	c.typed(hostile)
	c.name = hostile
	if !c.save() {
		t.Fatal(c.said.text)
	}
	c.send()
	c.chose(hostile, []byte("\xFF"))
	c.name = hostile
	for name, prepare := range map[string]func(){
		"at rest":  func() {},
		"renaming": func() { c.renaming = cleanName(hostile) },
		"bytes":    func() { c.choose(lab.Hex); c.typed("3c 62 3e") },
		"JSON":     func() { c.choose(lab.JSON); c.typed(`<b>`) },
	} {
		prepare()
		markup := app.HTMLString(View(c, "-2", true))
		if strings.Contains(markup, "<img") || strings.Contains(markup, "<b>3") {
			t.Errorf("%s: what was typed is markup in\n%s", name, markup)
		}
		for _, id := range []string{"text", "send", "check", "said", "file", "saved-fold", "name", "history", "every", "burst-start"} {
			if want := `id="compose-` + id + `-2"`; strings.Count(markup, want) != 1 {
				t.Errorf("%s: %s is there %d times", name, want, strings.Count(markup, want))
			}
		}
	}
}

// Buttons that need a connection say so.
func TestMarkupNotReady(t *testing.T) {
	c := NewComposer(&target{}, NewShelf(&memory{}))
	c.open["repeat"], c.open["saved"] = true, true
	c.name = "a"
	c.save()
	markup := app.HTMLString(View(c, "", false))
	if got, want := strings.Count(markup, `title="Connect first"`), 4; got != want {
		t.Errorf("%d buttons say that they need a connection, want %d:\n%s", got, want, markup)
	}
	markup = app.HTMLString(View(c, "", true))
	if strings.Contains(markup, "Connect first") {
		t.Error("buttons ask for a connection that is there")
	}
}

// What runs is shown with its progress and a way to stop it.
func TestMarkupRunning(t *testing.T) {
	to := &target{ready: true, full: true}
	c := NewComposer(to, NewShelf(&memory{}))
	c.open["repeat"] = true
	c.typed("x")
	c.repeat()
	defer func() { <-c.job.done }()
	defer c.Stop()
	markup := app.HTMLString(View(c, "", true))
	if !strings.Contains(markup, `id="compose-stop"`) || !strings.Contains(markup, "0 sent") {
		t.Errorf("what runs isn't shown:\n%s", markup)
	}
	if strings.Contains(markup, `id="compose-start"`) {
		t.Error("while something runs, another can be started")
	}
}

// A field that is drawn again while somebody types in it is left alone: what would be
// written into it is older than what is there.
func TestFieldsAreWrittenOnce(t *testing.T) {
	c := NewComposer(&target{ready: true}, NewShelf(&memory{}))
	c.open["repeat"], c.open["saved"] = true, true
	v := &view{Composer: c, Ready: true}
	first := app.HTMLString(v)
	c.name, c.every, c.count, c.burst = "a na", "50", "3", "7"
	values := regexp.MustCompile(` value="[^"]*"`)
	if got, want := values.FindAllString(app.HTMLString(v), -1), values.FindAllString(first, -1); !slices.Equal(got, want) || len(got) == 0 {
		t.Errorf("got %q, want %q, as before something was typed", got, want)
	}
	for _, want := range []string{`value="a na"`, `value="50"`, `value="3"`, `value="7"`} {
		if got := app.HTMLString(&view{Composer: c, Ready: true}); !strings.Contains(got, want) {
			t.Errorf("what was typed isn't there when the fields are drawn anew: no %s in\n%s", want, got)
		}
	}
}
