package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/jackc/pgx/v5"

	"cartline/server/internal/testenv"
	"cartline/shared"
)

// begin starts the program as a process of its own, by way of a shell's command that
// ends with exec "$@".
func begin(t *testing.T, shell string, args ...string) (*serving, *exec.Cmd) {
	t.Helper()
	s := &serving{done: make(chan struct{})}
	program := exec.Command("sh", append([]string{"-c", shell, "sh", os.Args[0], "--listen", "127.0.0.1:0"}, args...)...)
	program.Env = append(os.Environ(), beProgram+"=1")
	program.Stdout, program.Stderr = &s.out, &s.log
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.done)
		_ = program.Wait() // its status tells
		s.status = program.ProcessState.ExitCode()
	}()
	s.stop = func() { _ = program.Process.Signal(syscall.SIGTERM) } // unless it has ended
	return s, program
}

// served waits until the program says where it listens.
func (s *serving) served(t *testing.T) {
	t.Helper()
	t.Cleanup(func() { s.end(t) })
	var found []string
	testenv.Eventually(t, patience, "the server to listen", func() bool {
		found = listeningPattern.FindStringSubmatch(s.out.String())
		return found != nil || s.ended()
	})
	if found == nil {
		t.Fatalf("the server ended at once, with status %d:\n%s", s.status, s.log.String())
	}
	s.url = found[1]
}

// setFileLimit sets how large files of a process may become, in bytes.
func setFileLimit(t *testing.T, pid int, bytes uint64) {
	t.Helper()
	const fileSize = 1 // RLIMIT_FSIZE
	limit := syscall.Rlimit{Cur: bytes, Max: ^uint64(0)}
	_, _, failed := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), fileSize, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if failed != 0 {
		t.Fatalf("this process may not set limits: %v", failed)
	}
}

// buyer changes one line of a cart again and again.
type buyer struct {
	*visitor
	cart shared.Cart
}

// buy returns the problem that a change met, or nil.
func (b *buyer) buy(t *testing.T) *shared.Problem {
	t.Helper()
	version := int64(0)
	if line, ok := b.cart.Line("MUG-BLUE"); ok {
		version = line.Version
	}
	body := fmt.Sprintf(`{"quantity":%d,"version":%d}`, b.cart.Items%90+1, version)
	status, answer := b.try(t, "PUT", "/api/cart/lines/MUG-BLUE", body)
	var told any = &b.cart
	problem := new(shared.Problem)
	if status != http.StatusOK {
		told = problem
	}
	if err := json.Unmarshal(answer, told); err != nil {
		t.Fatalf("got %d %s: %v", status, answer, err)
	}
	if status == http.StatusOK {
		return nil
	}
	return problem
}

// wantRefusal checks that changes are refused clearly, that nothing was changed, and
// that reading goes on.
func (b *buyer) wantRefusal(t *testing.T) {
	t.Helper()
	problem := b.buy(t)
	if problem == nil || problem.Status != 503 || problem.Code != shared.CodeStorageFull || problem.RetryAfter == 0 || !strings.Contains(problem.Detail, "nothing was changed") {
		t.Fatalf("got %+v", problem)
	}
	var now shared.Cart
	b.ask(t, "GET", "/api/cart", "", &now)
	if now.Version != b.cart.Version || now.Items != b.cart.Items {
		t.Errorf("the cart has version %d and %d items; acknowledged were %d and %d", now.Version, now.Items, b.cart.Version, b.cart.Items)
	}
	for _, path := range []string{"/api/products", "/shop", "/healthz"} {
		if got := b.ask(t, "GET", path, "", nil).StatusCode; got != http.StatusOK {
			t.Errorf("%s: got %d", path, got)
		}
	}
}

// On a full disk, here at the limit of the size of files, changes fail and everything
// else goes on, until there is room again.
func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.db")
	s, program := begin(t, `exec "$@"`, "--demo", "--demo-shoppers", "0", "--database", "sqlite:"+path)
	s.served(t)
	b := &buyer{visitor: s.visitor(t)}
	if problem := b.buy(t); problem != nil {
		t.Fatal(problem)
	}
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	setFileLimit(t, program.Process.Pid, uint64(info.Size())+100<<10)
	for range 1000 {
		if b.buy(t) != nil {
			break
		}
	}
	for range 3 {
		b.wantRefusal(t)
	}
	if !strings.Contains(s.log.String(), "disk I/O error") {
		t.Error("the log lacks the cause")
	}
	setFileLimit(t, program.Process.Pid, ^uint64(0))
	if problem := b.buy(t); problem != nil {
		t.Errorf("with room again: %+v", problem)
	}
}

// A database that PostgreSQL has made read-only is like a full disk.
func TestReadOnlyPostgres(t *testing.T) {
	database := testenv.Postgres(t)
	s := start(t, "--demo", "--demo-shoppers", "0", "--database", database)
	b := &buyer{visitor: s.visitor(t)}
	if problem := b.buy(t); problem != nil {
		t.Fatal(problem)
	}
	admin := ok[*pgx.Conn](t)(pgx.Connect(t.Context(), inAdmin(t, database)))
	defer admin.Close(context.WithoutCancel(t.Context()))
	name := ok[*pgx.ConnConfig](t)(pgx.ParseConfig(database)).Database
	set := func(value string) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), `ALTER DATABASE `+pgx.Identifier{name}.Sanitize()+` SET default_transaction_read_only = `+value); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name); err != nil {
			t.Fatal(err)
		}
		testenv.Eventually(t, patience, "other connections", func() bool {
			for _, path := range []string{"/readyz", "/api/cart"} {
				if status, _ := b.try(t, "GET", path, ""); status != http.StatusOK {
					return false
				}
			}
			return true
		})
	}
	set("on")
	for range 3 {
		b.wantRefusal(t)
	}
	set("off")
	if problem := b.buy(t); problem != nil {
		t.Errorf("with leave again: %+v", problem)
	}
}

// Who may not write to the file is told so at the start, and nothing happens.
func TestReadOnlyFile(t *testing.T) {
	folder, err := os.MkdirTemp("", "cartline") // which others may enter
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "shop.db")
	must(t, "", "migrate", "--database", "sqlite:"+path)
	program := filepath.Join(folder, "program")
	content, err := os.ReadFile(os.Args[0])
	if err := errors.Join(err, os.WriteFile(program, content, 0o755), os.Chmod(folder, 0o755), os.Chmod(path, 0o444)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var other *syscall.Credential
	if os.Geteuid() == 0 { // who may write to everything
		const nobody = 65534
		other = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	for _, command := range []string{"serve", "migrate"} {
		refused := exec.Command(program, command, "--database", "sqlite:"+path)
		refused.Env, refused.Dir = append(os.Environ(), beProgram+"=1"), folder
		refused.SysProcAttr = &syscall.SysProcAttr{Credential: other}
		said, err := refused.CombinedOutput()
		if refused.ProcessState.ExitCode() != 1 || strings.Count(string(said), "\n") != 1 || !strings.Contains(string(said), "it can't be written to; look for its owner and mode") {
			t.Errorf("%s: got %v, %s", command, err, said)
		}
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file has changed, %v", err)
	}
}
