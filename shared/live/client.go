package live

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"cartline/shared"
)

// Phase is where a Client stands.
type Phase int

// The phases, in the order in which they come.
const (
	Connecting Phase = iota // opening the connection
	Live                    // open; the channels have been asked for
	Waiting                 // until State.Retry, to connect again
	Ended                   // for good; State.Err tells why
)

// String returns the phase's name.
func (p Phase) String() string {
	return [...]string{"connecting", "live", "waiting", "ended"}[p]
}

// State is a Client's phase and what is to be known of it.
type State struct {
	Phase Phase
	// Retry is when the next attempt comes, in Waiting.
	Retry time.Time
	// Err tells why the last connection, or attempt, ended.
	Err error
}

// Config is what a Client needs to know.
type Config struct {
	URL string
	// Channels are listened to as soon as a connection is open, until Unlisten.
	Channels []string
	// Options are for Dial.
	Options Options
	// OnMessage gets each message and its exact text, in order. A text that is
	// no message of this protocol has an empty Kind.
	OnMessage func(message shared.Message, text string)
	// OnState gets each change of state. Both functions are called by Run, one
	// call at a time, and hold it up while they run. Both may be nil.
	OnState func(State)
	// MinWait and MaxWait bound the time between attempts, which doubles each
	// time until a message has arrived, and is shortened at random by up to half,
	// so that clients cut off together don't come back together. Defaults:
	// 500 ms and 30 s.
	MinWait, MaxWait time.Duration
}

// dialTimeout bounds one attempt to connect.
const dialTimeout = 15 * time.Second

// ErrNotConnected is returned by Send while there is no connection.
var ErrNotConnected = errors.New("not connected")

// Client keeps a connection to the events endpoint. Run does the work; the other
// methods may be called from any goroutine.
type Client struct {
	config Config
	hurry  chan struct{}

	// asking is held while channels are asked for, so that what the server was
	// told last is what is wanted.
	asking sync.Mutex
	wanted []string // channels; guarded by asking

	mu   sync.Mutex
	conn *Conn // nil while there is none
}

// NewClient makes a client, which does nothing until Run.
func NewClient(config Config) *Client {
	if config.OnMessage == nil {
		config.OnMessage = func(shared.Message, string) {}
	}
	if config.OnState == nil {
		config.OnState = func(State) {}
	}
	if config.MinWait <= 0 {
		config.MinWait = 500 * time.Millisecond
	}
	if config.MaxWait < config.MinWait {
		config.MaxWait = max(30*time.Second, config.MinWait)
	}
	return &Client{config: config, wanted: slices.Clone(config.Channels), hurry: make(chan struct{}, 1)}
}

// Run connects, listens and delivers, again and again, until the context ends or
// the server closes with a code that says not to come back. It returns the
// context's error, that *CloseError or, if a channel can't be asked for, a
// *shared.Problem, and leaves no goroutine behind.
func (c *Client) Run(ctx context.Context) error {
	for _, channel := range c.config.Channels {
		if err := (shared.Request{Listen: channel}).Validate(); err != nil {
			c.config.OnState(State{Phase: Ended, Err: err})
			return err
		}
	}
	wait := c.config.MinWait
	for {
		c.config.OnState(State{Phase: Connecting})
		heard, err := c.once(ctx)
		if ctx.Err() != nil {
			c.config.OnState(State{Phase: Ended, Err: ctx.Err()})
			return ctx.Err()
		}
		var closed *CloseError
		if errors.As(err, &closed) && !shared.ShouldReconnect(closed.Code) {
			c.config.OnState(State{Phase: Ended, Err: closed})
			return closed
		}
		if heard {
			wait = c.config.MinWait
		}
		c.drainHurry()
		delay := wait - time.Duration(rand.Int64N(int64(wait)/2+1))
		wait = min(2*wait, c.config.MaxWait)
		c.config.OnState(State{Phase: Waiting, Retry: time.Now().Add(delay), Err: err})
		if err := c.pause(ctx, delay); err != nil {
			c.config.OnState(State{Phase: Ended, Err: err})
			return err
		}
	}
}

// Listen listens to a channel from now on, over this connection and those to come.
// It does nothing for a channel that is listened to. What the server answers comes as
// a message. The error is a *shared.Problem if there can be no such channel; else
// it is that of Send, and the channel is asked for again with the next connection.
func (c *Client) Listen(ctx context.Context, channel string) error {
	request := shared.Request{Listen: channel}
	if err := request.Validate(); err != nil {
		return err
	}
	c.asking.Lock()
	defer c.asking.Unlock()
	if slices.Contains(c.wanted, channel) {
		return nil
	}
	c.wanted = append(c.wanted, channel)
	return c.ask(ctx, request)
}

// Unlisten is the reverse of Listen. It does nothing for a channel that isn't
// listened to.
func (c *Client) Unlisten(ctx context.Context, channel string) error {
	c.asking.Lock()
	defer c.asking.Unlock()
	at := slices.Index(c.wanted, channel)
	if at < 0 {
		return nil
	}
	c.wanted = slices.Delete(c.wanted, at, at+1)
	return c.ask(ctx, shared.Request{Unlisten: channel})
}

// ask sends a request, unless there is no connection: the next one begins with what
// is wanted by then.
func (c *Client) ask(ctx context.Context, request shared.Request) error {
	text, err := request.Text()
	if err != nil {
		return err
	}
	if err := c.Send(ctx, text); !errors.Is(err, ErrNotConnected) {
		return err
	}
	return nil
}

// open makes a connection the present one, after it has asked for all that is
// wanted.
func (c *Client) open(ctx context.Context, conn *Conn) error {
	c.asking.Lock()
	defer c.asking.Unlock()
	for _, channel := range c.wanted {
		text, err := shared.Request{Listen: channel}.Text()
		if err != nil {
			return err
		}
		if err := conn.WriteText(ctx, text); err != nil {
			return err
		}
	}
	c.set(conn)
	return nil
}

// Hurry ends a wait at once: the person asked for it, or the network is back. It
// does nothing in any other phase.
func (c *Client) Hurry() {
	select {
	case c.hurry <- struct{}{}:
	default:
	}
}

// Send sends a text over the present connection.
func (c *Client) Send(ctx context.Context, text string) error {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn == nil {
		return ErrNotConnected
	}
	return conn.WriteText(ctx, text)
}

// once lives through one connection and tells whether a message came over it. A
// connection over which none came, like one that the server closes at once, is no
// reason to come back sooner than after a failed attempt.
func (c *Client) once(ctx context.Context) (heard bool, err error) {
	dialCtx, cancel := context.WithTimeout(ctx, dialTimeout)
	conn, err := Dial(dialCtx, c.config.URL, c.config.Options)
	cancel()
	if err != nil {
		return false, err
	}
	defer conn.Abandon()
	if err := c.open(ctx, conn); err != nil {
		return false, err
	}
	defer c.set(nil)
	c.config.OnState(State{Phase: Live})
	for {
		received, err := conn.Read(ctx)
		if err != nil {
			return heard, err
		}
		heard = true
		text := string(received.Data)
		message, err := shared.ParseMessage(received.Data)
		if err != nil {
			message = shared.Message{}
		}
		c.config.OnMessage(message, text)
	}
}

func (c *Client) set(conn *Conn) {
	c.mu.Lock()
	c.conn = conn
	c.mu.Unlock()
}

func (c *Client) drainHurry() {
	select {
	case <-c.hurry:
	default:
	}
}

func (c *Client) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-c.hurry:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
