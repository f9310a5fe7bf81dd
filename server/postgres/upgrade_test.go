package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"golang.org/x/sync/errgroup"

	"cartline/server/cart"
	"cartline/server/cart/carttest"
	"cartline/server/internal/testenv"
)

// released is the newest schema of the release before this one. When a release is made,
// this becomes what docs/upgrading.md says of it.
const released = 6

// oldProgram changes one cart over and over, with the statements of the release before.
// It counts what was committed.
type oldProgram struct {
	conn    *pgx.Conn
	id      string
	changes atomic.Int64
}

func (p *oldProgram) change(ctx context.Context) error {
	version := p.changes.Load() + 1
	document := fmt.Sprintf(`{"id":%q,"name":"old","version":%d,"status":"open","lines":[],"total":{"amount":0,"currency":"EUR"}}`, p.id, version)
	tx, err := p.conn.Begin(ctx)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `SELECT pg_advisory_xact_lock(1667330676, hashtext($1))`, p.id)
	if err == nil && version == 1 {
		_, err = tx.Exec(ctx, `
			INSERT INTO cart (id, shopper, customer, status, evident, code, code_until, order_number, updated_at, active_at, document, summary)
			VALUES ($1, $1, '', 'open', true, '', 'epoch', NULL, now(), now(), $2, $2)`, p.id, document)
	} else if err == nil {
		_, err = tx.Exec(ctx, `
			UPDATE cart SET shopper = $1, customer = '', status = 'open', evident = true, code = '', code_until = 'epoch', order_number = NULL,
				updated_at = now(), active_at = now(), document = $2, summary = $2
			WHERE id = $1`, p.id, document)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `
			INSERT INTO activity (cart_id, cart_version, kind, at, shopper, payload, state) VALUES ($1, $2, 'line_added', now(), $1, '{}', $3)`,
			p.id, version, document)
	}
	if err == nil {
		// As staff sign in, and are looked up.
		_, err = tx.Exec(ctx, `
			SELECT username, password_hash, created_at, ARRAY(SELECT role FROM staff_role r WHERE r.username = s.username ORDER BY role)
			FROM staff s WHERE username = 'zoe'`)
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil {
		return errors.Join(err, tx.Rollback(context.WithoutCancel(ctx)))
	}
	p.changes.Add(1)
	return nil
}

// A database of the release before is brought up to date while programs of that release
// change it. None of them fails, then or later; nothing is lost; and such a program
// starts on it again.
func TestUpgradeUnderLoad(t *testing.T) {
	dsn := testenv.Postgres(t)
	migrateTo(t, dsn, released)
	running, stop := context.WithCancel(t.Context())
	defer stop()
	var programs []*oldProgram
	group, running := errgroup.WithContext(running)
	for i := range 4 {
		p := &oldProgram{conn: connect(t, dsn), id: fmt.Sprintf("%032d", i)}
		programs = append(programs, p)
		group.Go(func() error {
			for running.Err() == nil {
				if err := p.change(t.Context()); err != nil {
					return fmt.Errorf("after %d changes: %w", p.changes.Load(), err)
				}
			}
			return nil
		})
	}
	each := func(more int64) {
		t.Helper()
		var want []int64
		for _, p := range programs {
			want = append(want, p.changes.Load()+more)
		}
		testenv.Eventually(t, patience, "each program to make some changes more", func() bool {
			for i, p := range programs {
				if p.changes.Load() < want[i] && running.Err() == nil {
					return false
				}
			}
			return true
		})
	}
	each(20)
	s := open(t, dsn) // which brings it up to date
	each(20)
	carttest.Fill(t, s, 3) // both releases at the same time
	stop()
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	total := 3
	for _, p := range programs {
		n := p.changes.Load()
		total += int(n)
		if record, err := s.Cart(t.Context(), p.id); err != nil || record.Version != n {
			t.Errorf("got version %d of %s, %v; want %d", record.Version, p.id, err, n)
		}
	}
	checkLog(t, s, total)
	startOldProgram(t, dsn)
}

// checkLog finds that the log has so many activities, and each cart's in order.
func checkLog(t *testing.T, s cart.Log, want int) {
	t.Helper()
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := s.After(t.Context(), cart.Position{Epoch: head.Epoch}, cart.Scope{}, want+1)
	if err != nil || len(entries) != want {
		t.Errorf("got %d activities, %v; want %d", len(entries), err, want)
	}
	versions := map[string]int64{}
	for _, e := range entries {
		if versions[e.CartID]++; e.Version != versions[e.CartID] {
			t.Fatalf("got version %d of %s after %d", e.Version, e.CartID, versions[e.CartID]-1)
		}
	}
}

// startOldProgram does what a program of the release before does when it starts: it
// brings the database to its own schema, which this is beyond.
func startOldProgram(t *testing.T, dsn string) {
	t.Helper()
	folder := fstest.MapFS{}
	names, err := fs.Glob(os.DirFS("migrations"), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	newer := 0
	for _, name := range names {
		if strings.Compare(name, fmt.Sprintf("%05d_z", released)) > 0 {
			newer++
			continue
		}
		text, err := os.ReadFile("migrations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		folder[name] = &fstest.MapFile{Data: text, ModTime: time.Now()}
	}
	if len(folder) != released || newer == 0 {
		t.Fatalf("got %d old migrations and %d new ones", len(folder), newer)
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, folder)
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
