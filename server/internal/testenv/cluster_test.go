package testenv_test

import (
	"os/exec"
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

// A server of one's own is where it was when it is started again, with what was
// committed, however it ended.
func TestClusterKeepsWhatIsCommitted(t *testing.T) {
	t.Parallel()
	cluster := testenv.NewCluster(t)
	dsn := cluster.DSN("postgres")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(cluster.Exec(`CREATE TABLE kept (n int)`))
	for name, stop := range map[string]func() error{"fast": cluster.StopFast, "immediate": cluster.StopImmediate} {
		held := open(t, dsn)
		must(cluster.Exec(`INSERT INTO kept VALUES (1)`))
		must(stop())
		if err := held.Ping(t.Context()); err == nil {
			t.Errorf("%s: a connection outlives the server", name)
		}
		if err := cluster.Exec(`SELECT 1`); err == nil {
			t.Errorf("%s: the server answers after its end", name)
		}
		must(cluster.Start())
		if err := cluster.Start(); err == nil {
			t.Errorf("%s: it was started twice", name)
		}
	}
	if got := cluster.DSN("postgres"); got != dsn {
		t.Errorf("got %s, want %s as before", got, dsn)
	}
	var rows int
	must(connect(t, dsn).QueryRow(t.Context(), `SELECT count(*) FROM kept`).Scan(&rows))
	if rows != 2 {
		t.Errorf("got %d rows, want those of both times", rows)
	}
}

func TestCommand(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testenv.Command){"kill": (*testenv.Command).Kill, "terminate": (*testenv.Command).Terminate} {
		command, err := testenv.StartCommand(exec.Command("sleep", "600"))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-command.Ended():
			t.Fatalf("%s: it ended by itself", name)
		default:
		}
		end(command)
		select {
		case <-command.Ended():
		case <-time.After(patience):
			t.Fatalf("%s: it didn't end", name)
		}
		end(command) // once more does nothing
	}
	if _, err := testenv.StartCommand(exec.Command("no-such-program")); err == nil {
		t.Error("a program that isn't there was started")
	}
}
