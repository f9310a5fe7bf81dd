package testenv

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watcher notes what a page does that a test should know. It is called from
// the loop that reads the browser's messages, so it must be quick.
type watcher struct {
	mu       sync.Mutex
	logf     func(string, ...any) // nil once the test is over
	problems []string
	requests map[network.RequestID]string // method and URL
}

// problem notes a problem once, however often it happens.
func (w *watcher) problem(format string, args ...any) {
	p := fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.problems, p) {
		w.problems = append(w.problems, p)
	}
}

// take returns the problems so far and forgets them.
func (w *watcher) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.problems
	w.problems = nil
	return p
}

// console passes a line on to the test's log.
func (w *watcher) console(kind, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.logf != nil {
		w.logf("browser: %s: %s", kind, text)
	}
}

// stop ends logging, which a test that is over does not allow.
func (w *watcher) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logf = nil
}

// foreign notes a request for another host.
func (w *watcher) foreign(host string) { w.problem("request to a foreign host: %s", host) }

// event handles an event of the page.
func (w *watcher) event(ev any) {
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		text := consoleText(ev.Args)
		w.console(string(ev.Type), text)
		// The Go runtime in the page reports its end on the console only.
		if strings.HasPrefix(text, "panic: ") || strings.HasPrefix(text, "fatal error: ") {
			w.problem("Go program: %s", text)
		}
	case *runtime.EventExceptionThrown:
		text := exceptionText(ev.ExceptionDetails)
		w.console("exception", text)
		w.problem("uncaught exception: %s", text)
	case *log.EventEntryAdded:
		w.console(string(ev.Entry.Level), ev.Entry.Text+" "+ev.Entry.URL)
		if strings.Contains(ev.Entry.Text, "Content Security Policy") {
			w.problem("CSP violation: %s", ev.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		w.request(ev.RequestID, ev.Request.Method, ev.Request.URL)
	case *network.EventWebSocketCreated:
		w.request(ev.RequestID, "WebSocket", ev.URL)
	case *network.EventResponseReceived:
		// What the page's code fetches may be refused: it deals with that.
		limit := int64(400)
		if ev.Type == network.ResourceTypeFetch || ev.Type == network.ResourceTypeXHR {
			limit = 500
		}
		if ev.Response.Status >= limit && isOwn(ev.Response.URL) {
			w.problem("failed resource: status %d: %s", ev.Response.Status, ev.Response.URL)
		}
	case *network.EventLoadingFailed:
		// Leaving a page cancels what it was loading.
		if request := w.requested(ev.RequestID); !ev.Canceled && ev.BlockedReason == "" && request != "" {
			w.problem("failed resource: %s: %s", ev.ErrorText, request)
		}
	}
}

// request notes a request that is about to be made.
func (w *watcher) request(id network.RequestID, method, address string) {
	if !isOwn(address) {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			w.foreign(u.Host)
		}
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.requests == nil {
		w.requests = map[network.RequestID]string{}
	}
	w.requests[id] = method + " " + address
}

// requested returns what an own request was for, or "".
func (w *watcher) requested(id network.RequestID) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requests[id]
}

// isOwn reports whether the address is one of this machine's.
func isOwn(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// consoleText joins arguments of a console call as the console shows them.
func consoleText(args []*runtime.RemoteObject) string {
	parts := make([]string, len(args))
	for i, arg := range args {
		parts[i] = objectText(arg)
	}
	return strings.Join(parts, " ")
}

func objectText(o *runtime.RemoteObject) string {
	var s string
	switch {
	case json.Unmarshal(o.Value, &s) == nil:
		return s
	case o.Description != "":
		return o.Description
	case len(o.Value) > 0:
		return string(o.Value)
	}
	return string(o.Type)
}

func exceptionText(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil {
		text += " " + objectText(d.Exception)
	}
	return fmt.Sprintf("%s (%s:%d)", text, d.URL, d.LineNumber+1)
}
