package page

import "testing"

func TestPolicies(t *testing.T) {
	const (
		before = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; connect-src "
		after  = "; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	)
	p := newPages(t)
	for path, connect := range map[string]string{
		"/":        "'self' ws: wss:",
		"/events":  "'self'",
		"/nothing": "'self'",
		holePath:   "'self'",
	} {
		w := ask(p, "GET", path)
		if got, want := w.Header().Get("Content-Security-Policy"), before+connect+after; got != want {
			t.Errorf("%s: got policy %q, want %q", path, got, want)
		}
		if w.Code != 200 {
			continue
		}
		again := ask(p, "GET", path, "If-None-Match", w.Header().Get("ETag"))
		if again.Code != 304 || again.Header().Get("Content-Security-Policy") != before+connect+after {
			t.Errorf("%s: 304 with policy %q", path, again.Header().Get("Content-Security-Policy"))
		}
	}
}
