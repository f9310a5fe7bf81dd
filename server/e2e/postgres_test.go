package e2e

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
)

// On PostgreSQL a change shows like on SQLite, and so does what any other
// program notifies.
func TestPostgres(t *testing.T) {
	t.Parallel()
	database := testenv.Postgres(t)
	g := startGateway(t, "--database", database)
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, g.BaseURL, "demo", g.password)

	newCaller(t, g.BaseURL).put("MUG-BLUE", 2)
	tab.WaitContains("#feed li:last-child", "2 × Blue mug added")

	for _, tt := range []struct{ name, payload, want string }{
		{"an object", `{"hello":1}`, `["cart_activity",{"hello":1},`},
		{"words", `is anyone there?`, `["cart_activity","is anyone there?",`},
	} {
		notify(t, database, tt.payload)
		tab.WaitContains("#feed li:last-child .raw", tt.want)
	}
}

// notify does what psql -c "NOTIFY cart_activity, '…'" does.
func notify(t *testing.T, database, payload string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "NOTIFY cart_activity, '"+payload+"'"); err != nil {
		t.Fatal(err)
	}
}

// A change made through one process shows on the page of another.
func TestPostgresTwoProcesses(t *testing.T) {
	t.Parallel()
	database := testenv.Postgres(t)
	one := startGateway(t, "--database", database)
	two := testenv.StartServer(t, testenv.ServerOptions{Args: []string{"--database", database}})
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	signIn(tab, two.BaseURL, "demo", one.password)
	newCaller(t, one.BaseURL).put("MUG-BLUE", 2)
	tab.WaitContains("#feed li:last-child", "2 × Blue mug added")
	tab.WaitText("#connections", "Serving 1 connections")
}
