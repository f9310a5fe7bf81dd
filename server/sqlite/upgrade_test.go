package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"cartline/server/cart"
	"cartline/server/internal/testenv"
)

// released is the newest schema of the release before this one. When a release is made,
// this becomes what docs/upgrading.md says of it.
const released = 4

// change changes a cart with the statements of the release before.
func change(ctx context.Context, db *sql.DB, id string, version int64) error {
	document := fmt.Sprintf(`{"id":%q,"name":"old","version":%d,"status":"open","lines":[],"total":{"amount":0,"currency":"EUR"}}`, id, version)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if version == 1 {
		_, err = tx.ExecContext(ctx, `
			INSERT INTO cart (id, shopper, customer, status, evident, code, code_until, order_number, updated_at, active_at, document, summary)
			VALUES (?1, ?1, '', 'open', 1, '', 0, NULL, 1, 1, ?2, ?2)`, id, document)
	} else {
		_, err = tx.ExecContext(ctx, `
			UPDATE cart SET shopper = ?1, customer = '', status = 'open', evident = 1, code = '', code_until = 0, order_number = NULL,
				updated_at = 1, active_at = 1, document = ?2, summary = ?2
			WHERE id = ?1`, id, document)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `
			INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state) VALUES (?1, ?2, 'line_added', 1, ?1, '{}', ?3)`,
			id, version, document)
	}
	if err == nil {
		// As staff sign in, and are looked up.
		_, err = tx.ExecContext(ctx, `
			SELECT s.username, s.password_hash, s.created_at, coalesce(group_concat(r.role, ' ' ORDER BY r.role), '')
			FROM staff s LEFT JOIN staff_role r USING (username) GROUP BY s.username`)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// A file of the release before is brought up to date, by the new program's migrate, while
// the old one serves from it. That doesn't fail, then or later; nothing is lost; and an old
// program starts on it again.
func TestUpgradeUnderLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	migrateTo(t, openSQL(t, path), released)
	old, err := sql.Open("sqlite", "file:"+path+"?"+url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(60000)", "journal_mode(WAL)", "foreign_keys(1)"}}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	old.SetMaxOpenConns(1)
	const id = "00000000000000000000000000000001"
	var changes atomic.Int64
	running, stop := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		pace := time.NewTicker(2 * time.Millisecond) // customers leave gaps between their changes
		defer pace.Stop()
		var err error
		for running.Err() == nil && err == nil {
			<-pace.C
			if err = change(t.Context(), old, id, changes.Load()+1); err == nil {
				changes.Add(1)
			}
		}
		failed <- errors.Join(err, old.Close())
	}()
	more := func() {
		t.Helper()
		want := changes.Load() + 20
		testenv.Eventually(t, patience, "some changes more", func() bool { return changes.Load() >= want || len(failed) > 0 })
	}
	more()
	s := openFile(t, path) // which brings it up to date
	more()
	stop()
	if err := <-failed; err != nil {
		t.Fatalf("after %d changes: %v", changes.Load(), err)
	}
	n := changes.Load()
	if record, err := s.Cart(t.Context(), id); err != nil || record.Version != n {
		t.Errorf("got version %d, %v; want %d", record.Version, err, n)
	}
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.After(t.Context(), cart.Position{Epoch: head.Epoch}, cart.Scope{}, int(n)+1)
	if err != nil || int64(len(entries)) != n {
		t.Errorf("got %d activities, %v; want %d", len(entries), err, n)
	}
	for i, e := range entries {
		if e.Version != int64(i+1) {
			t.Fatalf("got version %d as the activity number %d", e.Version, i+1)
		}
	}
	startOldProgram(t, path)
}

// startOldProgram does what a program of the release before does when it starts: it
// brings the file to its own schema, which this is beyond.
func startOldProgram(t *testing.T, path string) {
	t.Helper()
	folder := fstest.MapFS{}
	names, err := fs.Glob(os.DirFS("migrations"), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.Compare(name, fmt.Sprintf("%05d_z", released)) > 0 {
			continue
		}
		text, err := os.ReadFile(filepath.Join("migrations", name))
		if err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: text}
	}
	if len(folder) != released || len(names) == released {
		t.Fatalf("got %d old migrations of %d", len(folder), len(names))
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, openSQL(t, path), folder)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := provider.Up(t.Context()); err != nil || len(done) != 0 {
		t.Errorf("an old program's start: got %v, %v", done, err)
	}
	if version, err := provider.GetDBVersion(t.Context()); err != nil || version <= released {
		t.Errorf("afterwards the schema is %d, %v; want a newer one than %d", version, err, released)
	}
}
