package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
)

// A copy that was killed half-way is no database to serve from, and goes on where it was.
func TestCopyKilled(t *testing.T) {
	t.Parallel()
	u := useShop(t)
	dsn := testenv.Postgres(t)
	must(t, "", "migrate", "--database", dsn)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	// Nobody can write into one of the tables in the middle.
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `LOCK TABLE audit IN EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	program := exec.Command(os.Args[0], "copy", "--from", u.database(), "--to", dsn)
	program.Env = append(os.Environ(), beProgram+"=1")
	var log output
	program.Stderr = &log
	command, err := testenv.StartCommand(program)
	if err != nil {
		t.Fatal(err)
	}
	defer command.Kill()
	var copied int
	testenv.Eventually(t, patience, "the copy to wait for us", func() bool {
		var waiting int
		err := tx.QueryRow(t.Context(), `
			SELECT (SELECT count(*) FROM pg_locks WHERE relation = 'audit'::regclass AND NOT granted), (SELECT count(*) FROM activity)`).Scan(&waiting, &copied)
		select {
		case <-command.Ended():
			t.Fatalf("the copy ended: %s", log.String())
		default:
		}
		return err == nil && waiting > 0
	})
	if copied == 0 {
		t.Error("no activity was copied yet")
	}
	// The file is nobody else's as long as that goes on.
	refuse := func(part string, args ...string) {
		t.Helper()
		if status, stdout, stderr := call(t, "", args...); status != 1 || stdout != "" || !strings.Contains(stderr, part) {
			t.Errorf("cartline %q: got status %d, %q, %q; want %q", args, status, stdout, stderr, part)
		}
	}
	refuse("locked", "--listen", "127.0.0.1:0", "--database", u.database())
	command.Kill()
	refuse("run cartline copy again", "--listen", "127.0.0.1:0", "--database", dsn)
	refuse("run cartline copy again", "staff", "list", "--database", dsn)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := "sqlite:" + filepath.Join(t.TempDir(), "other.db")
	must(t, "", "migrate", "--database", other)
	refuse("the beginning of a copy of another database", "copy", "--from", other, "--to", dsn)
	said := must(t, "", "copy", "--from", u.database(), "--to", dsn)
	if !strings.Contains(said, "Went on with a copy that was interrupted, and finished it.") {
		t.Errorf("got %s", said)
	}
	var activities, carts int
	if err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM activity), (SELECT count(*) FROM cart)`).Scan(&activities, &carts); err != nil {
		t.Fatal(err)
	}
	for table, n := range map[string]int{"activity": activities, "cart": carts} {
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^ *%d +%s$`, n, table)).MatchString(said) {
			t.Errorf("%s: %d rows are there, and it says\n%s", table, n, said)
		}
	}
	refuse("is not empty", "copy", "--from", u.database(), "--to", dsn)
	s := start(t, "--database", dsn)
	if got := u.look(t, s)["customer /api/cart/orders"]; got != u.before["customer /api/cart/orders"] {
		t.Errorf("the orders: got %s", got)
	}
}

// What the copy has is compared with what there is, and a copy that differs is no database
// to serve from.
func TestCopyThatDiffers(t *testing.T) {
	t.Parallel()
	from, dsn := "sqlite:"+filepath.Join(t.TempDir(), "shop.db"), testenv.Postgres(t)
	must(t, copyPassword+"\n", "staff", "add", "ann", "--role", "admin", "--database", from)
	must(t, "", "migrate", "--database", dsn)
	conn := ok[*pgx.Conn](t)(pgx.Connect(t.Context(), dsn))
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), `
		CREATE FUNCTION alter_role() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.role := ''cart_editor''; RETURN NEW; END';
		CREATE TRIGGER alter_role BEFORE INSERT ON staff_role FOR EACH ROW EXECUTE FUNCTION alter_role()`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		status, stdout, stderr := call(t, "", "copy", "--from", from, "--to", dsn)
		if status != 1 || stdout != "" || !strings.Contains(stderr, "not to be used") || !strings.Contains(stderr, "staff_role") {
			t.Errorf("got status %d, %q, %q; want that it is not to be used", status, stdout, stderr)
		}
	}
	if status, _, stderr := call(t, "", "staff", "list", "--database", dsn); status != 1 || !strings.Contains(stderr, "run cartline copy again") {
		t.Errorf("using it all the same: got status %d, %q", status, stderr)
	}
}

func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text, served := filepath.Join(folder, "text"), filepath.Join(folder, "served.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("text ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, "--database", "sqlite:"+served)
	const nowhere = "postgres://ann:secret@127.0.0.1:1/shop"
	for _, test := range []struct {
		from, to string
		status   int
		part     string
	}{
		{nowhere, nowhere, 2, "pg_dump"},
		{"sqlite:", nowhere, 2, "--from is sqlite:PATH"},
		{"sqlite:" + text, "sqlite:" + text + "2", 2, "cartline backup"},
		{"sqlite:" + text, "postgres://ann:secret@host:port/shop", 2, "--to"},
		{"sqlite:" + folder + "/none", nowhere, 1, "there is no such file"},
		{"sqlite:" + text, nowhere, 1, "not a database of Cartline's"},
		{"sqlite:" + served, nowhere, 1, "stop its server first"},
	} {
		status, stdout, stderr := call(t, "", "copy", "--from", test.from, "--to", test.to)
		if status != test.status || stdout != "" || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, test.part) || strings.Contains(stderr, "secret") {
			t.Errorf("from %s to %s: got status %d, %q, %q; want %d and %q", test.from, test.to, status, stdout, stderr, test.status, test.part)
		}
	}
}
