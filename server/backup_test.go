package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cartline/shared"
)

// A shop is backed up while it serves, and later put back to what it was then. Whoever
// quotes a cursor from before is told to load afresh.
func TestBackupAndRestore(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "shop.db"), filepath.Join(folder, "backup")
	database := "sqlite:" + path
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", database)
	shopper := s.visitor(t)
	var kept, lost shared.Cart
	shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`, &kept)
	said := must(t, "", "backup", copied, "--database", database)
	if !strings.HasPrefix(said, copied+" has a copy of the database, ") {
		t.Errorf("got %q", said)
	}
	shopper.ask(t, "PUT", "/api/cart/lines/MUG-BLUE", fmt.Sprintf(`{"quantity":2,"version":%d}`, kept.Lines[0].Version), &lost)
	cursor := listening(t, shopper, `{"listen":"my_cart"}`).Cursor
	if recovered := listening(t, shopper, `{"listen":"my_cart","after":"`+cursor+`"}`).Recovered; recovered == nil || !*recovered {
		t.Errorf("before: got recovered %v for %s", recovered, cursor)
	}
	refuse := func(part string, args ...string) {
		t.Helper()
		if status, stdout, stderr := call(t, "", args...); status != 1 || stdout != "" || !strings.Contains(stderr, part) {
			t.Errorf("cartline %q: got status %d, %q, %q; want %q", args, status, stdout, stderr, part)
		}
	}
	refuse("which is not overwritten", "backup", copied, "--database", database)
	refuse("--replace puts it aside", "restore", copied, "--database", database)
	refuse("is in use: stop its server first", "restore", copied, "--replace", "--database", database)
	s.end(t)

	said = must(t, "", "restore", copied, "--replace", "--database", database)
	aside := strings.TrimSuffix(said[strings.LastIndex(said, " ")+1:], ".\n")
	if want := path + " is what " + copied + " holds.\nWhat it was before has names that begin with " + aside + ".\n"; said != want {
		t.Errorf("got %q, want %q", said, want)
	}
	if _, err := os.Stat(aside); err != nil {
		t.Error(err)
	}
	s = start(t, "--database", database)
	shopper.serving = s
	var again shared.Cart
	shopper.ask(t, "GET", "/api/cart", "", &again)
	if again.Version != kept.Version || again.Items != 1 {
		t.Errorf("restored is %+v, want %+v", again, kept)
	}
	if told := listening(t, shopper, `{"listen":"my_cart","after":"`+cursor+`"}`); told.Recovered == nil || *told.Recovered {
		t.Errorf("after: got %+v for %s, want recovered false", told, cursor)
	}
}

// listening asks to listen on a connection of its own, and returns the answer.
func listening(t *testing.T, v *visitor, request string) (told shared.Listening) {
	t.Helper()
	events := v.open(t, "/events/io")
	defer events.Abandon()
	events.send(t, request)
	answer := events.next(t)
	if err := json.Unmarshal([]byte(answer), &[]any{new(string), &told}); err != nil || told.Channel == "" {
		t.Fatalf("%s: got %s, %v", request, answer, err)
	}
	return told
}

func TestBackupRefuses(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("text ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args   string
		status int
		part   string
	}{
		{"backup b --database postgres://user:secret@127.0.0.1:1/none", 2, "with PostgreSQL, use its pg_dump"},
		{"restore b --database postgresql://user:secret@127.0.0.1:1/none", 2, "with PostgreSQL, use its pg_restore"},
		{"backup b --database mysql:secret", 2, "--database begins with sqlite:"},
		{"backup b --database sqlite:", 2, "needs the path of a file"},
		{"restore b --database sqlite::memory:", 2, "needs the path of a file"},
		{"backup", 2, "FILE"},
		{"restore", 2, "FILE"},
		{"backup b --database sqlite:" + folder + "/none.db", 1, "there is no database"},
		{"backup " + folder + "/b --database sqlite:" + text, 1, "is not a database of Cartline's"},
		{"restore " + text + " --database sqlite:" + folder + "/new.db", 1, "is not a backup of Cartline's"},
		{"restore " + folder + "/none --database sqlite:" + folder + "/new.db", 1, "no such file"},
	} {
		status, stdout, stderr := call(t, "", strings.Fields(test.args)...)
		if status != test.status || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(strings.ToUpper(stderr), strings.ToUpper(test.part)) {
			t.Errorf("cartline %s: got status %d, %q, %q; want %d and %q", test.args, status, stdout, stderr, test.status, test.part)
		}
		if strings.Contains(stderr, "secret") {
			t.Errorf("cartline %s: the password is told: %q", test.args, stderr)
		}
	}
	if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) != 1 {
		t.Errorf("left are %q, %v", left, err)
	}
}
