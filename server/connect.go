package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/term"

	"cartline/server/terminal"
	"cartline/shared"
	"cartline/shared/live"
)

// passwordVariable is the environment's place for the password of connect --user. It is
// no twin of a flag: what is on a command line, others can read.
const passwordVariable = "CARTLINE_PASSWORD"

// handshakeFlags are shared by the commands that open WebSockets.
type handshakeFlags struct {
	Header      []string `sep:"none" placeholder:"'NAME: VALUE'" help:"Send this with the handshake; repeatable."`
	Subprotocol []string `sep:"none" placeholder:"NAME" help:"Offer this sub-protocol; repeatable, the most wanted first."`
}

func (f *handshakeFlags) options() (live.Options, error) {
	header, err := terminal.Header(f.Header)
	if err != nil {
		return live.Options{}, usageError{err}
	}
	if err := terminal.CheckSubprotocols(f.Subprotocol); err != nil {
		return live.Options{}, usageError{err}
	}
	return live.Options{Header: header, Subprotocols: f.Subprotocol}, nil
}

type connectCommand struct {
	URL    string   `arg:"" name:"url" help:"Address of a WebSocket, like ws://localhost:8080/echo."`
	Listen []string `sep:"none" placeholder:"CHANNEL" help:"Listen to this channel of the events endpoint; repeatable. A connection that is lost comes back then, and what was missed follows."`
	handshakeFlags
	Origin  string         `placeholder:"ORIGIN" help:"Send this Origin, as a page there would."`
	User    string         `placeholder:"NAME" help:"Sign in first as this member of the staff, and out at the end. The password is that in CARTLINE_PASSWORD, or read from standard input."`
	Code    string         `placeholder:"CODE" help:"With --user: the code of the authenticator app, of whoever has a second factor. It is good once."`
	JSON    bool           `help:"Write everything that happens as a recording, in JSON lines, which the console imports."`
	Slash   bool           `help:"Take lines like /ping, /close CODE REASON, /hex DATA and /base64 DATA for commands."`
	Wait    *time.Duration `placeholder:"DURATION" help:"How long to stay after the end of the input; forever if it is negative. Default: 1s, and forever with --listen."`
	Timeout time.Duration  `default:"10s" placeholder:"DURATION" help:"How long connecting may take. (${default})"`
}

func (c *connectCommand) Run(env *environment) error {
	session, err := c.session(env)
	if err != nil {
		return err
	}
	if c.User == "" {
		return session.Run(env.ctx)
	}
	return c.asUser(env, session)
}

// session checks what the command was told.
func (c *connectCommand) session(env *environment) (*terminal.Session, error) {
	s := &terminal.Session{
		Timeout: c.Timeout, Slash: c.Slash, Wait: time.Second, JSON: c.JSON,
		Screen: isTerminal(env.stdout), In: env.stdin, Out: env.stdout, Notes: env.stderr,
	}
	var err error
	if s.Address, err = terminal.Address(c.URL); err != nil {
		return nil, usageError{err}
	}
	if s.Options, err = c.options(); err != nil {
		return nil, err
	}
	if err := c.setOrigin(s.Options.Header); err != nil {
		return nil, err
	}
	for _, channel := range c.Listen {
		request := shared.Request{Listen: channel}
		if err := request.Validate(); err != nil {
			return nil, usagef("--listen: %w", err)
		}
		s.Listen = append(s.Listen, request)
		s.Wait = -1
	}
	if c.Wait != nil {
		s.Wait = *c.Wait
	}
	switch {
	case c.Timeout <= 0:
		return nil, usagef("--timeout is more than nothing, not %v", c.Timeout)
	case c.Slash && len(c.Listen) > 0:
		return nil, usagef("--slash doesn't go with --listen: the events endpoint takes JSON only")
	}
	return s, nil
}

func (c *connectCommand) setOrigin(header http.Header) error {
	switch {
	case c.Origin == "":
		return nil
	case len(header.Values("Origin")) > 0:
		return usagef("give the Origin with --origin or with --header, not with both")
	}
	if more, err := terminal.Header([]string{"Origin: " + c.Origin}); err != nil || more.Get("Origin") != c.Origin {
		return usagef("--origin is like https://shop.example, not %q", c.Origin)
	}
	header.Set("Origin", c.Origin)
	return nil
}

// asUser runs a session between signing in and signing out.
func (c *connectCommand) asUser(env *environment, session *terminal.Session) (err error) {
	input := bufio.NewReader(env.stdin)
	password, err := c.askPassword(env, input)
	if env.ctx.Err() != nil {
		return nil // nothing was done yet
	}
	if err != nil {
		return err
	}
	session.In = input // without the password
	if session.Address.Scheme == "ws" && !isLocal(session.Address) {
		fmt.Fprintln(env.stderr, "Over ws, others on the network can read the password; use wss.")
	}
	visit, err := terminal.SignIn(env.ctx, session.Address, shared.SignIn{Username: c.User, Password: password, Code: c.Code})
	if err != nil {
		if env.ctx.Err() != nil {
			return nil
		}
		return err
	}
	defer func() { err = errors.Join(err, visit.SignOut(env.ctx)) }()
	visit.AddTo(session.Options.Header)
	return session.Run(env.ctx)
}

// askPassword is password, which can't be interrupted, until the context ends. What is
// left behind then ends with the next line, or with the process.
func (c *connectCommand) askPassword(env *environment, input *bufio.Reader) (string, error) {
	leave := func() error { return nil }
	if isTerminal(env.stdin) {
		// It shows nothing that is typed while a password is.
		screen := int(env.stdin.(*os.File).Fd())
		before, err := term.GetState(screen)
		if err != nil {
			return "", fmt.Errorf("password from standard input: %w", err)
		}
		leave = func() error { return term.Restore(screen, before) }
	}
	type typed struct {
		password string
		err      error
	}
	done := make(chan typed, 1)
	go func() {
		password, err := c.password(env, input)
		done <- typed{password, err}
	}()
	select {
	case t := <-done:
		return t.password, t.err
	case <-env.ctx.Done():
		return "", leave()
	}
}

func (c *connectCommand) password(env *environment, input *bufio.Reader) (string, error) {
	if password := os.Getenv(passwordVariable); password != "" {
		return password, nil
	}
	if isTerminal(env.stdin) {
		return readPassword(env)
	}
	password, err := terminal.FirstLine(input, shared.MaxPassword)
	if err != nil {
		return "", fmt.Errorf("password from standard input: %w", err)
	}
	if password == "" {
		return "", usagef("give the password of %s in %s, or as the first line of standard input", c.User, passwordVariable)
	}
	return password, nil
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// isLocal says whether a host is this machine, by its name.
func isLocal(address *url.URL) bool {
	switch address.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return false
}

type echoBenchCommand struct {
	URL string `arg:"" name:"url" help:"Address of an echo, like ws://localhost:8080/echo."`
	handshakeFlags
	Connections int           `default:"10" placeholder:"N" help:"How many connections, up to 10000. Each has one message under way. (${default})"`
	Size        int           `default:"32" placeholder:"BYTES" help:"Bytes of each message, up to 1048576. (${default})"`
	Duration    time.Duration `default:"5s" placeholder:"DURATION" help:"How long to measure, up to 10m. (${default})"`
	Binary      bool          `help:"Send binary messages in place of text."`
	JSON        bool          `help:"Write the result as one JSON object."`
}

// The bounds of what echo-bench may ask of its machine, and of the server.
const (
	maxBenchConnections = 10_000
	maxBenchSize        = 1 << 20
	maxBenchDuration    = 10 * time.Minute
	maxBenchUnderWay    = 256 << 20 // bytes
)

func (c *echoBenchCommand) Run(env *environment) error {
	address, err := terminal.Address(c.URL)
	if err != nil {
		return usageError{err}
	}
	options, err := c.options()
	if err != nil {
		return err
	}
	switch {
	case c.Connections < 1 || c.Connections > maxBenchConnections:
		return usagef("--connections is from 1 to %d, not %d", maxBenchConnections, c.Connections)
	case c.Size < 1 || c.Size > maxBenchSize:
		return usagef("--size is from 1 to %d, not %d", maxBenchSize, c.Size)
	case c.Duration <= 0 || c.Duration > maxBenchDuration:
		return usagef("--duration is more than nothing and at most %v, not %v", maxBenchDuration, c.Duration)
	case c.Connections*c.Size > maxBenchUnderWay:
		return usagef("--connections times --size is at most %d MiB, which is how much is under way at a time", maxBenchUnderWay>>20)
	}
	result := terminal.Bench{
		Address: address, Options: options, Connections: c.Connections, Size: c.Size, Binary: c.Binary,
		Duration: c.Duration, Notes: env.stderr,
	}.Run(env.ctx)
	write := result.WriteText
	if c.JSON {
		write = result.WriteJSON
	}
	return errors.Join(write(env.stdout), result.Err())
}
