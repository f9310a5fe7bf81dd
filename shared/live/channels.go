package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"cartline/shared"
)

// channels is what a client listens to, and how far it has heard.
type channels struct {
	single bool // each event comes in a message of its own

	// asking is held while channels are asked for, so that what the server was
	// told last is what is wanted.
	asking sync.Mutex

	noting   sync.Mutex
	wanted   []*channel // guarded by noting
	repeated int
}

// channel is one that is listened to.
type channel struct {
	request shared.Request
	// cursor is that of the last event, or of where listening began; "" if it isn't
	// known. The server goes on after it.
	cursor string
	// answered: the server has said, over this connection, that it is listened to. What
	// comes before was on its way to whoever listened earlier, and tells nothing of how
	// far this one has come.
	answered bool
	// recent are the last cursors, as a ring; next is where the oldest stands.
	recent []string
	next   int
}

// remembered is how many cursors are looked at for repeats. The server doesn't
// repeat; but what stands between it and its log one day may.
const remembered = 64

// note keeps a cursor, and tells whether it was there before.
func (c *channel) note(cursor string) (repeated bool) {
	if slices.Contains(c.recent, cursor) {
		return true
	}
	c.cursor = cursor
	if len(c.recent) < remembered {
		c.recent = append(c.recent, cursor)
		return false
	}
	c.recent[c.next] = cursor
	c.next = (c.next + 1) % remembered
	return false
}

// ProtocolError is that the server speaks another version of the protocol than this client
// was written for, so that what it says may not mean what it seems to.
type ProtocolError struct{ Server int }

// Error tells both versions.
func (e *ProtocolError) Error() string {
	return fmt.Sprintf("the server speaks version %d of the protocol, and this program version %d", e.Server, shared.ProtocolVersion)
}

// news is what a message means to the client itself.
type news struct {
	own      bool   // the answer to a heartbeat
	repeated bool   // it was there before
	fresh    string // the channel of which nothing before this is known
	failed   error  // the connection is of no use
}

// note takes what a message tells of the channels.
func (c *channels) note(message shared.Message) news {
	c.noting.Lock()
	defer c.noting.Unlock()
	switch message.Kind {
	case shared.KindPong:
		var text string
		return news{own: message.Into(&text) == nil && text == pingText}
	case shared.KindListening:
		return c.noteListening(message)
	case shared.KindGap:
		return c.noteGap(message)
	case shared.KindError:
		return c.noteError(message)
	}
	if message.Meta == nil || message.Meta.Cursor == "" {
		return news{}
	}
	if wanted := c.find(message.Kind); wanted != nil && wanted.answered && wanted.note(message.Meta.Cursor) {
		c.repeated++
		return news{repeated: true}
	}
	return news{}
}

func (c *channels) noteListening(message shared.Message) news {
	var answer shared.Listening
	if message.Into(&answer) != nil {
		return news{}
	}
	if answer.Protocol != 0 && answer.Protocol != shared.ProtocolVersion {
		return news{failed: &ProtocolError{Server: answer.Protocol}}
	}
	wanted := c.find(answer.Channel)
	if wanted == nil {
		return news{}
	}
	wanted.answered = true
	if answer.Recovered != nil && *answer.Recovered {
		return news{}
	}
	if answer.Cursor != "" {
		wanted.cursor = answer.Cursor
	}
	return news{fresh: answer.Channel}
}

func (c *channels) noteGap(message shared.Message) news {
	var gap shared.Gap
	if message.Into(&gap) != nil || gap.Lost != shared.LostActivities {
		return news{}
	}
	wanted := c.find(gap.Channel)
	if wanted == nil {
		return news{}
	}
	wanted.cursor = "" // that of a log that is no more
	return news{fresh: gap.Channel}
}

// noteError looks for a channel that can't be listened to now, but perhaps later.
func (c *channels) noteError(message shared.Message) news {
	var problem shared.Problem
	if message.Into(&problem) != nil {
		return news{}
	}
	wanted := c.find(problem.Channel)
	if wanted == nil {
		return news{}
	}
	if problem.Field == "after" {
		wanted.cursor = "" // of another server, or of another version of it
		return news{failed: &problem}
	}
	switch problem.Code {
	case shared.CodeUnavailable, shared.CodeInternal, shared.CodeTooFast:
		return news{failed: &problem}
	}
	return news{}
}

// find returns a wanted channel, or nil. The caller holds noting.
func (c *channels) find(name string) *channel {
	for _, wanted := range c.wanted {
		if wanted.request.Listen == name {
			return wanted
		}
	}
	return nil
}

// add makes a channel one of the wanted, and tells whether it wasn't.
func (c *channels) add(request shared.Request) bool {
	c.noting.Lock()
	defer c.noting.Unlock()
	if c.find(request.Listen) != nil {
		return false
	}
	c.wanted = append(c.wanted, &channel{request: request, cursor: request.After})
	return true
}

// remove is the reverse of add.
func (c *channels) remove(name string) bool {
	c.noting.Lock()
	defer c.noting.Unlock()
	before := len(c.wanted)
	c.wanted = slices.DeleteFunc(c.wanted, func(wanted *channel) bool { return wanted.request.Listen == name })
	return len(c.wanted) != before
}

// asked returns how a channel is to be asked for.
func (c *channels) asked(request shared.Request) shared.Request {
	request.Batch = !c.single
	return request
}

// requests returns how the channels are to be asked for now, over a new connection.
func (c *channels) requests() []shared.Request {
	c.noting.Lock()
	defer c.noting.Unlock()
	requests := make([]shared.Request, len(c.wanted))
	for i, wanted := range c.wanted {
		requests[i] = c.asked(wanted.request)
		requests[i].After = wanted.cursor
		wanted.answered = false
	}
	return requests
}

// Repeated returns how many events were dropped because they had been there before.
func (c *channels) Repeated() int {
	c.noting.Lock()
	defer c.noting.Unlock()
	return c.repeated
}

func checkListen(request shared.Request) error {
	if err := request.Validate(); err != nil {
		return err
	}
	if request.Listen == "" {
		return &shared.Problem{Code: shared.CodeInvalid, Field: "listen", Detail: "A client listens to channels."}
	}
	return nil
}

// Listen listens to a channel from now on, over this connection and those to come.
// It does nothing for a channel that is listened to. What the server answers comes as
// a message. The error is a *shared.Problem if there can be no such channel; else
// it is that of Send, and the channel is asked for again with the next connection.
func (c *Client) Listen(ctx context.Context, request shared.Request) error {
	if err := checkListen(request); err != nil {
		return err
	}
	c.asking.Lock()
	defer c.asking.Unlock()
	if !c.add(request) {
		return nil
	}
	return c.ask(ctx, c.asked(request))
}

// Unlisten is the reverse of Listen. It does nothing for a channel that isn't
// listened to.
func (c *Client) Unlisten(ctx context.Context, channel string) error {
	c.asking.Lock()
	defer c.asking.Unlock()
	if !c.remove(channel) {
		return nil
	}
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
