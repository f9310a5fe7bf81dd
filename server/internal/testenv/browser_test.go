package testenv_test

import (
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"cartline/server/internal/testenv"
)

// page serves markup at / and refuses everything else.
func page(t *testing.T, markup string, header ...string) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		fmt.Fprint(w, "<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,>", markup)
	})
	mux.HandleFunc("GET /worker.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `oninstall = (e) => e.waitUntil(fetch("http://tracker.invalid/").catch(() => {}))`)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL + "/"
}

func TestTab(t *testing.T) {
	t.Parallel()
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(page(t, `
		<h1>Echo</h1>
		<input id=text aria-label=Message value=old>
		<button id=send disabled>Send</button>
		<p id=message> nothing </p>
		<script>
			const [text, send, message] = ["text", "send", "message"].map((id) => document.getElementById(id))
			const tell = () => { message.textContent = "Server Says: " + text.value }
			send.onclick = tell
			text.oninput = () => setTimeout(() => { send.disabled = text.value === "" }, 50)
			text.onkeydown = (e) => { if (e.key === "Enter") tell() }
			console.log("page", "ready")
		</script>`))

	if got, want := tab.Text("#message"), "nothing"; got != want {
		t.Errorf("Text = %q, want %q", got, want)
	}
	if !tab.Disabled("#send") {
		t.Error("Disabled = false for a disabled button")
	}
	tab.Type("#text", "er")
	if got, want := tab.Value("#text"), "older"; got != want {
		t.Errorf("after Type, Value = %q, want %q", got, want)
	}
	tab.Fill("#text", "hello ☕")
	tab.Click("#send") // waits until it is enabled
	tab.WaitText("#message", "Server Says: hello ☕")

	tab.Fill("#text", "again")
	tab.Press(kb.Enter)
	tab.WaitContains("#message", "again")
	tab.Fill("#text", "")
	tab.WaitFunc(`document.getElementById("send").disabled`)

	if got, want := testenv.Eval[int](tab, "Promise.resolve(6 * 7)"), 42; got != want {
		t.Errorf("Eval = %d, want %d", got, want)
	}
	for _, want := range []testenv.AXNode{{"heading", "Echo"}, {"textbox", "Message"}, {"button", "Send"}} {
		if tree := tab.AXTree(); !slices.Contains(tree, want) {
			t.Errorf("AXTree has no %v: %v", want, tree)
		}
	}
}

// A click waits for its button: this one is disabled at first and then covered
// for a while. Each stage ends long after a click that did not wait.
func TestClickWaits(t *testing.T) {
	t.Parallel()
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(page(t, `
		<div style="height: 3000px">far down</div>
		<button id=b disabled>Go</button><p id=message></p>
		<div id=cover style="position: fixed; inset: 0"></div>
		<script>
			onload = () => setTimeout(() => {
				b.disabled = false
				setTimeout(() => cover.remove(), 300)
			}, 300)
			b.onclick = () => { message.textContent = "clicked" }
			cover.onclick = () => { message.textContent = "clicked the cover" }
		</script>`))
	tab.Click("#b")
	tab.WaitText("#message", "clicked")
}

// A click is made again if its button has gone elsewhere while the mouse went down, and
// what the mouse met instead hears nothing of that.
func TestClickFollows(t *testing.T) {
	t.Parallel()
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(page(t, `
		<button id=b>Go</button><p id=message></p>
		<script>
			onpointerdown = () => { b.style.marginTop = "200px"; onpointerdown = null }
			document.body.onclick = (event) => { message.textContent += event.target.id || "elsewhere" }
		</script>`))
	tab.Click("#b")
	tab.WaitText("#message", "b")
}

// Without scripts a link is followed once, although the next page takes its time, and has
// a link in the same place.
func TestClickWithoutScripts(t *testing.T) {
	t.Parallel()
	var pages atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			pages.Add(1)
			time.Sleep(300 * time.Millisecond) // long after a click that was made again
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><h1>%[1]s</h1><a href="%[1]sx">on</a>`, r.URL.Path)
	}))
	t.Cleanup(srv.Close)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.DisableScripts()
	tab.Navigate(srv.URL)
	tab.Click("a")
	tab.WaitText("h1", "/x")
	tab.Click("a")
	tab.WaitText("h1", "/xx")
	if got := pages.Load(); got != 2 {
		t.Errorf("two clicks asked for %d pages", got)
	}
}

func TestFindChromium(t *testing.T) {
	t.Setenv("PATH", "")
	if _, err := testenv.FindChromium(); err == nil || !strings.Contains(err.Error(), "apt-get install chromium") {
		t.Errorf("without any: %v, want what to install", err)
	}
}

func TestTabViewport(t *testing.T) {
	t.Parallel()
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(page(t, `<meta name=viewport content=width=device-width>`))
	const dark = `matchMedia("(prefers-color-scheme: dark)").matches`

	tab.SetViewport(390, 844, true)
	tab.EmulateDark(true)
	if got := testenv.Eval[[]int](tab, "[innerWidth, innerHeight, navigator.maxTouchPoints]"); got[0] != 390 || got[1] != 844 || got[2] == 0 {
		t.Errorf("width, height and touch points = %v, want 390, 844 and some", got)
	}
	if !testenv.Eval[bool](tab, dark) {
		t.Error("the page does not see dark mode")
	}
	tab.EmulateDark(false)
	if testenv.Eval[bool](tab, dark) {
		t.Error("the page still sees dark mode")
	}

	f, err := os.Open(tab.Screenshot("phone/light"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.DecodeConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	if picture.Width != 390 || picture.Height != 844 {
		t.Errorf("screenshot is %d × %d, want 390 × 844", picture.Width, picture.Height)
	}
}

// Two tests do not share cookies, though they share the browser.
func TestBrowserIsolatesCookies(t *testing.T) {
	t.Parallel()
	address := page(t, "")
	one, two := testenv.Browser(t, testenv.BrowserOptions{}), testenv.Browser(t, testenv.BrowserOptions{})
	one.Navigate(address)
	two.Navigate(address)
	testenv.Eval[string](one, `document.cookie = "who=one"`)
	if got := testenv.Eval[string](two, "document.cookie"); got != "" {
		t.Errorf("cookie of the other page = %q, want none", got)
	}
}

func TestTakeProblems(t *testing.T) {
	t.Parallel()
	const csp, policy = "Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; img-src data:"
	// done waits for a sign that the page knows of its misfortune.
	for _, tt := range []struct {
		name, markup string
		header       []string
		want         []string // beginnings, in order
	}{
		{"nothing", `<script>done = true; console.error("only noise")</script>`, nil, nil},
		{
			"exception", `<script>setTimeout(() => { done = true; throw new Error("ouch") })</script>`, nil,
			[]string{"uncaught exception: Uncaught Error: ouch"},
		},
		{
			"rejected promise", `<script>Promise.reject(new Error("ouch")); setTimeout(() => { done = true }, 50)</script>`, nil,
			[]string{"uncaught exception: Uncaught (in promise) Error: ouch"},
		},
		{
			"panic in Go", `<script>console.error("panic: ouch"); done = true</script>`, nil,
			[]string{"Go program: panic: ouch"},
		},
		{
			"CSP violation", `<script>document.onsecuritypolicyviolation = () => { done = true }</script><p style="color: red">`, []string{csp, policy},
			[]string{"CSP violation: "},
		},
		{
			"missing resource", `<img src=/missing.png onerror="done = true">`, nil,
			[]string{"failed resource: status 404: http://127.0.0.1:"},
		},
		{"refused fetch", `<script>fetch("/missing").then(() => { done = true })</script>`, nil, nil},
		{
			"foreign image", `<img src=http://tracker.invalid/a.png onerror="done = true">`, nil,
			[]string{"request to a foreign host: tracker.invalid"},
		},
		{
			"foreign WebSocket", `<script>new WebSocket("wss://tracker.invalid/").onerror = () => { done = true }</script>`, nil,
			[]string{"request to a foreign host: tracker.invalid"},
		},
		{
			"foreign request of a service worker", `<script>navigator.serviceWorker.register("/worker.js")
				navigator.serviceWorker.ready.then(() => { done = true })</script>`, nil,
			[]string{"request to a foreign host: tracker.invalid"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tab := testenv.Browser(t, testenv.BrowserOptions{})
			tab.Navigate(page(t, "<script>var done</script>"+tt.markup, tt.header...))
			tab.WaitFunc("done")
			got := tab.TakeProblems()
			if len(got) < len(tt.want) || len(tt.want) == 0 && len(got) > 0 {
				t.Fatalf("problems = %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("problem %d = %q, want it to begin with %q", i, got[i], want)
				}
			}
		})
	}
}

// verdict stands in for a test whose failure is expected.
type verdict struct {
	testing.TB
	failed  []string
	cleanup []func()
}

func (v *verdict) Name() string            { return v.TB.Name() + " expects a failure" }
func (v *verdict) Failed() bool            { return len(v.failed) > 0 }
func (v *verdict) Cleanup(f func())        { v.cleanup = append(v.cleanup, f) }
func (v *verdict) Logf(f string, a ...any) { v.TB.Logf("expected failure: "+f, a...) }
func (v *verdict) Errorf(f string, a ...any) {
	v.failed = append(v.failed, fmt.Sprintf(f, a...))
}

// Fatalf ends what run started, as the real one ends the test.
func (v *verdict) Fatalf(f string, a ...any) {
	v.Errorf(f, a...)
	runtime.Goexit()
}

// run calls f, which may be ended by Fatalf, and cleans up.
func (v *verdict) run(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
	v.end()
}

func (v *verdict) end() {
	for _, f := range slices.Backward(v.cleanup) {
		f()
	}
}

// A problem that the test did not take or allow makes it fail, with a picture.
func TestProblemsFailTheTest(t *testing.T) {
	for _, tt := range []struct {
		name  string
		allow []string
		want  []string
	}{
		{"not allowed", nil, []string{"in the page: uncaught exception: Uncaught Error: ouch"}},
		{"another one allowed", []string{"CSP"}, []string{"in the page: uncaught exception: Uncaught Error: ouch"}},
		{"allowed", []string{"Error: ouch"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			folder := filepath.Join("..", "..", "..", "screenshots")
			picture := filepath.Join(folder, strings.NewReplacer("/", "_", " ", "_").Replace(t.Name())+"_expects_a_failure.png")
			t.Cleanup(func() {
				if err := os.Remove(picture); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
				os.Remove(folder) // unless it has pictures of others
			})
			v := &verdict{TB: t}
			tab := testenv.Browser(v, testenv.BrowserOptions{Allow: tt.allow})
			tab.Navigate(page(t, `<script>setTimeout(() => { done = true; throw new Error("ouch") }); var done</script>`))
			tab.WaitFunc("done")
			v.end()

			if len(v.failed) != len(tt.want) {
				t.Fatalf("failures = %q, want %q", v.failed, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(v.failed[i], want) {
					t.Errorf("failure %d = %q, want it to begin with %q", i, v.failed[i], want)
				}
			}
			if _, err := os.Stat(picture); (err == nil) != (len(tt.want) > 0) {
				t.Errorf("looking for the screenshot: %v, after %d failures", err, len(tt.want))
			}
		})
	}
}

// A page that prevents what a key does prevents also that it types.
func TestTabPressPrevented(t *testing.T) {
	t.Parallel()
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(page(t, `<input id=it><script>
		onkeydown = (e) => { if (e.key === "/" && e.target.id !== "it") { e.preventDefault(); it.focus() } }
	</script>`))
	tab.Press("/a/?É")
	if got, want := tab.Value("#it"), "a/?É"; got != want {
		t.Errorf("the field has %q, want %q", got, want)
	}
}

// A second page has the storage of the first, which another browser has not.
func TestTabAnother(t *testing.T) {
	t.Parallel()
	address := page(t, `<p id=it></p><script>
		it.textContent = localStorage.getItem("it") ?? "nothing"
		localStorage.setItem("it", "kept")
		it.onmouseenter = () => { it.textContent = "pointed at" }
	</script>`)
	first := testenv.Browser(t, testenv.BrowserOptions{})
	first.Navigate(address)
	first.WaitText("#it", "nothing")
	second := first.Another()
	second.Navigate(address)
	second.WaitText("#it", "kept")
	second.Hover("#it")
	second.WaitText("#it", "pointed at")

	other := testenv.Browser(t, testenv.BrowserOptions{})
	other.Navigate(address)
	other.WaitText("#it", "nothing")
	other.DisableScripts()
	other.Navigate(address)
	other.WaitText("#it", "")
}

// A page that crashes has no chance to say goodbye; the others go on.
func TestTabCrash(t *testing.T) {
	t.Parallel()
	parted := make(chan struct{}, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><html lang=en><title>t</title><link rel=icon href=data:,><p id=it>here</p>
			<script>onpagehide = () => navigator.sendBeacon("/goodbye")</script>`)
	})
	mux.HandleFunc("POST /goodbye", func(http.ResponseWriter, *http.Request) { parted <- struct{}{} })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(server.URL + "/")
	other := testenv.Browser(t, testenv.BrowserOptions{})
	other.Navigate(server.URL + "/")
	tab.Crash()
	// It works for a page that is left.
	other.Navigate("about:blank")
	<-parted
	select {
	case <-parted:
		t.Error("the page that crashed said goodbye")
	default:
	}
}
