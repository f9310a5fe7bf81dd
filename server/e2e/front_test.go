package e2e

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path"
	"sync"
	"testing"
)

// wasmPath matches the path of the pages' WebAssembly.
const wasmPath = "/web/app.*.wasm"

// front is a reverse proxy between the browser and the server, which can count,
// hold back, change and replace what passes. Unlike interception in the browser
// it also sees the requests of service workers.
type front struct {
	URL string

	mu       sync.Mutex
	handlers map[string]middleware // by pattern of the path
	counts   map[string]int        // requests, by path
}

// middleware answers in place of the server, which is next.
type middleware func(w http.ResponseWriter, r *http.Request, next http.Handler)

func startFront(t testing.TB, backend string) *front {
	t.Helper()
	target, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the server's own origin is the one that browsers see
		},
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		FlushInterval: -1,
		// It tells of each socket that was cut off, which tests do on purpose.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	f := &front{handlers: map[string]middleware{}, counts: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := f.note(r.URL.Path); h != nil {
			h(w, r, proxy)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

// note counts a request and returns who answers it in place of the server.
func (f *front) note(requested string) middleware {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[requested]++
	for pattern, h := range f.handlers {
		if ok, err := path.Match(pattern, requested); ok && err == nil {
			return h
		}
	}
	return nil
}

// handle has h answer paths that match a pattern, as path.Match has it.
func (f *front) handle(pattern string, h middleware) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handlers[pattern] = h
}

// requests returns how many there were for paths that match.
func (f *front) requests(pattern string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for requested, count := range f.counts {
		if ok, err := path.Match(pattern, requested); ok && err == nil {
			n += count
		}
	}
	return n
}

// forward has the server answer paths that match a pattern again.
func (f *front) forward(pattern string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.handlers, pattern)
}

// change replaces the body of what the server answers.
func change(edit func(body []byte) []byte) middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Del("Accept-Encoding")
		r.Header.Del("If-None-Match")
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.Header().Del("Etag")
		w.WriteHeader(answer.Code)
		_, _ = w.Write(edit(answer.Body.Bytes())) // an error means that the browser is gone
	}
}

// holdBack sends the first half of an answer, and the rest once released.
func holdBack(release <-chan struct{}) middleware {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		body := answer.Body.Bytes()
		half := len(body) / 2
		_, _ = w.Write(body[:half]) // an error means that the browser is gone
		_ = http.NewResponseController(w).Flush()
		select {
		case <-release:
			_, _ = w.Write(body[half:])
		case <-r.Context().Done():
		}
	}
}

// page answers with a document of our own.
func page(kind string, body []byte) middleware {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(body) // an error means that the browser is gone
	}
}
