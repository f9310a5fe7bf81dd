//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"cartline/server/bench/load"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

// contender is a server that is measured, in one of the ways in which it can be used.
type contender struct {
	name  string // in flags
	title string // for people
	// rival is its name among those of docs/bench; "" is Cartline.
	rival string
	// batch says that its clients take several events in one message.
	batch bool
	// log says that carts change, and the log tells of it; otherwise, there are bare
	// notifications.
	log bool
	// clients is how many there are, where that makes the difference, and all says
	// that what is done concerns each of them.
	clients int
	all     bool
}

// baseline is the contender that the others are compared with.
const baseline = "raw"

// everyone is who has a part in what rivals can do as well.
var everyone = []contender{
	{name: baseline, title: "raw TCP, one write per event", rival: "raw"},
	{name: "gorilla", title: "gorilla/websocket 1.5.3, plain loop", rival: "gorilla"},
	{name: "gws", title: "lxzan/gws 1.8.9, its broadcaster", rival: "gws"},
	{name: "coder", title: "coder/websocket 1.8.15, plain loop", rival: "coder"},
	{name: "coder-queue", title: "coder/websocket, a queue for each client", rival: "coder-queue"},
	cartline,
	cartlineBatch,
}

var (
	cartline      = contender{name: "cartline", title: "**Cartline**, any client"}
	cartlineBatch = contender{name: "cartline-batch", title: "**Cartline**, clients that take batches", batch: true}
)

// without returns a list without one of them.
func without(all []contender, name string) []contender {
	return slices.DeleteFunc(slices.Clone(all), func(c contender) bool { return c.name == name })
}

// titled returns a list with other titles, by name.
func titled(all []contender, titles map[string]string) []contender {
	all = slices.Clone(all)
	for i := range all {
		if title, ok := titles[all[i].name]; ok {
			all[i].title = title
		}
	}
	return all
}

// server is a contender that runs.
type server struct {
	pid     int
	target  load.Target // for listeners or, of an echo, for its clients
	address string
	command *testenv.Command
	out     *os.File // its standard output, which it could not write to if nobody had it
	log     *os.File
}

// role is what a server is started for.
type role int

const (
	relaying role = iota
	echoing
)

// patience is how long a server may take to start or to end.
const patience = 90 * time.Second

var listening = regexp.MustCompile(`listening on (?:http://)?(127\.0\.0\.1:[0-9]+)`)

// start runs a contender on a database, and returns when it serves.
func (b *bench) start(c contender, what role, database *database) (*server, error) {
	program, args := b.Rivals, []string{"-server", c.rival}
	switch {
	case c.rival == "":
		program, args = b.Binary, append([]string{"--listen", "127.0.0.1:0", "--database", database.dsn, "--allow-no-origin", "--drain", "0s",
			"--max-connections", "0", "--max-connections-per-address", "0", "--max-connections-per-user", "0", "--handshake-rate", "0", "--message-rate", "0"},
			b.ServerArgs...)
	case what == relaying:
		args = append(args, "-database", database.dsn, "-channel", shared.ChannelCartActivity)
	}
	if b.pin {
		program, args = "taskset", append([]string{"-c", "0", program}, args...)
	}
	s, err := b.launch(exec.Command(program, args...))
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.name, err)
	}
	s.target = target(c, what, s.address, database)
	return s, nil
}

// target is how clients connect to a contender.
func target(c contender, what role, address string, database *database) load.Target {
	t := load.Target{Address: address}
	if c.rival == "raw" {
		return t
	}
	t.Path = "/"
	switch {
	case c.rival == "" && what == echoing:
		t.Path, t.Await = "/echo", "Echo Initiated"
	case c.rival == "":
		t.Path, t.Await = "/events/io", `["listening"`
		t.Header = []string{"Cookie: " + database.staff}
		t.Say = fmt.Sprintf(`{"listen":%q}`, shared.ChannelCartActivity)
		if c.batch {
			t.Say = fmt.Sprintf(`{"listen":%q,"batch":true}`, shared.ChannelCartActivity)
		}
	}
	return t
}

// launch starts a program, and waits until it says where it listens.
func (b *bench) launch(command *exec.Cmd) (_ *server, err error) {
	s := &server{}
	if s.log, err = os.CreateTemp(b.folder, "server-*.log"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.log.Close())
		}
	}()
	out, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, out.Close())
		}
	}()
	s.out = out
	command.Dir, command.Stdout, command.Stderr = b.folder, write, s.log
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "CARTLINE_") {
			command.Env = append(command.Env, v)
		}
	}
	s.command, err = testenv.StartCommand(command)
	if err := errors.Join(err, write.Close()); err != nil {
		return nil, err
	}
	s.pid = command.Process.Pid
	if err := out.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			s.address = found[1]
			return s, nil
		}
	}
	s.command.Kill()
	return nil, fmt.Errorf("it didn't say where it listens\n%s", s.logEnd())
}

// stop ends the server, in order if it can.
func (s *server) stop() error {
	s.command.Terminate()
	select {
	case <-s.command.Ended():
	case <-time.After(patience):
		s.command.Kill()
	}
	return errors.Join(s.out.Close(), s.log.Close())
}

// logEnd returns the end of what the server wrote to standard error.
func (s *server) logEnd() string {
	const most = 4000
	text, err := os.ReadFile(s.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}

// wait waits, unless the context ends before.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// program returns the path of a program that is there, from wherever it is started.
func program(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(absolute); err != nil {
		return "", fmt.Errorf("%w: run make load, which builds it", err)
	}
	return absolute, nil
}
