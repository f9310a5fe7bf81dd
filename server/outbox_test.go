package main

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"cartline/server/internal/testenv"
)

// With an outbox, whoever comes back gets what they missed of the application's carts,
// also from another gateway.
func TestOutbox(t *testing.T) {
	dsn := testenv.Postgres(t)
	execute(t, dsn, `CREATE TABLE carts (owner text PRIMARY KEY, items jsonb DEFAULT '{}')`)
	app := newWebApplication(t)
	app.signIn(t, "one", "ann")
	flags := append([]string{"serve", "--listen", "127.0.0.1:0", "--serve", "gateway", "--notify-database", dsn, "--outbox"}, app.flags()...)
	if status, _, stderr := call(t, "", flags...); status != 2 || !strings.Contains(stderr, "outbox.sql") {
		t.Errorf("without the tables: got status %d, %s", status, stderr)
	}
	if status, _, stderr := call(t, "", "serve", "--outbox"); status != 2 || !strings.Contains(stderr, "goes with --serve gateway") {
		t.Errorf("elsewhere: got status %d, %s", status, stderr)
	}
	script, err := os.ReadFile("../docs/retrofit/outbox.sql")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, dsn, string(script))

	s := startGateway(t, dsn, app, "--outbox")
	becomesReady(t, s, http.StatusOK)
	ann := s.carrying(t, "one").open(t, "/events/io")
	ann.listen(t, "cart_activity")
	wantEvent := func(c *wsClient, payload string) (cursor string) {
		t.Helper()
		text := c.next(t)
		before, after, _ := strings.Cut(text, `{"cursor":"`)
		if want := `["cart_activity",` + payload + `,`; strings.ReplaceAll(before, " ", "") != want {
			t.Fatalf("got %s, want %s and a cursor", text, want)
		}
		cursor, _, _ = strings.Cut(after, `"`)
		return cursor
	}
	execute(t, dsn, `INSERT INTO carts VALUES ('carl', '{"mug":1}')`)
	cursor := wantEvent(ann, `{"owner":"carl","items":{"mug":1}}`)
	ann.Abandon()
	execute(t, dsn, `UPDATE carts SET items = '{"mug":2}'`)
	s.end(t)
	execute(t, dsn, `UPDATE carts SET items = '{"mug":3}'`)

	s = startGateway(t, dsn, app, "--outbox")
	ann = s.carrying(t, "one").open(t, "/events/io")
	ann.send(t, `{"listen":"cart_activity","after":"`+cursor+`"}`)
	if got := ann.next(t); !strings.Contains(got, `"recovered":true`) {
		t.Fatalf("got %s, want that nothing was lost", got)
	}
	wantEvent(ann, `{"owner":"carl","items":{"mug":2}}`)
	wantEvent(ann, `{"owner":"carl","items":{"mug":3}}`)
	execute(t, dsn, `UPDATE carts SET items = '{"mug":4}'`)
	wantEvent(ann, `{"owner":"carl","items":{"mug":4}}`)
	// What there is no such thing of here is refused in words.
	for _, channel := range []string{"my_cart", "cart/1"} {
		ann.send(t, `{"listen":"`+channel+`"}`)
		if got := ann.next(t); !strings.HasPrefix(got, `["error",`) || strings.Contains(got, "internal") {
			t.Errorf("%s: got %s, want an error", channel, got)
		}
	}
	// Who balances the load is told when it can't be followed.
	execute(t, dsn, `ALTER TABLE cartline_outbox RENAME TO gone`)
	if status, body := s.visitor(t).try(t, "GET", "/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(string(body), `"name":"log","ok":false`) {
		t.Errorf("got %d %s, want 503 for the log", status, body)
	}
	if strings.Contains(s.log.String(), "exception") {
		t.Errorf("the log has an exception:\n%s", s.log.String())
	}
}
