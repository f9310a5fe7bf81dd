package sqlite_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/sqlite"
)

// filled makes a file with a log, and returns the position of its newest activity.
func filled(t *testing.T, path string) cart.Position {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	carttest.Fill(t, s, 3)
	head, err := s.Head(t.Context())
	if err != nil || head.Seq != 3 {
		t.Fatalf("the head: got %+v, %v", head, err)
	}
	if err := s.Close(); err != nil { // which also empties the WAL
		t.Fatal(err)
	}
	return head
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.Create(to) // overwrites in place
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(target, source); err != nil {
		t.Fatal(err)
	}
	if err := target.Close(); err != nil {
		t.Fatal(err)
	}
}

// A copy of a file is another log, under whatever name. The same file is the same log,
// under whatever name.
func TestEpochFollowsTheFile(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(t *testing.T, path string) (opened string)
		kept bool
	}{
		{"left alone", func(t *testing.T, path string) string { return path }, true},
		{"renamed", func(t *testing.T, path string) string {
			if err := os.Rename(path, path+".2"); err != nil {
				t.Fatal(err)
			}
			return path + ".2"
		}, true},
		{"through a link", func(t *testing.T, path string) string {
			if err := os.Symlink(path, path+".2"); err != nil {
				t.Fatal(err)
			}
			return path + ".2"
		}, true},
		{"copied", func(t *testing.T, path string) string {
			copyFile(t, path, path+".2")
			return path + ".2"
		}, false},
		{"replaced by a copy", func(t *testing.T, path string) string {
			copyFile(t, path, path+".2")
			if err := os.Rename(path+".2", path); err != nil {
				t.Fatal(err)
			}
			return path
		}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "c.db")
			before := filled(t, path)
			path = test.do(t, path)
			for range 2 { // the second time, it is where it was
				s := openFile(t, path)
				head, err := s.Head(t.Context())
				if err != nil || (head.Epoch == before.Epoch) != test.kept || head.Seq != before.Seq || head.Mark != before.Mark {
					t.Errorf("got %+v, %v; before, it was %+v", head, err, before)
				}
				if got, err := s.Contains(t.Context(), before); err != nil || got != test.kept {
					t.Errorf("contains the position of before: got %v, %v; want %v", got, err, test.kept)
				}
				if test.kept {
					continue
				}
				if got, err := s.Contains(t.Context(), head); err != nil || !got {
					t.Errorf("contains the new position: got %v, %v", got, err)
				}
				before.Epoch, test.kept = head.Epoch, true
			}
		})
	}
}

// What was put back in place is the same file with an older log. Then other activities
// take the places of those that are lost, and the cursors of those must not be taken
// for the others'.
func TestOverwrittenInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	kept := filled(t, path)
	copyFile(t, path, path+".backup")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	carttest.Fill(t, s, 2)
	lost, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	copyFile(t, path+".backup", path)
	s = openFile(t, path)
	want := func(when string, position cart.Position, want bool) {
		if got, err := s.Contains(t.Context(), position); err != nil || got != want {
			t.Errorf("%s, contains %+v: got %v, %v; want %v", when, position, got, err, want)
		}
	}
	want("at once", kept, true)
	want("at once", lost, false)
	carttest.Fill(t, s, 4)
	want("later", kept, true)
	want("later", lost, false)
}
