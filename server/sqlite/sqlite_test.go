package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"cartline/server/cart/carttest"
	"cartline/server/identity"
	"cartline/server/identity/identitytest"
	"cartline/server/internal/testenv"
	"cartline/server/sqlite"
	"cartline/server/sqlite/sqlitetest"
)

func TestMain(m *testing.M) { testenv.Main(m) }

func open(t testing.TB) *sqlite.Store {
	t.Helper()
	return openFile(t, filepath.Join(t.TempDir(), "data", "cartline.db"))
}

func openFile(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestCartStore(t *testing.T) {
	carttest.Run(t, func(t *testing.T) carttest.Store { return sqlitetest.Open(t) })
}

func BenchmarkCartStore(b *testing.B) {
	carttest.Benchmark(b, func(b *testing.B) carttest.Store { return open(b) })
}

func TestIdentityStore(t *testing.T) {
	identitytest.Run(t, func(t *testing.T) identity.Store { return sqlitetest.Open(t) })
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	for _, path := range []string{"", ":memory:"} {
		if s, err := sqlite.Open(t.Context(), path); err == nil {
			s.Close()
			t.Errorf("path %q was accepted", path)
		}
	}
	if s, err := sqlite.Open(t.Context(), t.TempDir()); err == nil {
		s.Close()
		t.Error("a folder was accepted")
	}
}

// What was asked for of the disk is what both kinds of connections do.
func TestSynchronous(t *testing.T) {
	for synchronous, want := range map[sqlite.Synchronous]int{sqlite.Full: 2, sqlite.Normal: 1} {
		s, err := sqlite.OpenWith(t.Context(), filepath.Join(t.TempDir(), "c.db"), synchronous)
		if err != nil {
			t.Fatal(err)
		}
		carttest.Fill(t, s, 1)
		for connection, got := range s.Pragma(t, "synchronous") {
			if got != want {
				t.Errorf("%s, %s: got %d, want %d", synchronous, connection, got, want)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if s, err := sqlite.OpenWith(t.Context(), filepath.Join(t.TempDir(), "c.db"), "of"); err == nil {
		s.Close()
		t.Error("nonsense was accepted")
	}
}

// A path may hold characters that mean something in a URL.
func TestOpenTakesAnyPath(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	for _, path := range []string{"a b%20?c#d.db", filepath.Join(folder, "x?y=1.db")} {
		openFile(t, path)
		if matches, err := filepath.Glob(filepath.Join(folder, "*.db")); err != nil || len(matches) == 0 {
			t.Errorf("no file for %q: %v, %v", path, matches, err)
		}
	}
	for _, name := range []string{"a b%20?c#d.db", "x?y=1.db"} {
		found, err := filepath.Glob(filepath.Join(folder, "[ax]*.db"))
		if err != nil || len(found) != 2 {
			t.Errorf("%q: files are %v, %v", name, found, err)
		}
	}
}

// A file that is opened again has the same log, and the same epoch.
func TestReopenKeepsTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	first := openFile(t, path)
	before, err := first.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again := openFile(t, path)
	after, err := again.Head(t.Context())
	if err != nil || after != before {
		t.Errorf("got %+v, %v; want %+v", after, err, before)
	}
	other, err := open(t).Head(t.Context())
	if err != nil || other.Epoch == before.Epoch {
		t.Errorf("two logs have the epoch %q", other.Epoch)
	}
}

// Watch notices what another process, here another Store, commits.
func TestWatchNoticesOtherWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	watched, other := openFile(t, path), openFile(t, path)
	changed := make(chan struct{}, 1)
	done := make(chan error, 1)
	ctx, cancel := contextWithCancel(t)
	go func() {
		done <- watched.Watch(ctx, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
	}()
	testenv.Eventually(t, patience, "the watch to notice", func() bool {
		if err := other.AddStaff(ctx, identity.Account{Username: identityName(), CreatedAt: at}); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
			return true
		default:
			return false
		}
	})
	cancel()
	if err := <-done; err == nil {
		t.Error("Watch ended without an error after its context did")
	}
}

// A database that can't answer now is told from a mistake.
func TestUnavailable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	s := openFile(t, path)
	if _, err := s.Cart(t.Context(), "none"); sqlite.Unavailable(err) {
		t.Errorf("%v: got unavailable", err)
	}
	other, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(t.Context(), nil) // takes the only write lock
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.AddStaff(ctx, identity.Account{Username: "late", CreatedAt: at}); !sqlite.Unavailable(err) {
		t.Errorf("%v: want unavailable", err)
	}
}
