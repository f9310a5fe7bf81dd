package postgres_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/cart"
	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// lockClass is the class of the advisory locks on carts.
const lockClass = 0x63617274

// Whoever waits for a shopper's cart, and finds that the shopper has another by then,
// waits for that one too: a change beside its holder's would be lost.
func TestTheNextCartIsLockedInItsTurn(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	change := func() (cart.Record, error) {
		fresh := &cart.Record{Shopper: "alice", Cart: shared.Cart{ID: cart.NewID(), Status: shared.CartOpen}}
		return s.Change(t.Context(), cart.Which{Shopper: "alice", New: fresh}, func(r *cart.Record) (*cart.Outcome, error) {
			r.Version++
			return cart.Did(&shared.Activity{CartID: r.ID, CartVersion: r.Version}, nil)
		})
	}
	first, err := change()
	if err != nil {
		t.Fatal(err)
	}
	hold := func(id string) pgx.Tx {
		tx, err := connect(t, dsn).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		exec(t, tx, `SELECT pg_advisory_xact_lock($1, hashtext($2))`, lockClass, id)
		return tx
	}
	watch := connect(t, dsn)
	// blocked says whether somebody waits for the lock of a cart.
	blocked := func(id string) (waits bool) {
		row := watch.QueryRow(t.Context(), `
			SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid::bigint = hashtext($1)::bigint & 4294967295)`, id)
		if err := row.Scan(&waits); err != nil {
			t.Fatal(err)
		}
		return waits
	}
	const next = "the next cart"
	holdsFirst, holdsNext := hold(first.ID), hold(next)
	done := make(chan cart.Record, 1)
	go func() {
		r, err := change()
		if err != nil {
			t.Error(err)
		}
		done <- r
	}()
	testenv.Eventually(t, patience, "the change to wait for the first cart", func() bool { return blocked(first.ID) })
	exec(t, holdsFirst, `UPDATE cart SET status = 'ordered' WHERE id = $1`, first.ID)
	exec(t, holdsFirst, `
		INSERT INTO cart (id, shopper, status, evident, updated_at, active_at, document, summary)
		SELECT $1, shopper, 'open', evident, updated_at, active_at, '{"id": "the next cart", "status": "open", "version": 1}', summary FROM cart WHERE id = $2`, next, first.ID)
	if err := holdsFirst.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	testenv.Eventually(t, patience, "the change to wait for the next cart", func() bool { return blocked(next) })
	exec(t, holdsNext, `UPDATE cart SET document = '{"id": "the next cart", "status": "open", "version": 41}' WHERE id = $1`, next)
	if err := holdsNext.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := <-done; r.ID != next || r.Version != 42 {
		t.Errorf("got cart %q at version %d, want %q at 42", r.ID, r.Version, next)
	}
}

// Whoever signs in while the account's sessions are ended waits for that: otherwise a
// session of what was right before could begin unseen by both.
func TestSignInWaitsForWhatEndsSessions(t *testing.T) {
	dsn := testenv.Postgres(t)
	s, watch := open(t, dsn), connect(t, dsn)
	if err := s.AddStaff(t.Context(), identity.Account{Username: "zoe", CreatedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	for what, statement := range map[string]string{
		"another password": `UPDATE staff SET password_hash = 'x' WHERE username = 'zoe'`,
		"a second factor":  `SELECT FROM staff WHERE username = 'zoe' FOR UPDATE`,
	} {
		tx, err := connect(t, dsn).Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		exec(t, tx, statement)
		done := make(chan error, 1)
		go func() { done <- s.AddSession(t.Context(), identity.Session{Hash: []byte(what), Username: "zoe"}, nil) }()
		testenv.Eventually(t, patience, "the session to wait", func() (waits bool) {
			row := watch.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`)
			if err := row.Scan(&waits); err != nil {
				t.Fatal(err)
			}
			return waits || len(done) > 0
		})
		if len(done) > 0 {
			t.Errorf("%s: the session began meanwhile", what)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
