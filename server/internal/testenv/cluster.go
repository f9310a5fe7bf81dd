package testenv

import (
	"errors"
	"syscall"
	"testing"
)

// Cluster is a PostgreSQL server that belongs to one test or program, which may stop it
// and start it again. Unlike the server of [Postgres] that of [NewCluster] keeps what it
// has acknowledged when it is stopped at once. Its methods are for one goroutine at a
// time, except for DSN.
type Cluster struct{ made *installation }

// NewCluster makes a server and starts it, in some seconds. It ends with the test.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	cluster, err := StartCluster("synchronous_commit=on", "autovacuum=on")
	if err != nil {
		t.Fatalf("PostgreSQL is needed for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.Remove(); err != nil {
			t.Errorf("removing the PostgreSQL server of this test: %v", err)
		}
	})
	return cluster
}

// StartCluster is NewCluster without a test, for programs that measure. The settings,
// each NAME=VALUE, are told to the server besides the usual ones. Remove ends it.
func StartCluster(settings ...string) (*Cluster, error) {
	made, err := installCluster(settings)
	if err != nil {
		return nil, err
	}
	if err := made.start(); err != nil {
		return nil, errors.Join(err, made.remove())
	}
	return &Cluster{made: made}, nil
}

// Remove ends the server, and its data with it.
func (c *Cluster) Remove() error { return c.made.remove() }

// DSN returns the connection string of a superuser for one of its databases, of which
// "postgres" always exists. It stays the same when the server is restarted.
func (c *Cluster) DSN(database string) string { return c.made.tcp().dsn(database) }

// Exec runs one statement in the database "postgres", on a connection of its own.
func (c *Cluster) Exec(statement string) error { return c.made.tcp().exec(statement) }

// StopFast is what "pg_ctl stop -m fast" does: transactions are rolled back and
// connections closed. The error is that it didn't end in time, after which it was killed.
func (c *Cluster) StopFast() error { return c.made.stop(syscall.SIGINT) }

// StopImmediate is what "pg_ctl stop -m immediate" does: the server ends at once, and
// recovers as from a crash when it is started again.
func (c *Cluster) StopImmediate() error { return c.made.stop(syscall.SIGQUIT) }

// Start starts the server again, on the same port, and returns when it answers.
func (c *Cluster) Start() error {
	if c.made.proc.ended() {
		return c.made.start()
	}
	return errors.New("the server is running")
}
