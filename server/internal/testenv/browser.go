package testenv

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

const (
	// browserTimeout is for starting or ending Chromium on a busy machine.
	browserTimeout = 90 * time.Second

	// waitTimeout is how long waiting methods wait. Only a failure takes that
	// long; a page with WebAssembly may need seconds under the race detector.
	waitTimeout = 90 * time.Second
)

// BrowserOptions say what a test expects of its pages. The zero value allows
// nothing out of the ordinary.
type BrowserOptions struct {
	// Allow lists parts of problems, as [Tab.TakeProblems] words them, that
	// the test brings about on purpose. Default: none. The danger of a short
	// part is that it also hides what nobody expected.
	Allow []string
}

// Browser opens a page in Chromium for this test alone: the browser is shared
// by the tests of the process, but cookies, storage and service workers are
// not. The page is closed when the test ends.
//
// What the page writes to its console goes to the test's log. The test fails
// at its end when the page had an uncaught exception or a Go panic, broke the
// Content-Security-Policy, failed to load something of its own, or asked any
// host but this machine for anything; see [Tab.TakeProblems]. Nothing reaches
// other hosts in any case. After a failure a screenshot is written to the
// folder screenshots of the module.
func Browser(t testing.TB, opts BrowserOptions) *Tab {
	t.Helper()
	browser, err := sharedBrowser()
	if err != nil {
		t.Fatalf("Chromium is needed for this test: %v", err)
	}
	tab := &Tab{t: t, name: tabName(t), watch: &watcher{logf: t.Logf}, allow: opts.Allow}

	// Events tell of requests by the page. The proxy, which Chromium uses for
	// all but the loopback interface, also sees those of service workers.
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tab.watch.foreign(r.Host)
		http.Error(w, "tests have no other hosts", http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)

	tab.open(chromedp.NewContext(browser, chromedp.WithNewBrowserContext(
		func(p *target.CreateBrowserContextParams) { p.ProxyServer = proxy.URL })))
	return tab
}

// Another opens a second page of the same visitor, with the cookies and the storage
// of the first, under the same rules. It is closed when the test ends.
func (tab *Tab) Another() *Tab {
	tab.t.Helper()
	other := &Tab{t: tab.t, name: tabName(tab.t), watch: &watcher{logf: tab.t.Logf}, allow: tab.allow}
	other.open(chromedp.NewContext(tab.ctx))
	return other
}

// open makes the page in its context, and sees to its end.
func (tab *Tab) open(ctx context.Context, cancel context.CancelFunc) {
	tab.t.Helper()
	tab.ctx = ctx
	tab.t.Cleanup(func() {
		tab.finish()
		cancel() // waits until the page and its cookies are gone
		tab.watch.stop()
	})
	if err := chromedp.Listen(ctx, tab.watch.event); err != nil {
		tab.t.Fatalf("opening a page: %v", err)
	}
}

// tabs counts the open pages of each test.
var tabs struct {
	mu sync.Mutex
	of map[string]int
}

// tabName names the page for its screenshot: after the test, with a number
// from the second page on.
func tabName(t testing.TB) string {
	tabs.mu.Lock()
	defer tabs.mu.Unlock()
	if tabs.of == nil {
		tabs.of = map[string]int{}
	}
	name := t.Name()
	tabs.of[name]++
	n := tabs.of[name]
	t.Cleanup(func() {
		tabs.mu.Lock()
		defer tabs.mu.Unlock()
		tabs.of[name]--
	})
	if n > 1 {
		return fmt.Sprintf("%s-%d", name, n)
	}
	return name
}

// sharedBrowser starts Chromium at the first call.
var sharedBrowser = sync.OnceValues(func() (context.Context, error) {
	path, err := findChromium()
	if err != nil {
		return nil, err
	}
	var output Output
	options := append(chromedp.DefaultExecAllocatorOptions[:], // headless; as root without sandbox; tied to this process
		chromedp.ExecPath(path),
		chromedp.CombinedOutput(&output),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		// What Chromium would ask its makers for on its own account would be
		// taken for a request of the page, and must not leave the machine.
		chromedp.Flag("disable-features", "Translate,BlinkGenPropertyTrees,AutofillServerCommunication,OptimizationHints,MediaRouter,InterestFeedContentSuggestions"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1"),
		chromedp.Flag("lang", "en"),
	)
	allocator, cancelAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)

	// The context of the first call is the browser's life, so it cannot carry
	// the deadline of its start.
	deadline := time.AfterFunc(browserTimeout, cancel)
	err = chromedp.Do(ctx)
	if !deadline.Stop() && err == nil {
		err = fmt.Errorf("it took more than %v", browserTimeout)
	}
	if err != nil {
		cancel()
		cancelAllocator()
		return nil, fmt.Errorf("starting %s: %w\n%s", path, err, tail(output.String(), 20))
	}
	shared.onStop(func() error {
		stopping, cancelStopping := context.WithTimeout(ctx, browserTimeout)
		defer cancelStopping()
		err := chromedp.Cancel(stopping)
		cancelAllocator()
		return err
	})
	return ctx, nil
})

// findChromium returns the browser's path.
func findChromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium in PATH: install it (Debian: apt-get install chromium)")
}

// screenshotPath returns where the picture of that name belongs. On failure it
// is kept in the module, where people find it and git ignores it.
func screenshotPath(t testing.TB, name string, failure bool) (string, error) {
	dir := os.Getenv("CARTLINE_SCREENSHOTS")
	switch {
	case failure:
		dir = filepath.Join(moduleRoot(t), "screenshots")
	case dir == "":
		dir = t.TempDir()
	case !filepath.IsAbs(dir):
		dir = filepath.Join(moduleRoot(t), dir)
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>| `, r) {
			return '_'
		}
		return r
	}, name)
	return filepath.Join(dir, name+".png"), os.MkdirAll(dir, 0o755)
}
