package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cartline/server/demo"
	"cartline/server/internal/testenv"
	"cartline/shared"
	"cartline/shared/live"
)

// What doesn't go with a mode is refused in one line, which tells no password.
func TestModeUsage(t *testing.T) {
	const database = " --database postgres://ann:secret@localhost/shop"
	for _, test := range []struct{ args, says string }{
		{"--serve half", "--serve"},
		{"--serve app", "takes PostgreSQL"},
		{"--serve events", "takes PostgreSQL"},
		{"--serve gateway", "--notify-database"},
		{"--serve gateway --notify-database sqlite:shop.db", "--notify-database"},
		{"--serve gateway --notify-database postgres://ann:secret@localhost:port/shop", "--notify-database"},
		{"--serve gateway --demo --notify-database postgres://ann:secret@localhost/shop", "--demo"},
		{"--serve events --demo" + database, "--demo"},
		{"--notify-database postgres://ann:secret@localhost/shop", "SQLite"},
		{"--notify-database ann:secret" + database, "--notify-database"},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Chdir(t.TempDir()) // where the default database would be made
			status, stdout, stderr := call(t, "", strings.Fields(test.args)...)
			if status != 2 || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, test.says) || strings.Contains(stderr, "secret") {
				t.Errorf("got status %d, %q and %q, want 2 and one line that says %s", status, stdout, stderr, test.says)
			}
		})
	}
}

// The pages' process and the sockets' each serve their part, and say of the other's where
// it is.
func TestModesServeTheirPart(t *testing.T) {
	database := testenv.Postgres(t)
	app := start(t, "--serve", "app", "--database", database)
	events := start(t, "--serve", "events", "--database", database)
	for _, test := range []struct {
		path        string
		app, events int
	}{
		{"/", 200, 421},
		{"/shop", 200, 421},
		{"/desk", 200, 421},
		{"/nothing", 404, 421},
		{"/api/products", 200, 421},
		{"/api/cart", 200, 421},
		{"/api/carts", 401, 421},
		{"/api/staff/session", 401, 401},
		{"/api/gateway", 401, 401},
		{"/api/handshake/0123456789abcdef", 404, 404},
		{"/events", 200, 200},
		{"/events/", 200, 200}, // moved to /events
		{"/eventsx", 404, 421},
		{"/web/app.css", 200, 200},
		{"/app.js", 200, 200},
		{"/healthz", 200, 200},
		{"/readyz", 200, 200},
		{"/echo", 421, 400},
		{"/events/io", 421, 400},
	} {
		for s, want := range map[*serving]int{app: test.app, events: test.events} {
			response := s.visitor(t).ask(t, "GET", test.path, "", nil)
			if response.StatusCode != want {
				t.Errorf("%s of %s: got %d, want %d", test.path, mode(s, app), response.StatusCode, want)
			}
			kind := response.Header.Get("Content-Type")
			if want == 421 && strings.HasPrefix(kind, shared.ProblemType) != strings.HasPrefix(test.path, "/api/") {
				t.Errorf("%s of %s: got %s", test.path, mode(s, app), kind)
			}
		}
	}
	// Whoever opens a socket at the wrong one is told what to start, and so is a page,
	// from which browsers hide that.
	for _, path := range []string{"/echo", "/events/io"} {
		const want = "--serve events"
		var refused *live.RefusedError
		_, err := app.visitor(t).dial(t, path, "")
		if !errors.As(err, &refused) || refused.Status != http.StatusMisdirectedRequest || !strings.Contains(refused.Error(), want) {
			t.Errorf("%s: got %v, want 421 and %s", path, err, want)
		}
		status, answer := app.visitor(t).try(t, "GET", "/api/handshake?path="+path, "")
		var problem shared.Problem
		if err := json.Unmarshal(answer, &problem); err != nil || status != 421 || problem.Code != shared.CodeNotHere || !strings.Contains(problem.Detail, want) {
			t.Errorf("the handshake of %s: got %d %s, %v", path, status, answer, err)
		}
	}
	status, answer := events.visitor(t).try(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":1}`)
	var problem shared.Problem
	if err := json.Unmarshal(answer, &problem); err != nil || status != 421 || problem.Code != shared.CodeNotHere || problem.Status != 421 || !strings.Contains(problem.Detail, "--serve app") {
		t.Errorf("the cart of the process for events: got %d %s, %v", status, answer, err)
	}
}

// Below a path, each serves its part there.
func TestModesBelow(t *testing.T) {
	database := testenv.Postgres(t)
	for _, test := range []struct {
		mode               string
		shop, page, socket int
	}{{modeApp, 200, 200, 421}, {modeEvents, 421, 200, 400}} {
		s := start(t, "--serve", test.mode, "--database", database, "--base-path", "/live")
		for path, want := range map[string]int{"/shop": test.shop, "/events": test.page, "/events/io": test.socket, "/echo": test.socket} {
			if got := s.visitor(t).ask(t, "GET", "/live"+path, "", nil).StatusCode; got != want {
				t.Errorf("%s of %s: got %d, want %d", path, test.mode, got, want)
			}
		}
	}
}

func mode(s, app *serving) string {
	if s == app {
		return modeApp
	}
	return modeEvents
}

// Two processes are one shop: what is done at one is heard from the other, who signs out
// at one is out at the other, and each tells of both.
func TestAppAndEventsTogether(t *testing.T) {
	database := testenv.Postgres(t)
	app := start(t, "--serve", "app", "--demo", "--demo-shoppers", "0", "--database", database)
	events := start(t, "--serve", "events", "--database", database)
	staff := app.visitor(t)
	staff.signInDemo(t)
	there := &visitor{events, staff.client} // the same browser, led to the other
	socket := there.open(t, "/events/io")
	socket.listen(t, shared.ChannelCartActivity)
	var cart shared.Cart
	app.visitor(t).ask(t, "PUT", "/api/cart/lines/MUG-BLUE", `{"quantity":2}`, &cart)
	if got, want := nextActivity(t, socket), cart.ID+" 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if echo := there.open(t, "/echo"); echo.next(t) != "Echo Initiated" {
		t.Error("the echo doesn't begin")
	}
	for _, test := range []struct {
		v           *visitor
		mode, other string
		connections int
	}{{staff, modeApp, modeEvents, 0}, {there, modeEvents, modeApp, 1}} {
		var status shared.GatewayStatus
		testenv.Eventually(t, patience, test.mode+" to know of both", func() bool {
			status = shared.GatewayStatus{}
			test.v.ask(t, "GET", "/api/gateway", "", &status)
			return status.All.Several() && status.All.Connections == 1 && status.All.Echo == 1
		})
		all := status.All.Processes
		if status.Mode != test.mode || status.Connections != test.connections || len(all) != 2 || all[0].Mode != test.mode || all[1].Mode != test.other {
			t.Errorf("%s: got %+v of %+v", test.mode, status, status.All)
		}
	}
	// Only who has sockets listens, of which each costs the database something.
	var listening int
	query(t, database, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cartline listener'`, &listening)
	if listening != 1 {
		t.Errorf("%d connections listen, want that of the process for events alone", listening)
	}
	staff.ask(t, "DELETE", "/api/staff/session", "", nil)
	socket.wantClose(t, shared.CloseSessionEnded)
	if strings.Contains(events.out.String(), "/shop") || !strings.Contains(events.out.String(), "Mode       events") || !strings.Contains(app.out.String(), demo.Username) {
		t.Errorf("they say of themselves %q and %q", app.out.String(), events.out.String())
	}
}

// With an address of its own, LISTEN goes there, and nothing else does.
func TestNotifyDatabase(t *testing.T) {
	database := testenv.Postgres(t)
	direct := withParameter(database, "application_name=direct")
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", database, "--notify-database", direct, "--channel", "news")
	staff := s.visitor(t)
	staff.signInDemo(t)
	socket := staff.open(t, "/events/io")
	socket.listen(t, "news")
	var connections int
	query(t, database, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'direct'`, &connections)
	if connections != 1 {
		t.Errorf("%d connections go there, want the one that listens", connections)
	}
	query(t, database, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'cartline listener'`, &connections)
	if connections != 0 {
		t.Errorf("%d connections listen besides", connections)
	}
	// And it has to be the same database; nothing is made in another.
	elsewhere := testenv.Postgres(t)
	status, _, stderr := call(t, "", "--listen", "127.0.0.1:0", "--database", database, "--notify-database", elsewhere)
	var tables int
	query(t, elsewhere, countTables, &tables)
	if status != 2 || !strings.Contains(stderr, "another database") || tables != 0 {
		t.Errorf("another database: got status %d, %q, and %d tables there", status, stderr, tables)
	}
	execute(t, database, `NOTIFY news, 'sun'`)
	if got, want := socket.next(t), `["news","sun"`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// countTables counts what anybody has made in a database.
const countTables = `
	SELECT count(*) FROM pg_class
	WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname LIKE 'pg\_%' OR nspname = 'information_schema')`

// withParameter adds a parameter to a DSN.
func withParameter(dsn, parameter string) string {
	if strings.Contains(dsn, "?") {
		return dsn + "&" + parameter
	}
	return dsn + "?" + parameter
}

// query reads one row on a connection of its own.
func query(t *testing.T, dsn, statement string, into ...any) {
	t.Helper()
	onConnection(t, dsn, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, statement).Scan(into...)
	})
}

// execute does what psql -c would.
func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	onConnection(t, dsn, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

func onConnection(t *testing.T, dsn string, do func(context.Context, *pgx.Conn) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err == nil {
		err = errors.Join(do(ctx, conn), conn.Close(ctx))
	}
	if err != nil {
		t.Fatal(err)
	}
}
