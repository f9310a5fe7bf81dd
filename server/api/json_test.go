package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cartline/shared"
)

// TestInternalErrors closes the database under the API. What it says about that
// goes to the log, and nowhere else.
func TestInternalErrors(t *testing.T) {
	s := open(t, options{})
	staff := s.signedIn(t, shared.RoleEventListener)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	requests := []struct{ method, path, body string }{
		{"GET", "/api/products", ""},
		{"GET", "/api/products/blue-mug", ""},
		{"PUT", "/api/cart/lines/MUG", `{"quantity":1}`},
		{"POST", signInPath, signIn("ann", password)},
		{"GET", signInPath, ""},
		{"DELETE", signInPath, ""},
		{"GET", "/api/carts", ""},
		{"GET", "/api/handshake?path=/events/io", ""},
	}
	for _, r := range requests {
		got := staff.ask(t, r.method, r.path, r.body)
		problem(t, got, 500, shared.CodeInternal)
		if body := string(got.body); strings.Contains(body, "sql") || strings.Contains(body, "closed") {
			t.Errorf("%s %s: the answer tells the cause: %s", r.method, r.path, body)
		}
	}
	logged := s.log.Records("request failed")
	if len(logged) != len(requests) {
		t.Fatalf("got %d errors logged, want %d", len(logged), len(requests))
	}
	for i, record := range logged {
		cause, _ := record["error"].(string)
		path, _, _ := strings.Cut(requests[i].path, "?")
		if record["level"] != "ERROR" || record["path"] != path || !strings.Contains(cause, "closed") {
			t.Errorf("got %v, want path %s and the cause", record, path)
		}
	}
}

// TestFail tells each code's status.
func TestFail(t *testing.T) {
	s := open(t, options{})
	tests := map[shared.Code]int{
		shared.CodeInvalid: 400, shared.CodeTooLarge: 413, shared.CodeUnsupportedType: 415,
		shared.CodeNotFound: 404, shared.CodeUnknownProduct: 404, shared.CodeVersionConflict: 409,
		shared.CodeCartFull: 409, shared.CodeUnauthorized: 401, shared.CodeForbidden: 403,
		shared.CodeBadCredentials: 401, shared.CodeTooMany: 429, shared.CodeCrossOrigin: 403,
		shared.CodeMethod: 405, shared.CodeUnavailable: 503, shared.CodeStorageFull: 503, shared.CodeInternal: 500, "unheard of": 500,
	}
	for code, status := range tests {
		w := httptest.NewRecorder()
		original := &shared.Problem{Code: code, Detail: "So it is."}
		s.api.fail(w, httptest.NewRequest("GET", "/", nil), original)
		problem(t, answer{w.Code, w.Header(), w.Body.Bytes()}, status, code)
		if original.Status != 0 || original.Title != "" {
			t.Errorf("%s: the problem itself was changed: %+v", code, original)
		}
	}
}

// TestFailUnavailable: what the database can't do now, it may do later.
func TestFailUnavailable(t *testing.T) {
	for code, err := range map[shared.Code]error{shared.CodeUnavailable: errAway, shared.CodeStorageFull: errFull} {
		s := open(t, options{})
		w := httptest.NewRecorder()
		s.api.fail(w, httptest.NewRequest("GET", "/", nil), fmt.Errorf("read: %w", err))
		problem(t, answer{w.Code, w.Header(), w.Body.Bytes()}, 503, code)
		if w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), err.Error()) {
			t.Errorf("%s: got %v %s, want a time to try again and no cause", code, w.Header(), w.Body)
		}
		if told := strings.Contains(w.Body.String(), "The mine doesn't answer at the moment."); told != (err == errAway) {
			t.Errorf("%s: got %s", code, w.Body)
		}
		if got := s.log.Records("request failed"); len(got) != 1 {
			t.Errorf("%s: got %v, want the cause logged", code, got)
		}
	}
}

// TestFailGivenUp: when the client is gone, what went wrong is its doing.
func TestFailGivenUp(t *testing.T) {
	s := open(t, options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.api.fail(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil), ctx.Err())
	if got := s.log.Records("request failed"); len(got) != 0 {
		t.Errorf("got %v, want no error", got)
	}
	if got := s.log.Records("request given up"); len(got) != 1 {
		t.Errorf("got %v, want a note", got)
	}
}

func TestReadBrokenOff(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(`{"quantity":1}`), brokenReader{})
	r := httptest.NewRequest("PUT", "/", broken)
	r.Header.Set("Content-Type", "application/json")
	_, err := read[shared.SetLine](httptest.NewRecorder(), r)
	if p := shared.ProblemOf(err); p.Code != shared.CodeInvalid || strings.Contains(p.Detail, "cause") {
		t.Errorf("got %v, want an invalid request", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("some cause") }

func TestWriteJSONRefuses(t *testing.T) {
	s := open(t, options{})
	w := httptest.NewRecorder()
	writeJSON(w, s.log.Logger(), http.StatusOK, "application/json", func() {})
	if w.Code != 500 || strings.Contains(w.Body.String(), "func") || len(s.log.Records("an answer can't be encoded")) != 1 {
		t.Errorf("got %d %q, want 500 without the cause, and a record", w.Code, w.Body)
	}
}
