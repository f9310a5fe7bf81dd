package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"cartline/app/routes"
	"cartline/server/internal/testenv"
)

func TestMain(m *testing.M) { testenv.Main(m) }

// pages are prerendered once for all tests: they never change. Among them is the
// page that shows what go-app does with a query; see wall_test.go.
var pages = sync.OnceValues(func() (*Pages, error) {
	registerHole()
	routes.Paths = append(routes.Paths, holePath)
	return New(shelf, slog.New(slog.DiscardHandler))
})

func newPages(t *testing.T) *Pages {
	t.Helper()
	p, err := pages()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// ask sends a request with headers, given as name, value, name, value.
func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// get returns what a path serves as it is for readers.
func get(t *testing.T, h http.Handler, path string) []byte {
	t.Helper()
	w := ask(h, "GET", path)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: got status %d", path, w.Code)
	}
	return decoded(t, w)
}

// decoded undoes the Content-Encoding.
func decoded(t *testing.T, w *httptest.ResponseRecorder) []byte {
	t.Helper()
	var reader io.Reader = bytes.NewReader(w.Body.Bytes())
	var err error
	switch encoding := w.Header().Get("Content-Encoding"); encoding {
	case "":
	case "gzip":
		reader, err = gzip.NewReader(reader)
	default:
		t.Fatalf("got Content-Encoding %q", encoding)
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
