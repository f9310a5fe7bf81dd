package live

import (
	"context"
	"errors"
	"math/rand/v2"
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
	// Subprotocol is what the server chose, in Live.
	Subprotocol string
	// Heard is when the last message came, in Waiting and Ended; zero if none has. A
	// connection that died without a word was of no use from then on.
	Heard time.Time
}

// Config is what a Client needs to know.
type Config struct {
	URL string
	// Listen is what is asked for as soon as a connection is open, until Unlisten.
	// With After, what is missed begins there; else with what is committed from
	// then on.
	Listen []shared.Request
	// Options are for Dial.
	Options Options
	// DialTimeout bounds one attempt to connect. Default: 10 s.
	DialTimeout time.Duration
	// Single asks for each event in a message of its own. Default: several may come in
	// one, and are handed on one by one all the same, so nobody notices who doesn't look
	// at the network.
	Single bool
	// OnMessage gets each message and its exact text, in order, and none that was
	// there before. A text that is no message of this protocol has an empty Kind.
	OnMessage func(message shared.Message, text string)
	// OnFresh is called when a channel is heard from now on only, after the message
	// that says so: at first, and whenever what came in between can't be told. What
	// the channel is about must be loaded then. It is not called when a connection
	// was lost and everything that was missed follows.
	OnFresh func(channel string)
	// OnAsk gets the text of each request with which a connection begins, once it is
	// sent and before that connection is Live.
	OnAsk func(text string)
	// OnState gets each change of state. These functions are called by Run, one
	// call at a time, and hold it up while they run. Each may be nil.
	OnState func(State)
	// MinWait and MaxWait bound the time between attempts, which doubles each
	// time until a message has arrived, and is shortened at random by up to half,
	// so that clients cut off together don't come back together. Defaults:
	// 500 ms and 30 s.
	MinWait, MaxWait time.Duration
	// Heartbeat is how long a connection may be silent until the server is asked
	// whether it still stands, and Patience how long the answer may take; then it is
	// given up. Browsers don't notice by themselves for minutes. Defaults: 20 s and
	// 10 s. Danger: a link that is slower than Patience never stays, and one whose
	// messages take OnMessage longer than both together is taken for silent.
	Heartbeat, Patience time.Duration
}

// ErrNotConnected is returned by Send while there is no connection.
var ErrNotConnected = errors.New("not connected")

// Client keeps a connection to the events endpoint. Run does the work; the other
// methods may be called from any goroutine.
type Client struct {
	config Config
	hurry  chan struct{}
	heard  time.Time // when the last message came; for Run only
	channels

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
	if config.OnFresh == nil {
		config.OnFresh = func(string) {}
	}
	if config.OnAsk == nil {
		config.OnAsk = func(string) {}
	}
	if config.DialTimeout <= 0 {
		config.DialTimeout = 10 * time.Second
	}
	if config.MinWait <= 0 {
		config.MinWait = 500 * time.Millisecond
	}
	if config.MaxWait < config.MinWait {
		config.MaxWait = max(30*time.Second, config.MinWait)
	}
	if config.Heartbeat <= 0 {
		config.Heartbeat = 20 * time.Second
	}
	if config.Patience <= 0 {
		config.Patience = 10 * time.Second
	}
	c := &Client{config: config, hurry: make(chan struct{}, 1)}
	c.single = config.Single
	for _, request := range config.Listen {
		c.add(request)
	}
	return c
}

// Run connects, listens and delivers, again and again, until the context ends, the
// server closes with a code that says not to come back, or speaks another version of the
// protocol. It returns the context's error, that *CloseError, a *ProtocolError or, if a
// channel can't be asked for, a *shared.Problem, and leaves no goroutine behind.
func (c *Client) Run(ctx context.Context) error {
	for _, request := range c.config.Listen {
		if err := checkListen(request); err != nil {
			c.config.OnState(State{Phase: Ended, Err: err})
			return err
		}
	}
	wait := c.config.MinWait
	for {
		c.config.OnState(State{Phase: Connecting})
		heard, err := c.once(ctx)
		if ctx.Err() != nil {
			c.config.OnState(State{Phase: Ended, Err: ctx.Err(), Heard: c.heard})
			return ctx.Err()
		}
		var closed *CloseError
		if errors.As(err, &closed) && !shared.ShouldReconnect(closed.Code) {
			c.config.OnState(State{Phase: Ended, Err: closed, Heard: c.heard})
			return closed
		}
		var other *ProtocolError
		if errors.As(err, &other) {
			c.config.OnState(State{Phase: Ended, Err: other, Heard: c.heard})
			return other
		}
		if heard {
			wait = c.config.MinWait
		}
		c.drainHurry()
		delay := wait - time.Duration(rand.Int64N(int64(wait)/2+1))
		wait = min(2*wait, c.config.MaxWait)
		c.config.OnState(State{Phase: Waiting, Retry: time.Now().Add(delay), Err: err, Heard: c.heard})
		if err := c.pause(ctx, delay); err != nil {
			c.config.OnState(State{Phase: Ended, Err: err, Heard: c.heard})
			return err
		}
	}
}

// Hurry ends a wait at once, and looks at once whether a connection still stands: the
// person asked for it, the network is back, or the page is looked at again.
func (c *Client) Hurry() {
	select {
	case c.hurry <- struct{}{}:
	default:
	}
}

// Send sends a text over the present connection.
func (c *Client) Send(ctx context.Context, text string) error {
	conn := c.present()
	if conn == nil {
		return ErrNotConnected
	}
	return conn.WriteText(ctx, text)
}

// Close ends the present connection in order, with code 1000, after which Run returns
// that as a *CloseError. Without a connection it does nothing but return
// ErrNotConnected, and Run goes on; and so it does if the server doesn't answer. In a
// browser, the terms of Conn.Close hold.
func (c *Client) Close() error {
	conn := c.present()
	if conn == nil {
		return ErrNotConnected
	}
	return conn.Close(1000, "")
}

func (c *Client) present() *Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn
}

// once lives through one connection and tells whether it was of use: whether a message
// came over it that says no to nothing. One that the server closes at once is no
// reason to come back sooner than after a failed attempt.
func (c *Client) once(ctx context.Context) (useful bool, err error) {
	dialCtx, cancel := context.WithTimeout(ctx, c.config.DialTimeout)
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
	c.config.OnState(State{Phase: Live, Subprotocol: conn.Subprotocol()})

	reading, giveUp := context.WithCancelCause(ctx)
	pulse := newPulse(pingOver(conn), c.config.Heartbeat, c.config.Patience)
	var watching sync.WaitGroup
	watching.Go(func() { pulse.watch(reading, c.hurry, giveUp) })
	defer watching.Wait()
	defer giveUp(nil)
	for {
		received, err := conn.Read(reading)
		if err != nil {
			if cause := context.Cause(reading); cause != nil {
				err = cause
			}
			return useful, err
		}
		pulse.beat()
		c.heard = time.Now()
		if err := c.take(received.Data); err != nil {
			return false, err
		}
		useful = true
	}
}

// open makes a connection the present one, after it has asked for all that is
// wanted.
func (c *Client) open(ctx context.Context, conn *Conn) error {
	c.asking.Lock()
	defer c.asking.Unlock()
	for _, request := range c.requests() {
		text, err := request.Text()
		if err != nil {
			return err
		}
		if err := conn.WriteText(ctx, text); err != nil {
			return err
		}
		c.config.OnAsk(text)
	}
	c.set(conn)
	return nil
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
