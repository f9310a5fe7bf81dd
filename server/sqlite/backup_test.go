package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/sqlite"
)

func noProgress(int64, int64) {}

func wantSound(t *testing.T, path string) {
	t.Helper()
	var found string
	if err := openSQL(t, path).QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&found); err != nil || found != "ok" {
		t.Errorf("%s: %s, %v", path, found, err)
	}
}

func backup(t *testing.T, from, to string) {
	t.Helper()
	if _, err := sqlite.Backup(t.Context(), from, to, noProgress); err != nil {
		t.Fatal(err)
	}
}

// wantFiles checks what is in a folder.
func wantFiles(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("%s has %q, want %q", folder, names, want)
	}
}

// A backup that is made while others write has every change that was acknowledged
// before, none by half, and nothing but a prefix of the log.
func TestBackupUnderWrites(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "c.db")
	s := openFile(t, path)
	large(t, path, 5000) // so that it takes a moment
	var mu sync.Mutex
	acknowledged := 0
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for range 3 {
		writers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				carttest.Fill(t, s, 1)
				mu.Lock()
				acknowledged++
				mu.Unlock()
			}
		})
	}
	for i := range 5 {
		mu.Lock()
		before := acknowledged
		mu.Unlock()
		copied := filepath.Join(folder, fmt.Sprint("backup-", i))
		size, err := sqlite.Backup(t.Context(), path, copied, noProgress)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(copied)
		if err != nil || info.Size() != size || runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("the file: %v, %v, want %d bytes for its owner alone", info, err, size)
		}
		wantSound(t, copied)
		backed := openFile(t, copied)
		entries, err := backed.After(t.Context(), cart.Position{}, cart.Scope{}, 100_000)
		if err != nil {
			t.Fatal(err)
		}
		if entries = entries[5000:]; len(entries) < before {
			t.Errorf("the backup has %d changes, %v; want the %d that were acknowledged", len(entries), err, before)
		}
		for j, entry := range entries {
			if entry.Position.Seq != int64(5001+j) {
				t.Fatalf("the change %d is at %+v", j, entry.Position)
			}
			if _, err := backed.Cart(t.Context(), entry.CartID); err != nil {
				t.Fatalf("the cart of the change %d: %v", j, err)
			}
		}
	}
	close(stop)
	writers.Wait()
}

// Whoever opens a backup begins anew, even if it should have the identity of the file
// that it was made of.
func TestBackupIsNoFileOfItsOwn(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "c.db"), filepath.Join(folder, "backup")
	filled(t, path)
	backup(t, path, copied)
	of := func(path string) (epoch, file string) {
		if err := openSQL(t, path).QueryRowContext(t.Context(), `SELECT epoch, file FROM log_epoch`).Scan(&epoch, &file); err != nil {
			t.Fatal(err)
		}
		return epoch, file
	}
	epoch, file := of(path)
	if backed, other := of(copied); backed != epoch || other == file || other == "" {
		t.Errorf("the backup has the epoch %s and the file %q; the original %s and %q", backed, other, epoch, file)
	}
}

func TestBackupRefuses(t *testing.T) {
	folder := t.TempDir()
	path, taken := filepath.Join(folder, "c.db"), filepath.Join(folder, "taken")
	filled(t, path)
	for name, content := range map[string]string{"foreign": "no database, though of some length" + strings.Repeat(".", 1000), "taken": "kept"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	execSQL(t, openSQL(t, filepath.Join(folder, "other.db")), `CREATE TABLE cart (id)`)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name     string
		ctx      context.Context
		from, to string
		want     error
	}{
		{"an existing file", t.Context(), path, taken, fs.ErrExist},
		{"onto itself", t.Context(), path, path, fs.ErrExist},
		{"no database", t.Context(), filepath.Join(folder, "none"), filepath.Join(folder, "new"), fs.ErrNotExist},
		{"no folder", t.Context(), path, filepath.Join(folder, "none", "new"), fs.ErrNotExist},
		{"another's database", t.Context(), filepath.Join(folder, "other.db"), filepath.Join(folder, "new"), sqlite.ErrForeign},
		{"what is no database", t.Context(), filepath.Join(folder, "foreign"), filepath.Join(folder, "new"), sqlite.ErrForeign},
		{"stopped", ended, path, filepath.Join(folder, "new"), context.Canceled},
	} {
		if _, err := sqlite.Backup(test.ctx, test.from, test.to, noProgress); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
	wantFiles(t, folder, "c.db", "foreign", "other.db", "taken")
	if content, err := os.ReadFile(taken); err != nil || string(content) != "kept" {
		t.Errorf("the existing file has %q, %v", content, err)
	}
}

// What was restored is as it was at the backup, but for the log's epoch; what was there
// before is still somewhere.
func TestRestore(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "c.db"), filepath.Join(folder, "backup")
	kept := filled(t, path)
	backup(t, path, copied)
	lost := filled2(t, path)
	if aside, err := sqlite.Restore(t.Context(), copied, path, false, noProgress); !errors.Is(err, fs.ErrExist) || aside != "" {
		t.Errorf("without leave to replace: got %q, %v", aside, err)
	}
	wantFiles(t, folder, "backup", "c.db", "c.db-wal")
	aside, err := sqlite.Restore(t.Context(), copied, path, true, noProgress)
	if err != nil || filepath.Dir(aside) != folder {
		t.Fatalf("got %q, %v", aside, err)
	}
	wantFiles(t, folder, "backup", "c.db", filepath.Base(aside))
	s := openFile(t, path)
	head, err := s.Head(t.Context())
	if err != nil || head.Seq != kept.Seq || head.Epoch == kept.Epoch {
		t.Errorf("the head: got %+v, %v; at the backup it was %+v", head, err, kept)
	}
	for _, position := range []cart.Position{kept, lost} {
		if got, err := s.Contains(t.Context(), position); err != nil || got {
			t.Errorf("contains a position of before: got %v, %v", got, err)
		}
	}
	was := openFile(t, aside)
	if head, err := was.Head(t.Context()); err != nil || head != lost {
		t.Errorf("aside: got %+v, %v; want %+v", head, err, lost)
	}
	// To where nothing is, and from a file that was merely copied while nobody used it.
	other := filepath.Join(folder, "new", "c.db")
	if aside, err := sqlite.Restore(t.Context(), copied, other, false, noProgress); err != nil || aside != "" {
		t.Errorf("to a new place: got %q, %v", aside, err)
	}
	wantSound(t, other)
	if again, err := openFile(t, other).Head(t.Context()); err != nil || again.Epoch == head.Epoch || again.Seq != kept.Seq {
		t.Errorf("the second copy: got %+v, %v; the first has %+v", again, err, head)
	}
}

// filled2 adds to a file that filled has made, and leaves changes in the WAL, as a
// process does that is killed.
func filled2(t *testing.T, path string) cart.Position {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	carttest.Fill(t, s, 2)
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal"} {
		copyFile(t, path+end, path+".killed"+end)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal"} {
		copyFile(t, path+".killed"+end, path+end)
		if err := os.Remove(path + ".killed" + end); err != nil {
			t.Fatal(err)
		}
	}
	return head
}

func TestRestoreRefuses(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	filled(t, at("c.db"))
	backup(t, at("c.db"), at("backup"))
	copyFile(t, at("backup"), at("newer"))
	execSQL(t, openSQL(t, at("newer")), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (1000, 1)`)
	execSQL(t, openSQL(t, at("other.db")), `CREATE TABLE cart (id)`)
	damaged, err := os.ReadFile(at("backup"))
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096 * 2; i < len(damaged); i += 100 {
		damaged[i] ^= 0x55
	}
	for name, content := range map[string]string{
		"damaged": string(damaged), "empty": "", "text": strings.Repeat("text ", 1000),
		"short": string(damaged[:5000]), "running-wal": "x",
	} {
		if err := os.WriteFile(at(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	copyFile(t, at("backup"), at("running"))
	before, err := os.ReadFile(at("c.db"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]error{
		"newer": sqlite.ErrNewer, "other.db": sqlite.ErrForeign, "text": sqlite.ErrForeign, "empty": sqlite.ErrForeign,
		"damaged": sqlite.ErrBroken, "short": sqlite.ErrBroken, "none": fs.ErrNotExist, "running": nil, "c.db": nil,
	} {
		aside, err := sqlite.Restore(t.Context(), at(name), at("c.db"), true, noProgress)
		if err == nil || want != nil && !errors.Is(err, want) || aside != "" {
			t.Errorf("%s: got %q, %v; want %v", name, aside, err, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sqlite.Restore(ended, at("backup"), at("c.db"), true, noProgress); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: got %v", err)
	}
	after, err := os.ReadFile(at("c.db"))
	if err != nil || string(after) != string(before) {
		t.Errorf("the database has changed, %v", err)
	}
	wantFiles(t, folder, "backup", "c.db", "damaged", "empty", "newer", "other.db", "running", "running-wal", "short", "text")
}

// A file that somebody has open is left alone, whether or not they have written.
func TestRestoreWhileInUse(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "c.db"), filepath.Join(folder, "backup")
	filled(t, path)
	backup(t, path, copied)
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if aside, err := sqlite.Restore(t.Context(), copied, path, true, noProgress); !errors.Is(err, sqlite.ErrInUse) || aside != "" {
			t.Errorf("got %q, %v; want ErrInUse", aside, err)
		}
		carttest.Fill(t, s, 1) // which goes on as before
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Restore(t.Context(), copied, path, true, noProgress); err != nil {
		t.Error(err)
	}
}

// Someone has deleted a database, but not what a process that was killed had left beside
// it: SQLite would take that for changes of the copy.
func TestRestoreWhereAWALWasLeft(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "c.db"), filepath.Join(folder, "backup")
	kept := filled(t, path)
	backup(t, path, copied)
	filled2(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, folder, "backup", "c.db-wal")
	if aside, err := sqlite.Restore(t.Context(), copied, path, false, noProgress); !errors.Is(err, fs.ErrExist) || aside != "" {
		t.Errorf("without leave to replace: got %q, %v", aside, err)
	}
	wantFiles(t, folder, "backup", "c.db-wal")
	aside, err := sqlite.Restore(t.Context(), copied, path, true, noProgress)
	if err != nil || filepath.Dir(aside) != folder {
		t.Fatalf("got %q, %v", aside, err)
	}
	wantFiles(t, folder, "backup", "c.db", filepath.Base(aside)+"-wal")
	wantSound(t, path)
	if head, err := openFile(t, path).Head(t.Context()); err != nil || head.Seq != kept.Seq {
		t.Errorf("the head: got %+v, %v; at the backup it was %+v", head, err, kept)
	}
}

// A damaged database is what a backup is for.
func TestRestoreOverADamagedFile(t *testing.T) {
	folder := t.TempDir()
	path, copied := filepath.Join(folder, "c.db"), filepath.Join(folder, "backup")
	kept := filled(t, path)
	backup(t, path, copied)
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(path+end, []byte("damaged"+end+strings.Repeat(".", 5000)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	aside, err := sqlite.Restore(t.Context(), copied, path, true, noProgress)
	if err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal"} {
		if content, err := os.ReadFile(aside + end); err != nil || !strings.HasPrefix(string(content), "damaged"+end) {
			t.Errorf("aside%s: %v", end, err)
		}
	}
	if head, err := openFile(t, path).Head(t.Context()); err != nil || head.Seq != kept.Seq {
		t.Errorf("got %+v, %v", head, err)
	}
}
