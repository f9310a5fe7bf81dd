package feed

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/browser"
	"cartline/app/part"
	"cartline/shared"
	"cartline/shared/live"
)

// Path is the events endpoint.
const Path = "/events/io"

// Config is what a Feed needs to know of its page.
type Config struct {
	// Listen is asked for with every connection.
	Listen []shared.Request
	// Every paces what is heard: what comes meanwhile is drawn together. Most bounds
	// it: of more, the oldest is lost.
	Every time.Duration
	Most  int
	// Dispatch brings a change to the page, and After runs something once that is
	// drawn.
	Dispatch, After func(func())

	// What the page is told, by way of Dispatch and in the order in which it
	// happened, but for Ticked. Nothing comes after Stop. All but Ticked must be set.

	Moved func(live.State)
	// Took gets what was heard, and how much of it was lost here.
	Took func(heard []Arrival, lost int)
	// Ticked comes every second, for what depends on the time.
	Ticked func()
}

// Arrival is a message and when it came; or, if Sent is set, a text that the page has
// sent.
type Arrival struct {
	At      time.Time
	Message shared.Message
	Text    string // exactly
	Sent    bool
}

// Fresh returns the channel, if any, that is heard from now on only, so that what it is
// about must be loaded. After a connection was lost that is so only if what was missed
// doesn't follow. other says that it may be of another log by now: one that was put back
// to what it had been before, where versions are lower than those that are known.
func (a Arrival) Fresh() (channel string, other bool) {
	switch a.Message.Kind {
	case shared.KindListening:
		if l := a.listening(); l.Recovered == nil || !*l.Recovered {
			return l.Channel, l.Recovered != nil
		}
	case shared.KindGap:
		var gap shared.Gap
		if a.Message.Into(&gap) == nil && gap.Lost == shared.LostActivities {
			return gap.Channel, true
		}
	}
	return "", false
}

// Channel returns of which channel a message tells that it is listened to, or not any
// more.
func (a Arrival) Channel() string { return a.listening().Channel }

func (a Arrival) listening() shared.Listening {
	var l shared.Listening
	if a.Message.Into(&l) != nil {
		return shared.Listening{}
	}
	return l
}

// Feed is a page's connection to the events endpoint. It is for the goroutine on which
// the page is drawn.
type Feed struct {
	config Config
	dial   func(live.Config) client
	listen []shared.Request // what is listened to, once it is started
	run    *run             // nil unless it is started
	home   func()           // ends the watch for the visitor's return
}

// New makes a Feed; Start starts it.
func New(config Config) *Feed {
	return &Feed{config: config, listen: slices.Clone(config.Listen), dial: func(c live.Config) client { return live.NewClient(c) }}
}

// Started says whether the Feed was started, and not stopped.
func (f *Feed) Started() bool { return f.run != nil }

// Start connects, and goes on to do so until Stop or until the server ends it for good.
// If it has been started before, it begins anew.
func (f *Feed) Start() {
	f.leave()
	config := f.config
	config.Listen = f.listen
	f.run = newRun(config, f.dial)
	f.run.start()
	f.home = browser.OnReturn(f.Hurry)
}

// Stop ends the connection and the clock; it doesn't wait. Only what Config says is
// listened to after another start. It may be called again.
func (f *Feed) Stop() {
	f.leave()
	f.listen = slices.Clone(f.config.Listen)
}

func (f *Feed) leave() {
	if f.run != nil {
		f.home()
		f.run.stop()
		f.run = nil
	}
}

// maxListen is how many channels hold for the connections to come. All are asked for at
// once then, and a server takes only so many messages at a time.
const maxListen = 20

// Send sends a text, and shows it to the page as one that arrives. A request to listen
// to something else than before, or no longer, holds for the connections to come as
// well, up to maxListen; one that asks for what there was already drops the channel first, as what is
// told again would pass for a repeat.
func (f *Feed) Send(text string) error {
	if f.run == nil || !f.run.live.Load() {
		return live.ErrNotConnected
	}
	var request shared.Request
	wrong := json.Unmarshal([]byte(text), &request) != nil || request.Validate() != nil // the server says how
	channel := request.Listen + request.Unlisten
	known := slices.ContainsFunc(f.listen, func(r shared.Request) bool { return r.Listen == channel })
	anew := request.Listen != "" && (known && request.After != "" || !known && len(f.listen) < maxListen)
	if wrong || channel == "" || !known && !anew || request.Listen != "" && !anew {
		return f.run.send(text)
	}
	if known {
		f.run.show(`{"unlisten":"` + channel + `"}`)
		f.Unlisten(channel)
	}
	if anew {
		f.run.show(text)
		f.Listen(request)
	}
	return nil
}

// Listen listens to one more channel, with this connection and those to come. What
// comes of it is told in messages.
func (f *Feed) Listen(request shared.Request) {
	f.drop(request.Listen)
	f.listen = append(f.listen, request)
	if f.run != nil {
		// In a browser sending doesn't wait. What was not sent is made up for by the
		// next connection.
		_ = f.run.client.Listen(f.run.ctx, request)
	}
}

// Unlisten is the reverse of Listen.
func (f *Feed) Unlisten(channel string) {
	f.drop(channel)
	if f.run != nil {
		_ = f.run.client.Unlisten(f.run.ctx, channel) // as with Listen
	}
}

func (f *Feed) drop(channel string) {
	f.listen = slices.DeleteFunc(f.listen, func(r shared.Request) bool { return r.Listen == channel })
}

// Hurry ends a wait for the next attempt to connect, and looks whether a connection
// that seems to stand does.
func (f *Feed) Hurry() {
	if f.run != nil {
		f.run.client.Hurry()
	}
}

func (f *Feed) onHurry(app.Context, app.Event) {
	defer part.Guard()
	f.Hurry()
}

func (f *Feed) onAgain(app.Context, app.Event) {
	defer part.Guard()
	f.Start()
}
