package testenv_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cartline/server/internal/testenv"
)

// connect opens a connection that is closed when the test ends.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn := open(t, dsn)
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conn
}

// open opens a connection that nobody closes but the server.
func open(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func mustExec(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// A NOTIFY is heard in its own database and not in another test's.
func TestPostgresIsolatesNotifications(t *testing.T) {
	t.Parallel()
	one, two := connect(t, testenv.Postgres(t)), connect(t, testenv.Postgres(t))
	mustExec(t, one, "LISTEN news")
	mustExec(t, two, "NOTIFY news, 'for two'")
	mustExec(t, one, "NOTIFY news, 'for one'")

	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	n, err := one.WaitForNotification(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := n.Payload, "for one"; got != want {
		t.Errorf("first notification = %q, want %q", got, want)
	}
}

// Each database starts empty, also when several tests ask at the same time.
func TestPostgresStartsEmpty(t *testing.T) {
	t.Parallel()
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			mustExec(t, connect(t, testenv.Postgres(t)), "CREATE TABLE carts (id int)")
		})
	}
}

// A database ends with its test, also when someone is still connected to it.
func TestPostgresDropsDatabase(t *testing.T) {
	t.Parallel()
	var dsn string
	var left *pgx.Conn
	t.Run("leaves a connection open", func(t *testing.T) {
		dsn = testenv.Postgres(t)
		left = open(t, dsn)
	})
	if err := left.Ping(t.Context()); err == nil {
		t.Error("the connection outlived its database")
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err == nil {
		t.Errorf("the database outlived its test (closing: %v)", conn.Close(t.Context()))
	}
	if pgErr := (*pgconn.PgError)(nil); !errors.As(err, &pgErr) || pgErr.Code != "3D000" {
		t.Errorf("connecting afterwards: %v, want invalid_catalog_name", err)
	}
}

// CARTLINE_TEST_POSTGRES takes the place of a server of our own.
func TestPostgresOfOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, dsn string
		want      string
	}{
		{"usable", testenv.Postgres(t), "\nPASS\n"},
		{"not there", "postgres://postgres@127.0.0.1:1/postgres", "failed to connect"},
		{"no URL", "host=127.0.0.1", "CARTLINE_TEST_POSTGRES is not a postgres:// URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), testBinary(t), "-test.run=^TestPostgresStartsEmpty$", "-test.v")
			cmd.Env = append(os.Environ(), "CARTLINE_TEST_POSTGRES="+tt.dsn)
			// Its failure is told by its output.
			if out, err := cmd.CombinedOutput(); !strings.Contains(string(out), tt.want) {
				t.Errorf("output lacks %q (%v):\n%s", tt.want, err, out)
			}
		})
	}
}

func TestFindPostgres(t *testing.T) {
	t.Setenv("PATH", "")
	root := t.TempDir()
	pattern := filepath.Join(root, "*", "bin", "postgres")
	if _, err := testenv.FindPostgres(pattern); err == nil || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("without any: %v, want what to install", err)
	}
	for _, version := range []string{"9", "16", "15", "old"} {
		dir := filepath.Join(root, version, "bin")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "postgres"), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	got, err := testenv.FindPostgres(pattern)
	if want := filepath.Join(root, "16", "bin"); got != want || err != nil {
		t.Errorf("found %q, %v; want %q", got, err, want)
	}
}
