//go:build linux

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"cartline/server/bench/load"
	"cartline/server/identity"
	"cartline/server/postgres"
	"cartline/shared"
)

// database is one of the PostgreSQL server's, with the schema in it.
type database struct {
	dsn   string
	store *postgres.Store
	staff string // the cookie of a member of the staff who may listen
}

// newDatabase makes a database, and somebody who may listen.
func (b *bench) newDatabase(ctx context.Context, name string) (_ *database, err error) {
	if err := b.cluster.Exec("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return nil, err
	}
	d := &database{dsn: b.cluster.DSN(name)}
	if d.store, err = postgres.Open(ctx, d.dsn+"&pool_max_conns="+strconv.Itoa(writers+1)); err != nil {
		return nil, err
	}
	d.staff, err = listener(ctx, d.store)
	if err != nil {
		return nil, errors.Join(err, d.store.Close())
	}
	return d, nil
}

// listener makes an account, signs it in and returns the cookie. The server that is
// measured has no part in that: to check a password takes more memory than a thousand
// connections.
func listener(ctx context.Context, store identity.Store) (string, error) {
	staff := identity.NewStaff(store)
	who := shared.SignIn{Username: "bench", Password: rand.Text()}
	if err := staff.Add(ctx, who.Username, who.Password, []string{shared.RoleEventListener}); err != nil {
		return "", err
	}
	token, _, err := staff.SignIn(ctx, "127.0.0.1", who, "")
	return (&http.Cookie{Name: "cartline_staff", Value: token}).String(), err
}

// publisher notifies at a pace.
type publisher struct {
	conn *pgx.Conn
	sent int
	took load.Histogram // of the transactions
}

func newPublisher(ctx context.Context, d *database) (*publisher, error) {
	conn, err := pgx.Connect(ctx, d.dsn)
	if err != nil {
		return nil, err
	}
	// A commit that waits for the disk is not what is measured.
	_, err = conn.Exec(ctx, "SET synchronous_commit = off")
	return &publisher{conn: conn}, err
}

func (p *publisher) close() error { return p.conn.Close(context.Background()) }

// run sends so many events in each interval, in one transaction, for a while, and
// returns how many it has sent. If it falls behind, it makes up for it.
func (p *publisher) run(ctx context.Context, interval time.Duration, perTransaction int, d time.Duration) (sent int, err error) {
	begun := time.Now()
	for due := time.Duration(0); due < d; due += interval {
		if behind := time.Since(begun) - due; behind < 0 {
			if err := wait(ctx, -behind); err != nil {
				return sent, err
			}
		}
		if time.Since(begun) > 2*d {
			break // it can't be done; what was sent is told
		}
		if err := p.send(ctx, perTransaction); err != nil {
			return sent, err
		}
		sent += perTransaction
	}
	return sent, nil
}

// eventSize is how many bytes are notified for each event.
const eventSize = 100

// send notifies so many events in one transaction.
func (p *publisher) send(ctx context.Context, events int) error {
	payloads := make([]string, events)
	begun := time.Now()
	mark := load.Mark(begun)
	for i := range payloads {
		p.sent++
		payloads[i] = payload(mark, p.sent, eventSize)
	}
	_, err := p.conn.Exec(ctx, "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload", shared.ChannelCartActivity, payloads)
	p.took.Add(time.Since(begun))
	return err
}

// payload makes a JSON object of that size that no other equals: PostgreSQL leaves out
// what was notified already in the same transaction.
func payload(mark string, number, size int) string {
	text := fmt.Sprintf(`{"mark":%q,"number":%d,"more":"`, mark, number)
	return text + strings.Repeat("x", max(0, size-len(text)-2)) + `"}`
}
