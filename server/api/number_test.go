package api

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"cartline/shared"
)

// A number in a query is a client's mistake or what it says, whatever else the query
// holds; limit, before, after and version are read like this.
func FuzzNumber(f *testing.F) {
	for _, query := range []string{
		"", "limit=", "limit=0", "limit=50", "limit=-1", "limit=+1", "limit=1e3", "limit=0x10", "limit=1_000", "limit=١",
		"limit=9223372036854775807", "limit=9223372036854775808", "limit=1&limit=2", "limit=1;before=2", "limit=%31", "limit=%", "&&limit=7&&",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := &http.Request{URL: &url.URL{RawQuery: query}}
		got, err := number(r, "limit")
		text := r.URL.Query().Get("limit")
		if err != nil {
			problem := shared.ProblemOf(err)
			if problem.Code != shared.CodeInvalid || problem.Field != "limit" || got != 0 || text == "" {
				t.Errorf("%q: got %d, %+v; want code %s", query, got, problem, shared.CodeInvalid)
			}
			return
		}
		digits := strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(text, "+"), "-"), "0")
		if want := strconv.FormatInt(got, 10); got < 0 || digits != want && (digits != "" || got != 0) {
			t.Errorf("%q: got %d of %q", query, got, text)
		}
	})
}
