package main

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
)

func TestStaff(t *testing.T) {
	database := "sqlite:" + filepath.Join(t.TempDir(), "folder", "shop.db")
	list := func(want ...string) {
		t.Helper()
		lines := strings.Split(strings.TrimSpace(must(t, "", "staff", "list", "--database", database)), "\n")
		date := regexp.MustCompile(`\s+\d{4}-\d{2}-\d{2}$`)
		var got []string
		for _, line := range lines[1:] {
			if !date.MatchString(line) {
				t.Errorf("got %q, want the day at its end", line)
			}
			got = append(got, strings.Join(strings.Fields(date.ReplaceAllString(line, "")), " "))
		}
		if strings.Join(got, "; ") != strings.Join(want, "; ") || !strings.HasPrefix(lines[0], "USERNAME") {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, command := range []string{"list", "remove ann", "role ann --none"} {
		status, _, stderr := call(t, "", append(append([]string{"staff"}, strings.Fields(command)...), "--database", database)...)
		if status != 1 || !strings.Contains(stderr, "there is no database") {
			t.Errorf("%s without a database: got status %d, %q", command, status, stderr)
		}
	}
	for _, step := range []struct {
		stdin, args, says string
		status            int
	}{
		{"correct horse\n", "add ann --role event_listener --role admin", "Added ann with event_listener, admin.\n", 0},
		{"correct horse", "add bob", "Added bob with no role.\n", 0},     // no line end
		{"correct horse\r\n", "add eve", "Added eve with no role.\n", 0}, // Windows
		{"correct horse\n", "add ann", `There is an account "ann" already`, 2},
		{"correct horse\n", "add ANN", `There is an account "ANN" already`, 2},
		{"correct horse\n", "add carl --role boss", `There is no role "boss"; there are event_listener, cart_editor, discounter, admin.`, 2},
		{"correct horse\n", "add carl/../ann", "A username begins with", 2},
		{"short\n", "add carl", "at least 8 characters", 2},
		{strings.Repeat("x", 257) + "\n", "add carl", "at most 256 bytes", 2},
		{strings.Repeat("x", 100000), "add carl", "at most 256 bytes", 2},
		{"", "add carl", "standard input", 2},
		{"\n", "add carl", "standard input", 2},
		{"short\n", "passwd ann", "at least 8 characters", 2},
		{"", "passwd ann", "standard input", 2},
		{"another horse\n", "passwd ann", "signed out everywhere", 0},
		{"another horse\n", "passwd carl", `There is no account "carl".`, 1},
		{"", "role ann --role cart_editor", "ann now has cart_editor.\n", 0},
		{"", "role ann --role boss", `There is no role "boss"`, 2},
		{"", "role carl --role admin", `There is no account "carl".`, 1},
		{"", "role eve --none", "eve now has no role.\n", 0},
		{"", "remove bob", "Removed bob.\n", 0},
		{"", "remove bob", `There is no account "bob".`, 1},
	} {
		status, stdout, stderr := call(t, step.stdin, append(append([]string{"staff"}, strings.Fields(step.args)...), "--database", database)...)
		said, silent := stdout, stderr
		if step.status != 0 {
			said, silent = stderr, stdout
		}
		if status != step.status || !strings.Contains(said, step.says) || silent != "" || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: got status %d, %q, %q, want %d, one line with %q", step.args, status, stdout, stderr, step.status, step.says)
		}
		if strings.Contains(said, "horse") {
			t.Errorf("%s: got %q, which tells the password", step.args, said)
		}
	}
	must(t, "", "staff", "totp", "eve", "--database", database)
	list("ann cart_editor no", "eve no role yes")
}

func TestStaffFromTheEnvironment(t *testing.T) {
	t.Setenv("CARTLINE_DATABASE", "sqlite:"+filepath.Join(t.TempDir(), "shop.db"))
	must(t, "correct horse\n", "staff", "add", "ann")
	if got := must(t, "", "staff", "list"); !strings.Contains(got, "ann") {
		t.Errorf("got %q", got)
	}
}

func TestReadPasswordFails(t *testing.T) {
	cause := errors.New("some cause")
	if _, err := readPassword(&environment{stdin: iotest.ErrReader(cause)}); !errors.Is(err, cause) {
		t.Errorf("got %v, want %v", err, cause)
	}
}
