package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"cartline/server/demo"
	"cartline/server/postgres"
	"cartline/server/socket"
)

// serveCommand serves until it is told to stop.
type serveCommand struct {
	databaseFlag
	modeFlags
	natsFlags
	placeFlags
	tlsFlags
	authorityFlags
	outboxFlag
	sessionsFlag
	Listen        string   `env:"CARTLINE_LISTEN" default:"localhost:8080" placeholder:"HOST:PORT" help:"Address to listen on. (${default}, ${env})"`
	PublicURL     string   `env:"CARTLINE_PUBLIC_URL" placeholder:"URL" help:"Address at which browsers reach this server, if it is another one, like https://shop.example behind a proxy. Cookies are Secure if it is https. (${env})"`
	AllowOrigin   []string `env:"CARTLINE_ALLOW_ORIGIN" placeholder:"ORIGIN" help:"Origin whose pages may open sockets here besides our own, like https://shop.example; repeatable. (${env}, separated by commas)"`
	AllowNoOrigin bool     `env:"CARTLINE_ALLOW_NO_ORIGIN" help:"Let programs, which send no Origin, listen to events. (${env})"`
	Channel       []string `env:"CARTLINE_CHANNEL" placeholder:"NAME" help:"Channel that may be listened to besides cart_activity; repeatable. With PostgreSQL, what is notified on it reaches its listeners. (${env}, separated by commas)"`
	EchoLimit     int      `env:"CARTLINE_ECHO_LIMIT" default:"1048576" placeholder:"BYTES" help:"Largest message that the echo sends back. (${default}, ${env})"`
	EchoFaults    bool     `env:"CARTLINE_ECHO_FAULTS" default:"true" negatable:"" help:"Let those who test ask the echo for delays, drops, odd closes and the like; --no-echo-faults refuses that. (${default}, ${env})"`
	assistFlags
	retentionFlags
	socketFlags
	logFlags
	traceFlag
	MetricsListen string `env:"CARTLINE_METRICS_LISTEN" placeholder:"HOST:PORT" help:"Address for a second listener, with /metrics for Prometheus, and /debug/pprof/, for those who run the server; off by default. It asks nobody to sign in, tells what the server is doing, and lets anybody slow it down: only for an address that nobody else reaches, like localhost:6060. (${env})"`
	Demo          bool   `env:"CARTLINE_DEMO" help:"Add demo products and a demo member of the staff, whose password is made anew and printed, and simulated shoppers. (${env})"`
	DemoShoppers  int    `env:"CARTLINE_DEMO_SHOPPERS" default:"12" placeholder:"N" help:"How many simulated shoppers --demo runs. (${default}, ${env})"`
}

// The server's times.
const (
	shutdownTimeout = 10 * time.Second // besides the drain
)

// Run implements the command.
func (c *serveCommand) Run(env *environment) error {
	logger := c.newLogger(env.stderr)
	origins, err := c.check()
	if err != nil {
		return err
	}
	s := &server{command: c, logger: logger, origins: origins, recheck: make(chan struct{}, 1)}
	if err := s.build(env.ctx); err != nil {
		return err
	}
	defer func() {
		if err := s.close(); err != nil {
			logger.Error("what was served from doesn't close", "error", err)
		}
	}()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("can't listen on %s: %w", c.Listen, errors.Unwrap(err))
	}
	if s.metrics, err = listenMetrics(c.MetricsListen, s.scrape, logger); err != nil {
		return errors.Join(err, listener.Close())
	}
	if s.front, err = newTLSFront(&c.tlsFlags, origins.Own(), listener, logger); err != nil {
		return errors.Join(err, listener.Close(), s.metrics.Close())
	}
	// Not before it is sure that this server will serve: it makes a new password.
	password := ""
	if c.Demo {
		if password, err = demo.Setup(env.ctx, s.database, s.staff); err != nil {
			return errors.Join(fmt.Errorf("demo data: %w", err), listener.Close(), s.metrics.Close(), s.front.Close())
		}
	}
	return s.serve(env, listener, password)
}

// maxDemoShoppers bounds what --demo-shoppers does to the machine.
const maxDemoShoppers = 1000

// check finds what is wrong with the flags.
func (c *serveCommand) check() (*socket.Origins, error) {
	if !isAddress(c.Listen) {
		return nil, usagef("--listen is HOST:PORT, like localhost:8080, not %q", c.Listen)
	}
	if c.MetricsListen != "" && !isAddress(c.MetricsListen) {
		return nil, usagef("--metrics-listen is HOST:PORT, like localhost:6060, not %q", c.MetricsListen)
	}
	const most = 1 << 30
	if c.EchoLimit < 1 || c.EchoLimit > most {
		return nil, usagef("--echo-limit is a number of bytes from 1 to %d", most)
	}
	if c.DemoShoppers < 0 || c.DemoShoppers > maxDemoShoppers {
		return nil, usagef("--demo-shoppers is from 0 to %d", maxDemoShoppers)
	}
	if err := c.checkMode(); err != nil {
		return nil, err
	}
	if err := c.checkTrace(); err != nil {
		return nil, err
	}
	if err := c.checkNATS(); err != nil {
		return nil, err
	}
	if err := c.sessionsFlag.check(); err != nil {
		return nil, err
	}
	if c.Sessions != "" && c.Serve == modeGateway {
		return nil, usagef("--sessions is for shoppers, whom --serve gateway has none of")
	}
	if err := c.authorityFlags.check(c.Serve == modeGateway); err != nil {
		return nil, err
	}
	if err := c.outboxFlag.check(c.Serve == modeGateway); err != nil {
		return nil, err
	}
	if err := c.settle(&c.PublicURL); err != nil {
		return nil, err
	}
	if err := c.tlsFlags.check(c.PublicURL); err != nil {
		return nil, err
	}
	if _, err := c.limits(); err != nil {
		return nil, err
	}
	if err := c.retentionFlags.check(); err != nil {
		return nil, err
	}
	if err := c.socketFlags.check(); err != nil {
		return nil, err
	}
	for _, channel := range c.Channel {
		if channel == postgres.ChannelLog || channel == postgres.ChannelStaff || channel == postgres.ChannelSessions {
			return nil, usagef("--channel: %q is for the server's own use", channel)
		}
	}
	if _, err := socket.NewOrigins(c.PublicURL, nil); err != nil {
		return nil, usagef("--public-url: %w", err)
	}
	origins, err := socket.NewOrigins(c.PublicURL, c.AllowOrigin)
	if err != nil {
		return nil, usagef("--allow-origin: %w", err)
	}
	return origins, nil
}

// isAddress tells whether a text is HOST:PORT, of which the host may be empty.
func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	return err == nil && port != ""
}

// serve runs everything until the context ends, and stops it in order: sockets told to
// go, requests finished, then what they stood on.
func (s *server) serve(env *environment, listener net.Listener, password string) error {
	running, stop := context.WithCancel(context.WithoutCancel(env.ctx))
	var tasks sync.WaitGroup
	for _, task := range s.tasks() {
		tasks.Go(func() { task(running) })
	}
	defer func() {
		stop()
		tasks.Wait()
	}()
	if began := s.began(); began != nil {
		select {
		case <-began:
		case <-env.ctx.Done():
			return listener.Close()
		}
	}
	web := newWeb(s.handler, s.logger)
	fresh := trackFresh(web)
	failed := make(chan error, 1)
	s.front.prepare(web)
	go func() { failed <- s.front.serve(web, listener) }()
	s.announce(env, listener, password)
	if s.command.Demo && s.command.DemoShoppers > 0 {
		shoppers := demo.NewShoppers(s.address(listener), s.command.DemoShoppers, s.logger)
		shoppers.TLS = s.front.toOurselves()
		tasks.Go(func() { shoppers.Run(running) })
	}
	select {
	case err := <-failed:
		return err
	case <-env.ctx.Done():
	}
	s.logger.Info("stopping")
	deadline, cancel := context.WithTimeout(running, s.command.Drain+shutdownTimeout)
	defer cancel()
	s.end(deadline, web, fresh)
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	s.logger.Info("stopped")
	return nil
}

// announce tells the person at the terminal where to look.
func (s *server) announce(env *environment, listener net.Listener, password string) {
	address := s.address(listener)
	var b strings.Builder
	fmt.Fprintf(&b, "Cartline %s listening on %s\n\n", version, strings.TrimSuffix(address, s.command.BasePath))
	if s.origins.Own() != "" {
		address = s.origins.Own() + s.command.BasePath
	}
	if s.command.shop() {
		fmt.Fprintf(&b, "  Shop       %s/shop\n", address)
		fmt.Fprintf(&b, "  Desk       %s/desk\n", address)
		fmt.Fprintf(&b, "  Console    %s/\n", address)
	}
	fmt.Fprintf(&b, "  Events     %s/events\n", address)
	if s.command.Serve != modeAll {
		fmt.Fprintf(&b, "  Mode       %s\n", s.command.Serve)
	}
	fmt.Fprintf(&b, "  Database   %s\n", s.storeName())
	if s.metrics != nil {
		own := displayHost(s.command.MetricsListen, s.metrics.listener.Addr())
		fmt.Fprintf(&b, "  Metrics    http://%s/metrics\n", own)
		fmt.Fprintf(&b, "  Profiles   http://%s/debug/pprof/\n", own)
	}
	if password != "" {
		fmt.Fprintf(&b, "\n  Sign in at the desk as  %s  with the password  %s\n", demo.Username, password)
	}
	fmt.Fprintln(&b)
	if _, err := fmt.Fprint(env.stdout, b.String()); err != nil {
		s.logger.Warn("can't write to standard output", "error", err)
	}
}

// address returns at which address this machine reaches the server, without a slash at its
// end.
func (s *server) address(listener net.Listener) string {
	scheme := "http"
	if s.front != nil {
		scheme = "https"
	}
	return scheme + "://" + displayHost(s.command.Listen, listener.Addr()) + s.command.BasePath
}

// displayHost returns the host as it was configured, or localhost if that is any,
// with the port that was really taken.
func displayHost(configured string, taken net.Addr) string {
	host, _, err := net.SplitHostPort(configured)
	if err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	_, port, err := net.SplitHostPort(taken.String())
	if err != nil {
		return taken.String()
	}
	return net.JoinHostPort(host, port)
}
