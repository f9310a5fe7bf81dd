package testenv

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// redisTimeout covers the server's start on a busy machine: some 50 ms when it is idle.
const redisTimeout = 60 * time.Second

// RedisServer is a Redis of a test's own, a process that the test may stop and start
// again: it keeps its address, and forgets everything. Its methods are for one goroutine
// at a time.
type RedisServer struct {
	port int
	dir  string
	proc *process
	log  Output
}

// Redis starts a Redis. It ends with the test.
func Redis(t testing.TB) *RedisServer {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	r := &RedisServer{port: port, dir: t.TempDir()}
	if err := r.Start(); err != nil {
		t.Fatalf("Redis is needed for this test: %v", err)
	}
	t.Cleanup(func() {
		r.Kill()
		if t.Failed() {
			t.Logf("the end of the log of Redis:\n%s", tail(r.log.String(), 20))
		}
	})
	return r
}

// URL is the server's address.
func (r *RedisServer) URL() string { return "redis://" + r.Address() }

// Address is HOST:PORT.
func (r *RedisServer) Address() string { return fmt.Sprintf("127.0.0.1:%d", r.port) }

// Start starts the server, and returns when it takes connections.
func (r *RedisServer) Start() error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return fmt.Errorf("%w: install it (Debian: apt-get install redis-server)", err)
	}
	cmd := exec.Command(path, "--bind", "127.0.0.1", "--port", fmt.Sprint(r.port), "--save", "", "--appendonly", "no", "--dir", r.dir)
	cmd.Stdout, cmd.Stderr = &r.log, &r.log
	tieToParent(cmd, syscall.SIGKILL)
	if r.proc, err = startProcess(cmd); err != nil {
		return err
	}
	answers := poll(redisTimeout, func() bool { return r.proc.ended() || r.answers() })
	if !answers || r.proc.ended() {
		r.proc.kill()
		return fmt.Errorf("redis-server did not start:\n%s", r.log.String())
	}
	return nil
}

// answers tells whether the server has begun to answer.
func (r *RedisServer) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", r.Address())
	if err != nil {
		return false
	}
	defer conn.Close()
	pong := make([]byte, 5)
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // fails only with the connection
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	_, err = conn.Read(pong)
	return err == nil && string(pong) == "+PONG"
}

// Kill ends the server at once. It does nothing if it has ended.
func (r *RedisServer) Kill() { r.proc.kill() }
