package console

import (
	"regexp"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// page makes the component as a browser has it, and its first pane, with a model to play
// with.
func page() (*Console, *pane) {
	c := new(Console)
	c.OnInit()
	c.ready = true
	c.panes[0].model = testModel()
	return c, c.panes[0]
}

// add makes another pane.
func add(c *Console) *pane {
	slot := c.count()
	c.panes[slot] = newPane(c, slot)
	c.panes[slot].model = testModel()
	return c.panes[slot]
}

// tag returns the start tag of the element with an id.
func tag(t *testing.T, html, id string) string {
	t.Helper()
	found := regexp.MustCompile(`<[^>]* id="` + id + `"[^>]*>`).FindString(html)
	if found == "" {
		t.Fatalf("no element %q in %s", id, html)
	}
	return found
}

// text returns the text of the element with an id, which has no elements in it.
func text(t *testing.T, html, id string) string {
	t.Helper()
	found := regexp.MustCompile(`<[^>]* id="` + id + `"[^>]*>([^<]*)<`).FindStringSubmatch(html)
	if found == nil {
		t.Fatalf("no element %q in %s", id, html)
	}
	return found[1]
}

func TestMarkup(t *testing.T) {
	c, p := page()
	tests := []struct {
		name     string
		do       func()
		status   string
		disabled map[string]bool
		message  string
	}{
		{"at load", func() {}, "Not Connected", map[string]bool{"open": false, "close": true, "send": true}, ""},
		{"connecting", func() { p.model.connect("ws://localhost:8080/echo", nil) }, "Connecting…", map[string]bool{"open": true, "close": true, "send": true}, ""},
		{"open", func() { p.model.opened(""); hear(p.model, "Echo <Initiated>") }, "Connected", map[string]bool{"open": true, "close": false, "send": false}, "Server Says: Echo &lt;Initiated&gt;"},
		{"leaving", func() { p.model.disconnect() }, "Disconnecting…", map[string]bool{"open": true, "close": true, "send": true}, ""},
		{"ended", func() { p.model.ended(1000, "") }, "Not Connected", map[string]bool{"open": false, "close": true, "send": true}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.do()
			html := app.HTMLString(c)
			if got := text(t, html, idStatus); got != test.status {
				t.Errorf("got status %q, want %q", got, test.status)
			}
			if got := text(t, html, idMessage); got != test.message {
				t.Errorf("got message %q, want %q", got, test.message)
			}
			for id, want := range test.disabled {
				if got := strings.Contains(tag(t, html, id), " disabled"); got != want {
					t.Errorf("%s: got disabled %v, want %v", id, got, want)
				}
			}
		})
	}
}

// Before the program runs no button does anything, so none may look as if.
func TestMarkupBeforeTheProgramRuns(t *testing.T) {
	c := new(Console)
	c.OnInit()
	html := app.HTMLString(c)
	for _, button := range regexp.MustCompile(`<button[^>]*>`).FindAllString(html, -1) {
		if !strings.Contains(button, " disabled") {
			t.Errorf("%s works", button)
		}
	}
	for _, id := range []string{idURL, idText} {
		if field := tag(t, html, id); !strings.Contains(field, " readonly") || strings.Contains(field, " value=") {
			t.Errorf("got %s, want it empty and read-only", field)
		}
	}
	if got := text(t, html, idStatus); got != "Not Connected" {
		t.Errorf("got status %q", got)
	}
}

func TestMarkupOfOffers(t *testing.T) {
	c, p := page()
	p.model.connect("localhost:8080/echo", nil)
	if html := app.HTMLString(c); !strings.Contains(html, "Use ws://localhost:8080/echo") {
		t.Error("the suggestion isn't offered")
	}
	p.model.connect("ws://localhost:8080/events/io", nil)
	p.model.failed(refusal{text: "Can't monitor events", signIn: true})
	if html := app.HTMLString(c); !strings.Contains(html, "To the sign-in") {
		t.Error("the way to the sign-in isn't offered")
	}
	for i, want := range map[int]string{1: "cart_activity", 2: "my_cart"} {
		p.preset = &presets[i]
		p.model.connect("ws://localhost:8080/events/io", nil)
		p.model.opened("")
		html := app.HTMLString(c)
		if !strings.Contains(html, "{&#34;listen&#34;:&#34;"+want+"&#34;}") {
			t.Errorf("the message that listens to %s isn't offered", want)
		}
		if got := strings.Count(html, `title="Disconnect first to switch the endpoint"`); got != len(presets) {
			t.Errorf("%d of the endpoints say why they can't be switched, want %d", got, len(presets))
		}
	}
}

// Each element has an id of its own, also where connections stand side by side, and the
// first has the plain ones.
func TestMarkupOfSeveral(t *testing.T) {
	c, p := page()
	if html := app.HTMLString(c); strings.Contains(html, ">Remove<") || strings.Contains(html, `id="name"`) {
		t.Error("a connection that is alone has a name or can be removed")
	}
	second := add(c)
	for add(c).slot < maxPanes-1 {
	}
	for _, pane := range c.panes {
		for _, fold := range folds {
			pane.folds[fold.id] = true
		}
		pane.offered = []string{"a", "b"}
	}
	second.name = `<b>"Bob"</b>`
	html := app.HTMLString(c)
	seen := make(map[string]bool)
	for _, found := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if seen[found[1]] {
			t.Errorf("the id %q is there twice", found[1])
		}
		seen[found[1]] = true
	}
	for _, id := range []string{idStatus, idURL, idOpen, idClose, idSend, idText, idMessage, "log", "name", "status-2", "log-4"} {
		if !seen[id] {
			t.Errorf("there is no id %q", id)
		}
	}
	for _, described := range regexp.MustCompile(` aria-(?:controls|describedby|labelledby)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		for _, id := range strings.Fields(described[1]) {
			if !seen[id] {
				t.Errorf("what has the id %q is missing", id)
			}
		}
	}
	if strings.Contains(html, second.name) {
		t.Error("a name is written as markup")
	}
	if tag(t, html, "add-pane"); !strings.Contains(tag(t, html, "add-pane"), " disabled") {
		t.Error("a fifth connection is offered")
	}
	if p.suffix() != "" {
		t.Errorf("the first pane's ids end in %q", p.suffix())
	}
}

func TestOffered(t *testing.T) {
	_, p := page()
	steps := []struct {
		do   func()
		want string
	}{
		{func() { p.offer(" one ") }, "one "},
		{func() { p.offer("two") }, "one,two "},
		{func() { p.offer("one") }, "one,two one is offered already."},
		{func() { p.offer("") }, "one,two Enter the name of a sub-protocol."},
		{func() { p.offer("a b") }, "one,two A sub-protocol has letters"},
		{func() { p.offer("a,b") }, "one,two A sub-protocol has letters"},
		{func() { p.offer("fault.drop-5") }, "one,two,fault.drop-5 "},
		{func() { p.raise("fault.drop-5") }, "one,fault.drop-5,two "},
		{func() { p.raise("one") }, "one,fault.drop-5,two "},
		{func() { p.raise("gone") }, "one,fault.drop-5,two "},
		{func() { p.withdraw("one") }, "fault.drop-5,two "},
		{func() {
			for i := range maxOffered {
				p.offer(strings.Repeat("x", i+1))
			}
		}, "fault.drop-5,two,x,"},
	}
	for i, step := range steps {
		step.do()
		if got := strings.Join(p.offered, ",") + " " + p.badOffer; !strings.HasPrefix(got, step.want) {
			t.Errorf("step %d: got %q, want %q", i, got, step.want)
		}
	}
	if len(p.offered) != maxOffered {
		t.Errorf("%d are offered, want %d", len(p.offered), maxOffered)
	}
}

// The address and the numbers beside it say the same.
func TestFaultsInAddress(t *testing.T) {
	tests := []struct {
		typed, faults, bad string
		preset             string
	}{
		{"ws://localhost:8080/echo", "", "", "Echo"},
		{"ws://localhost:8080/echo?delay=20&x=1", "delay=20", "", "Echo"},
		{"ws://localhost:8080/echo?drop=200", "", "drop is a number from 1 to 100 (%).", "Echo"},
		{"ws://elsewhere.example/echo?drop=5", "", "", ""},
		{"ws://localhost:8080/events/io?drop=5", "", "", "Cart events"},
		{"nonsense", "", "", ""},
	}
	for _, test := range tests {
		_, p := page()
		p.typed(test.typed)
		name := ""
		if p.preset != nil {
			name = p.preset.name
		}
		if got := p.faults.Query(); got != test.faults || p.badFaults != test.bad || name != test.preset {
			t.Errorf("%s: got %q, %q, preset %q", test.typed, got, p.badFaults, name)
		}
	}
}

// Each example can be asked for as it is.
func TestFaultExamples(t *testing.T) {
	for _, example := range examples {
		_, p := page()
		p.setFaults(example.faults)
		p.typed(p.model.site.endpoint(pathEcho) + "?" + example.faults.Query())
		if p.faults != example.faults || p.badFaults != "" {
			t.Errorf("%s: got %q, %q", example.name, p.faults.Query(), p.badFaults)
		}
	}
}

func TestPresetOf(t *testing.T) {
	if got := presetOf(pathEvents, &presets[2]); got != &presets[2] {
		t.Error("an address that two presets share was taken for the other one")
	}
	if got := presetOf(pathEcho, &presets[2]); got != &presets[0] {
		t.Error("the echo's address isn't known")
	}
	if got := presetOf("", &presets[0]); got != nil {
		t.Error("a foreign address has a preset")
	}
}
