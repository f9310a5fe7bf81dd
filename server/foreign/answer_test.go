package foreign

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"cartline/shared"
)

func TestNewAnswer(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name                 string
		user, roles, expires any
		want                 Answer
	}{
		{"the least", "ann", nil, nil, Answer{User: "ann"}},
		{"a list", "ann", []any{"a", "b"}, nil, Answer{User: "ann", Roles: []string{"a", "b"}}},
		{"an array", "ann", []string{"a"}, at, Answer{User: "ann", Roles: []string{"a"}, Expires: at}},
		{"commas", "ann", " a, b,,", nil, Answer{User: "ann", Roles: []string{"a", "b"}}},
		{"a number", json.Number("17"), nil, nil, Answer{User: "17"}},
		{"a column's number", int64(17), nil, nil, Answer{User: "17"}},
		{"a text of time", "ann", nil, "2026-11-21T13:00:00+01:00", Answer{User: "ann", Expires: at}},
		{"milliseconds in a text", "ann", nil, "2026-11-21T12:00:00.000Z", Answer{User: "ann", Expires: at}},
		{"never, west of Greenwich", "ann", nil, "9999-12-31T23:59:59-05:00", Answer{User: "ann", Expires: time.Unix(lastSecond, 0).UTC()}},
		{"a column's far future", "ann", nil, at.AddDate(20000, 0, 0), Answer{User: "ann", Expires: time.Unix(lastSecond, 0).UTC()}},
		{"seconds", "ann", nil, json.Number("1795262400"), Answer{User: "ann", Expires: at}},
		{"parts of seconds", "ann", nil, 1795262400.5, Answer{User: "ann", Expires: at.Add(time.Second / 2)}},
		{"a column's seconds", "ann", nil, int64(1795262400), Answer{User: "ann", Expires: at}},
	} {
		if got, err := NewAnswer(test.user, test.roles, test.expires); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, %v; want %+v", test.name, got, err, test.want)
		}
	}
}

// What makes no sense is an error that doesn't repeat it.
func TestAnswersThatLie(t *testing.T) {
	many := make([]any, maxRoles+1)
	for i := range many {
		many[i] = "secret"
	}
	for _, test := range []struct {
		name                 string
		user, roles, expires any
	}{
		{"no user", nil, nil, nil},
		{"an empty user", "", nil, nil},
		{"a user that is true", true, nil, nil},
		{"a user that is a list", []any{"secret"}, nil, nil},
		{"a long user", strings.Repeat("secret", 100), nil, nil},
		{"a user of two lines", "secret\nsecret", nil, nil},
		{"a user that isn't UTF-8", "secret\xff", nil, nil},
		{"roles that are an object", "ann", map[string]any{"secret": true}, nil},
		{"a role that is a number", "ann", []any{json.Number("17")}, nil},
		{"many roles", "ann", many, nil},
		{"a long role", "ann", strings.Repeat("secret", 100), nil},
		{"a role of two lines", "ann", "secret\nsecret", nil},
		{"a time in words", "ann", nil, "secret"},
		{"a time in milliseconds", "ann", nil, json.Number("1795262400000")},
		{"a time before 1970", "ann", nil, json.Number("-1")},
		{"a time that is none", "ann", nil, json.Number("1e999")},
		{"a time that is true", "ann", nil, true},
	} {
		_, err := NewAnswer(test.user, test.roles, test.expires)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got %v, want an error that tells no secret", test.name, err)
		}
	}
}

// Whatever an application says of a user: what is taken is in one line, and bounded.
func FuzzNewAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"user":"ann","roles":["a","b"],"expires":"2026-11-21T18:00:00Z"}`, `{"user":17,"roles":" a, b,,","expires":1795262400.5}`,
		`{"user":"a\u0000b"}`, `{"user":"ann","roles":[["a"]],"expires":1e999}`, `{"user":"ann","expires":"9999-12-31T23:59:59-23:59"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var said map[string]any
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if decoder.Decode(&said) != nil {
			return
		}
		got, err := NewAnswer(said["user"], said["roles"], said["expires"])
		if err != nil {
			if !reflect.DeepEqual(got, Answer{}) {
				t.Errorf("%s: got %+v with %v", text, got, err)
			}
			return
		}
		if got.User == "" || len(got.User) > shared.MaxEmail || len(got.Roles) > maxRoles {
			t.Errorf("%s: got %+v", text, got)
		}
		for _, word := range append(got.Roles, got.User) {
			if strings.ContainsFunc(word, unicode.IsControl) || !utf8.ValidString(word) {
				t.Errorf("%s: got %q", text, word)
			}
		}
		if got.Expires.Year() > 9999 {
			t.Errorf("%s: got %v, which JSON can't tell", text, got.Expires)
		}
	})
}
