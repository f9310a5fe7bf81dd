package testenv

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres returns the connection string of a new and empty database that
// belongs to this test alone and is dropped, together with whoever is still
// connected to it, when the test ends.
//
// It is a database and not a schema because NOTIFY reaches every listener in
// the same *database*, whatever the schema: tests that shared one would hear
// one another (PostgreSQL manual, NOTIFY).
//
// The server is started on first use, once per test process, in a temporary
// directory, with everything off that guards data against a crash. As root it
// runs as the user postgres, or else nobody, because PostgreSQL refuses to run
// as root. It listens on the loopback interface and on a Unix socket. When
// CARTLINE_TEST_POSTGRES holds the connection string (a URL) of a superuser of
// another server, that server is used instead.
func Postgres(t testing.TB) string {
	t.Helper()
	cluster, err := sharedCluster()
	if err != nil {
		t.Fatalf("PostgreSQL is needed for this test: %v", err)
	}
	name := fmt.Sprintf("cartline_test_%d_%s", databases.Add(1), strings.ToLower(rand.Text()[:10]))
	if err := cluster.exec("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatalf("creating a database for this test: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping the database of this test: %v", err)
		}
	})
	return cluster.dsn(name)
}

const (
	// debianPostgres is where Debian keeps the server programs, out of PATH.
	debianPostgres = "/usr/lib/postgresql/*/bin/postgres"

	installPostgres = "install it (Debian: apt-get install postgresql), or name a server with CARTLINE_TEST_POSTGRES"

	// postgresStartTimeout covers initdb's own work on a busy machine as
	// well as the server's start: a second or two when it is idle.
	postgresStartTimeout = 90 * time.Second

	// postgresTimeout is for one statement, the slowest of which copies or
	// removes a database of some seven megabytes.
	postgresTimeout = 90 * time.Second
)

// databases counts those made, to tell them apart when looking at the server.
var databases atomic.Int64

// sharedCluster starts the server at the first call. An error is remembered:
// what is missing now will be missing for the next test too.
var sharedCluster = sync.OnceValues(func() (*cluster, error) {
	if dsn := os.Getenv("CARTLINE_TEST_POSTGRES"); dsn != "" {
		admin, err := url.Parse(dsn)
		if err != nil || admin.Scheme == "" {
			return nil, errors.New("CARTLINE_TEST_POSTGRES is not a postgres:// URL")
		}
		return &cluster{admin: admin}, nil
	}
	return startCluster()
})

// cluster is a PostgreSQL server, ours or another one.
type cluster struct {
	admin *url.URL // a superuser's connection to a database that always exists
}

// dsn returns the connection string for a database of the cluster.
func (c *cluster) dsn(database string) string {
	u := *c.admin
	u.Path = "/" + database
	return u.String()
}

// exec runs one statement on a connection of its own: creating and dropping
// databases is rare, and an idle connection would have to be owned by someone.
func (c *cluster) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), postgresTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.admin.String())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, sql)
	return errors.Join(err, conn.Close(ctx))
}

// fragile turns off what guards data against a crash, and takes time: nobody looks at
// the shared server's data after one.
var fragile = []string{"synchronous_commit=off", "autovacuum=off"}

// startCluster makes a cluster in a temporary directory and starts its server.
func startCluster() (*cluster, error) {
	made, err := installCluster(fragile)
	if err != nil {
		return nil, err
	}
	if err := made.start(); err != nil {
		return nil, errors.Join(err, made.remove())
	}
	shared.onStop(made.remove)
	return made.tcp(), nil
}

// installation is a cluster's data, and its server when that runs. Its methods are for
// one goroutine at a time.
type installation struct {
	dir, data string
	password  string
	settings  []string
	// command makes a command of PostgreSQL's that runs as the data's owner.
	command func(name string, args ...string) *exec.Cmd

	port int // 0 before the first start
	proc *process
	log  Output
}

// installCluster makes a cluster in a temporary directory. What its server is to be
// told beyond the usual are settings.
func installCluster(settings []string) (_ *installation, err error) {
	bin, err := findPostgres(debianPostgres)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "cartline-postgres-")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	password := rand.Text()
	passwordFile := filepath.Join(dir, "password")
	if err := os.WriteFile(passwordFile, []byte(password), 0o600); err != nil {
		return nil, err
	}
	if owner != nil {
		for _, path := range []string{dir, passwordFile} {
			if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
				return nil, err
			}
		}
	}
	data := filepath.Join(dir, "data")
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir = dir // the working directory may be closed to the owner
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		if owner != nil {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
		}
		return cmd
	}

	// The Unix socket lies in a directory that is closed to others; the port
	// is not, hence the password: a superuser may run programs.
	initdb := command("initdb", "--pgdata="+data, "--username=postgres", "--encoding=UTF8", "--locale=C",
		"--auth-local=trust", "--auth-host=password", "--pwfile="+passwordFile, "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return &installation{dir: dir, data: data, password: password, settings: settings, command: command}, nil
}

// start starts the server and returns when it answers: the first time on any free
// port, later on the same.
func (i *installation) start() error {
	// Another process may take the port between our looking and the server's
	// binding it; then it ends, and the next port will do.
	for attempt := 1; ; attempt++ {
		port, err := i.port, error(nil)
		if port == 0 {
			if port, err = freePort(); err != nil {
				return err
			}
		}
		if err := i.launch(port); err != nil {
			return err
		}
		// The socket is ours alone, the port possibly someone else's: ask the
		// socket whether our server is up.
		local := &cluster{admin: &url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: url.Values{
			"host": {i.dir}, "port": {strconv.Itoa(port)}, "user": {"postgres"}, "sslmode": {"disable"},
		}.Encode()}}
		var last error
		up := poll(postgresStartTimeout, func() bool {
			last = local.exec("SELECT 1")
			return last == nil || i.proc.ended()
		})
		switch {
		case up && last == nil:
			if i.port == 0 { // others may be reading it later
				i.port = port
			}
			return nil
		case i.proc.ended() && attempt < 5:
			continue
		}
		i.proc.kill()
		return fmt.Errorf("the server did not start: %w\n%s", last, i.log.String())
	}
}

// launch starts the server's process.
func (i *installation) launch(port int) error {
	args := []string{"-D", i.data, "-p", strconv.Itoa(port), "-k", i.dir}
	for _, setting := range append([]string{
		"listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=32MB", "log_min_messages=warning",
		"fsync=off", "full_page_writes=off", // no test outlives a crash of the machine
	}, i.settings...) {
		args = append(args, "-c", setting)
	}
	server := i.command("postgres", args...)
	server.Stdout, server.Stderr = &i.log, &i.log
	// SIGQUIT is PostgreSQL's immediate shutdown: unlike SIGKILL it lets
	// the postmaster end its children and give back shared memory.
	tieToParent(server, syscall.SIGQUIT)
	proc, err := startProcess(server)
	i.proc = proc
	return err
}

// stop ends the server with one of the signals that it knows: SIGINT for its fast
// shutdown, SIGQUIT for the immediate one, which leaves a database as a crash would.
func (i *installation) stop(sig syscall.Signal) error {
	// The immediate shutdown counts as a failure of the server, with exit status 1 or 2.
	err := i.proc.stop(sig, postgresTimeout)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		return nil
	}
	return err
}

// remove ends the server, and its data with it.
func (i *installation) remove() error {
	var err error
	if i.proc != nil && !i.proc.ended() {
		err = i.stop(syscall.SIGQUIT)
	}
	return errors.Join(err, os.RemoveAll(i.dir))
}

// tcp returns how others than us reach the server.
func (i *installation) tcp() *cluster {
	return &cluster{admin: &url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", i.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(i.port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}}
}

// findPostgres returns the directory of PostgreSQL's server programs: where
// PATH has them, or else that of the highest version among what the pattern
// matches, VERSION/bin/postgres.
func findPostgres(pattern string) (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		// Next to a link there need not be an initdb.
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return "", err
	}
	newest, newestVersion := "", -1
	for _, path := range paths {
		dir := filepath.Dir(path)
		if version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && version > newestVersion {
			newest, newestVersion = dir, version
		}
	}
	if newest == "" {
		return "", errors.New("no postgres in PATH or as " + pattern + ": " + installPostgres)
	}
	return newest, nil
}

// unprivileged returns whom PostgreSQL shall run as, nil for ourselves.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
}
