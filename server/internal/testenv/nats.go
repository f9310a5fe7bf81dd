package testenv

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// NATS is a server of NATS with JetStream, a process of its own, which a test may stop
// and start again: it keeps its address, and its streams. Its methods are for one
// goroutine at a time, except for Address and URL.
type NATS struct {
	address, dir string
	args         []string
	proc         *process
	log          Output
	routes       []*Link // to and from the others of its cluster
}

// natsStartTimeout covers the server's start on a busy machine: some 100 ms when it is
// idle.
const natsStartTimeout = 60 * time.Second

// NewNATS makes a server and starts it. It ends with the test. What it is to be told
// beyond the usual is in the lines of its configuration, like whom it lets in.
func NewNATS(t testing.TB, config ...string) *NATS {
	t.Helper()
	return newNATS(t, 1, strings.Join(config, "\n"))[0]
}

// NewNATSCluster makes servers that are one cluster, and starts them. They end with the
// test.
func NewNATSCluster(t testing.TB, size int) []*NATS {
	t.Helper()
	return newNATS(t, size, "")
}

func newNATS(t testing.TB, size int, config string) []*NATS {
	t.Helper()
	ports := make([]int, 2*size) // for clients, and for the servers among themselves
	for i := range ports {
		port, err := freePort()
		if err != nil {
			t.Fatal(err)
		}
		ports[i] = port
	}
	servers := make([]*NATS, size)
	for i := range servers {
		servers[i] = &NATS{address: fmt.Sprintf("127.0.0.1:%d", ports[i]), dir: t.TempDir()}
	}
	for i, n := range servers {
		n.args = []string{"-a", "127.0.0.1", "-p", fmt.Sprint(ports[i]), "-js", "-sd", filepath.Join(n.dir, "streams"), "-n", fmt.Sprint("server-", i)}
		if size > 1 {
			n.args = append(n.args, "-cluster_name", "test", "-cluster", fmt.Sprintf("nats://127.0.0.1:%d", ports[size+i]),
				"-routes", strings.Join(n.routesTo(t, servers, ports[size:]), ","),
				"-cluster_advertise", "127.0.0.1:1") // nobody finds another way than these
		}
		if config != "" {
			path := filepath.Join(n.dir, "config")
			if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			n.args = append(n.args, "-c", path)
		}
		if err := n.Start(); err != nil {
			t.Fatalf("a NATS server is needed for this test: %v", err)
		}
		t.Cleanup(func() {
			n.Kill()
			if t.Failed() {
				t.Logf("the end of the NATS server's log:\n%s", tail(n.log.String(), 20))
			}
		})
	}
	return servers
}

// routesTo lays a line of its own to each of the others, and returns their URLs.
func (n *NATS) routesTo(t testing.TB, servers []*NATS, ports []int) (urls []string) {
	for i, other := range servers {
		if other == n {
			continue
		}
		link := NewLink(t, fmt.Sprintf("127.0.0.1:%d", ports[i]))
		n.routes, other.routes = append(n.routes, link), append(other.routes, link)
		urls = append(urls, "nats://"+link.Address())
	}
	return urls
}

// Part cuts the server off from the others of its cluster, but from nobody else, and Join
// undoes that.
func (n *NATS) Part() {
	for _, link := range n.routes {
		link.Cut()
	}
}

// Join undoes Part.
func (n *NATS) Join() {
	for _, link := range n.routes {
		link.Mend()
	}
}

// Address is HOST:PORT, and URL the same as a URL.
func (n *NATS) Address() string { return n.address }

// URL is where clients connect.
func (n *NATS) URL() string { return "nats://" + n.address }

// Start starts the server, and returns when it answers.
func (n *NATS) Start() error {
	path, err := natsServer()
	if err != nil {
		return err
	}
	// Only its end is told in the log.
	n.log = Output{}
	cmd := exec.Command(path, n.args...)
	cmd.Dir = n.dir
	cmd.Stdout, cmd.Stderr = &n.log, &n.log
	tieToParent(cmd, syscall.SIGKILL)
	if n.proc, err = startProcess(cmd); err != nil {
		return err
	}
	if poll(natsStartTimeout, func() bool { return n.answers() || n.proc.ended() }) && !n.proc.ended() {
		return nil
	}
	n.proc.kill()
	return fmt.Errorf("the NATS server did not start:\n%s", n.log.String())
}

// answers tells whether the server greets whoever connects.
func (n *NATS) answers() bool {
	conn, err := net.DialTimeout("tcp", n.address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if conn.SetReadDeadline(time.Now().Add(time.Second)) != nil {
		return false
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && strings.HasPrefix(line, "INFO ")
}

// Kill ends the server at once (SIGKILL), and returns when it is gone. It does nothing if
// it isn't running.
func (n *NATS) Kill() {
	if n.proc != nil {
		n.proc.kill()
	}
}

// natsServer returns the path of the server, which is a tool of this module. Go builds it
// when it is first asked for, and keeps it.
var natsServer = sync.OnceValues(func() (string, error) {
	root, err := findModuleRoot()
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "tool", "-n", "nats-server")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=", "GOARCH=")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go tool -n nats-server: %w\n%s", err, errs.String())
	}
	path := strings.TrimSpace(string(out))
	if _, err := os.Stat(path); err != nil {
		return "", errors.Join(errors.New("go tool tells of a program that isn't there"), err)
	}
	return path, nil
})
