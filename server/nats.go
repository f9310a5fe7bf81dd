package main

import (
	"context"
	"log/slog"
	"os"
	"regexp"
	"time"

	"cartline/server/nats"
	"cartline/server/postgres"
	"cartline/shared"
)

// natsFlags have one process read the log for all of them.
type natsFlags struct {
	Nats            string        `env:"CARTLINE_NATS" placeholder:"URL" help:"NATS servers with JetStream, nats://HOST:PORT or tls://HOST:PORT, separated by commas: one process of all that share a PostgreSQL reads its log and listens to it, and the others hear of it over NATS. Whoever may write there can tell your staff's and customers' browsers anything: let nobody else in. (${env})"`
	NatsCredentials string        `env:"CARTLINE_NATS_CREDENTIALS" placeholder:"FILE" help:"File with the JWT and the key of a NATS user. Keep it as secret as a password. (${env})"`
	NatsStream      string        `env:"CARTLINE_NATS_STREAM" default:"cartline" placeholder:"NAME" help:"Name of the stream that the log goes through. Two databases that share one spoil it for each other: give each its own. (${default}, ${env})"`
	NatsSubject     string        `env:"CARTLINE_NATS_SUBJECT" default:"cartline" placeholder:"NAME" help:"What the subjects begin with, for the same reason each database's own. (${default}, ${env})"`
	NatsMaxAge      time.Duration `env:"CARTLINE_NATS_MAX_AGE" default:"1h" placeholder:"DURATION" help:"How long the stream keeps a change, and with it what a customer has erased meanwhile; who was away for longer reads the database. (${default}, ${env})"`
	NatsMaxBytes    int64         `env:"CARTLINE_NATS_MAX_BYTES" default:"268435456" placeholder:"BYTES" help:"Most that the stream keeps on the disk of each NATS server that has it; the oldest goes first. (${default}, ${env})"`
	NatsReplicas    int           `env:"CARTLINE_NATS_REPLICAS" default:"1" placeholder:"N" help:"On how many servers of a NATS cluster the stream is kept, 1, 3 or 5: with 1, all processes read the database while that server is away. (${default}, ${env})"`
}

const (
	minNatsAge   = time.Minute
	minNatsBytes = 16 << 20
)

// natsName is what NATS takes for the name of a stream, and as a part of a subject.
var natsName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// checkNATS finds what is wrong with the flags of NATS.
func (c *serveCommand) checkNATS() error {
	if c.Nats == "" {
		return nil
	}
	if err := nats.CheckURL(c.Nats); err != nil {
		return usagef("--nats: %w", err)
	}
	switch {
	case c.Serve == modeGateway:
		return usagef("--nats doesn't go with --serve gateway, which reads no log: it listens to --notify-database itself")
	case !isPostgres(c.Database):
		return usagef("--nats is for several processes, which takes PostgreSQL: give --database postgres://…")
	case !natsName.MatchString(c.NatsStream):
		return usagef("--nats-stream has up to 64 letters, digits, - and _, not %q", c.NatsStream)
	case !natsName.MatchString(c.NatsSubject):
		return usagef("--nats-subject has up to 64 letters, digits, - and _, not %q", c.NatsSubject)
	case c.NatsMaxAge < minNatsAge:
		return usagef("--nats-max-age is at least %v, not %v", minNatsAge, c.NatsMaxAge)
	case c.NatsMaxBytes < minNatsBytes:
		return usagef("--nats-max-bytes is at least %d, not %d", minNatsBytes, c.NatsMaxBytes)
	case c.NatsReplicas != 1 && c.NatsReplicas != 3 && c.NatsReplicas != 5:
		return usagef("--nats-replicas is 1, 3 or 5, not %d", c.NatsReplicas)
	}
	if c.NatsCredentials != "" {
		if _, err := os.ReadFile(c.NatsCredentials); err != nil {
			return usagef("--nats-credentials: %w", err)
		}
	}
	return nil
}

// overNATS tells whether this process hears of the log over NATS. One without sockets
// doesn't hear of it at all.
func (c *serveCommand) overNATS() bool { return c.Nats != "" && c.sockets() }

// relayed has a database be followed, and listened to, over NATS.
func (d *database) relayed(c *serveCommand, wake wakers, heard func(channel, payload string), logger *slog.Logger) error {
	address := c.listenAddress()
	relay, err := nats.New(nats.Config{
		URL: c.Nats, Credentials: c.NatsCredentials, Stream: c.NatsStream, Subject: c.NatsSubject,
		MaxAge: c.NatsMaxAge, MaxBytes: c.NatsMaxBytes, Replicas: c.NatsReplicas,
		Process: processName(), Log: d,
		Elect: func(ctx context.Context) (nats.Office, error) {
			office, err := postgres.Elect(ctx, address)
			if office == nil { // which isn't the same as a nats.Office that is nil
				return nil, err
			}
			return office, err
		},
		Listener: func(heard func(channel, payload string), again func()) (nats.Listener, error) {
			return postgres.NewListener(address, heard, again, logger)
		},
		Waking:   postgres.ChannelLog,
		Channels: append([]string{postgres.ChannelStaff, shared.ChannelCartActivity}, c.Channel...),
		Heard:    wake.hear(heard), Missed: wake.again,
		Logger: logger,
	})
	if err != nil {
		return usagef("--nats: %w", err)
	}
	notify := d.wakeOthers
	d.source, d.relay, d.listening, d.tasks = relay, relay, relay.Standing, append(d.tasks, relay.Run)
	d.wakeOthers = func() { relay.Wake(); notify() }
	return nil
}
