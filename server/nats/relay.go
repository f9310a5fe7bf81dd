package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	lib "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cartline/server/cart"
	"cartline/server/event"
)

// Config is what a Relay needs.
type Config struct {
	// URL lists the addresses of NATS servers, separated by commas; see CheckURL.
	// Credentials is the path of a file with an account's JWT and key, or "".
	URL, Credentials string
	// Stream is the name of the stream, and Subject what the subjects begin with. Both
	// are one database's alone.
	Stream, Subject string
	// MaxAge and MaxBytes bound what the stream keeps, and Replicas is on how many
	// servers.
	MaxAge   time.Duration
	MaxBytes int64
	Replicas int

	// Process names this process to people.
	Process string
	// Log is the log, which the elected one reads.
	Log cart.Log
	// Elect makes this process the elected one. It returns nil if another is.
	Elect func(context.Context) (Office, error)
	// Listener makes what the elected one hears notifications with, of Channels. What
	// is notified on Waking isn't passed on, but wakes whoever reads the log.
	Listener func(heard func(channel, payload string), again func()) (Listener, error)
	Channels []string
	Waking   string
	// Heard gets each notification. Missed is called when some may have been lost.
	Heard  func(channel, payload string)
	Missed func()

	Logger *slog.Logger
}

// Office is being the elected one.
type Office interface {
	// Term is greater the later the election was.
	Term() int64
	// Hold returns when the office is lost, with the reason, or the context ends.
	Hold(context.Context) error
	// Leave lets others be elected.
	Leave()
}

// Listener hears notifications while it runs; see event.Source.
type Listener interface {
	event.Source
	Run(context.Context)
	Standing() bool
}

// Relay follows the log over NATS, and publishes it for all if it is elected to. It is
// an event.Stream and an event.Source, and safe for concurrent use.
type Relay struct {
	config Config
	links  chan event.Link
	pulse  pulse
	conn   *lib.Conn
	js     jetstream.JetStream
	closed chan struct{}              // when nothing is left of the connection
	tail   atomic.Pointer[event.Tail] // the elected one's
}

var (
	_ event.Stream = (*Relay)(nil)
	_ event.Source = (*Relay)(nil)
)

// New makes a relay, which does nothing until Run.
func New(config Config) (*Relay, error) {
	if err := CheckURL(config.URL); err != nil {
		return nil, err
	}
	return &Relay{config: config, links: make(chan event.Link), closed: make(chan struct{})}, nil
}

// Links implements event.Stream.
func (r *Relay) Links() <-chan event.Link { return r.links }

// Keeps implements event.Stream.
func (r *Relay) Keeps(after cart.Position) bool { return r.pulse.keeps(after, time.Now()) }

// Listen implements event.Source. The elected one listens to all channels anyway. While
// there is none, or NATS is away, nothing is heard; so whoever listens meanwhile is told
// that something was missed when that is over, rather than refused what doesn't depend on
// it: the log.
func (r *Relay) Listen(context.Context, string) error { return nil }

// Unlisten implements event.Source.
func (r *Relay) Unlisten(string) {}

// Standing says whether notifications come, as far as that is known.
func (r *Relay) Standing() bool {
	last, fresh := r.pulse.state(time.Now())
	return fresh && last.Listening
}

// Wake says that the log may have grown. It is of use only in the elected one, and
// harmless elsewhere.
func (r *Relay) Wake() {
	if tail := r.tail.Load(); tail != nil {
		tail.Wake()
	}
}

// State tells in words for whoever operates the server how the log comes here.
func (r *Relay) State() string {
	last, fresh := r.pulse.state(time.Now())
	switch {
	case !fresh:
		return "nobody is heard who publishes the log on NATS: it is read from the database once a second, and notifications don't come"
	case !last.Sound:
		return last.Process + " can't publish the log on NATS at the moment: it is read from the database once a second"
	case !last.Listening:
		return "the log comes over NATS from " + last.Process + ", which can't hear notifications at the moment"
	}
	for _, channel := range r.config.Channels {
		if !slices.Contains(last.Channels, channel) {
			return "the log comes over NATS from " + last.Process + ", which doesn't pass on the channel " + channel + ": give all processes the same --channel"
		}
	}
	return "the log and notifications come over NATS from " + last.Process
}

// Run does all that until the context ends.
func (r *Relay) Run(ctx context.Context) {
	if err := r.connect(ctx); err != nil {
		// Only a mistake in the configuration ends here.
		r.config.Logger.Error("NATS can't be used; the log is read from the database once a second", "error", err)
		return
	}
	var running sync.WaitGroup
	running.Go(func() { r.follow(ctx) })
	running.Go(func() { r.stand(ctx) })
	running.Go(func() { r.tell(ctx) })
	running.Wait()
	r.disconnect()
}

// now is the subject of what is only of use at once, and logged that of the stream.
func (r *Relay) now(what string) string { return r.config.Subject + ".now." + what }
func (r *Relay) logged() string         { return r.config.Subject + ".log" }

// The subjects of beats and notices, behind Relay.now.
const (
	aboutBeat   = "beat"
	aboutNotice = "notice"
)

// take takes what the elected one says, in the order in which it says it.
func (r *Relay) take(message *lib.Msg) {
	switch message.Subject {
	case r.now(aboutBeat):
		var b beat
		if json.Unmarshal(message.Data, &b) == nil && r.pulse.beats(b, time.Now()) {
			r.config.Missed()
		}
	case r.now(aboutNotice):
		var n notice
		if json.Unmarshal(message.Data, &n) != nil {
			return // whoever sent that isn't one of us
		}
		pass, missed := r.pulse.notified(n, time.Now())
		if missed {
			r.config.Missed()
		}
		if pass {
			r.config.Heard(n.Channel, n.Payload)
		}
	}
}

// tell logs when the log ceases to come over NATS, and when it comes again.
func (r *Relay) tell(ctx context.Context) {
	ticker := time.NewTicker(beatInterval)
	defer ticker.Stop()
	well, since := false, time.Now()
	for told := ""; ; {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		last, fresh := r.pulse.state(time.Now())
		if now := fresh && last.Sound; now != well {
			well, since = now, time.Now()
		}
		// A change of who is elected takes a moment, and isn't worth a word.
		state := r.State()
		if state == told || !well && time.Since(since) < 2*lease {
			continue
		}
		told = state
		if well {
			r.config.Logger.Info("NATS: " + state)
		} else {
			r.config.Logger.Warn("NATS: " + state)
		}
	}
}

// once logs an error that goes on only when it begins, and when it has another text.
type once struct {
	logger *slog.Logger
	last   string
}

func (o *once) log(ctx context.Context, what string, err error) {
	switch {
	case err == nil:
		o.last = ""
	case ctx.Err() == nil && err.Error() != o.last && !errors.Is(err, context.Canceled):
		o.last = err.Error()
		o.logger.Warn(what, "error", err)
	}
}

// pause waits, and tells whether the context goes on.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// say sends something to all.
func (r *Relay) say(about string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", about, err)
	}
	return r.conn.Publish(r.now(about), text)
}
