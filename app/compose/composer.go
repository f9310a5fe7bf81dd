package compose

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cartline/app/part"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// Target takes messages. It may be called from any goroutine.
type Target interface {
	// Ready says whether there is a connection to send on.
	Ready() bool
	// Send queues a message, and reports false if too much waits already or there is
	// no connection. It doesn't block.
	Send(live.Message) bool
	// SendWait is Send that waits for room, until the context or the connection ends,
	// which its error tells.
	SendWait(context.Context, live.Message) error
}

// Composer is the part of a page in which messages for one Target are written. It is
// for the goroutine of the page; only what it has sent by itself runs on another.
type Composer struct {
	target Target
	shelf  *Shelf
	now    func() time.Time

	draft  draft
	file   *file
	said   note
	recall recall
	job    *job // the present or last one; nil before the first
	told   *job // the last one of whose end was told

	// What is in the fields around the editor, and which folds are open. They live as
	// long as the pane, and what is drawn only while it is seen.
	name, every, count, burst string
	open                      map[string]bool
	renaming                  string // the saved message that is being renamed

	version int // counts changes that no handler of the view has made
	onRun   func()

	mu     sync.Mutex
	redraw func(func()) // brings a change to where it is drawn; nil while it is not
}

// note is what is told of the last deed.
type note struct {
	text string
	bad  bool
	// undo takes the deed back, if that can be.
	undo func()
}

// refusal is an error that is a whole sentence, for people.
type refusal string

// Error returns the sentence.
func (r refusal) Error() string { return string(r) }

// NewComposer makes a Composer for a target. The shelf is shared by all of a page.
func NewComposer(target Target, shelf *Shelf) *Composer {
	return &Composer{
		target: target, shelf: shelf, now: time.Now,
		draft: draft{format: lab.Text}, every: "1000", burst: "100",
		open: make(map[string]bool),
	}
}

// Sent is told of each text that was sent from elsewhere on the page, for the history.
func (c *Composer) Sent(text string) {
	c.shelf.remember(item{Format: lab.Text, Content: text})
	c.recall = recall{}
}

// Previous walks back in the history of texts, from what stands in a field of one line
// now, and reports false at its end.
func (c *Composer) Previous(current string) (text string, ok bool) {
	c.shelf.refresh()
	return c.recall.back(current, c.shelf.sent.items)
}

// Next walks forward again, in the end to what stood there before Previous.
func (c *Composer) Next() (text string, ok bool) { return c.recall.forth() }

// Stop ends whatever sends by itself, as the connection has ended. It doesn't wait, and
// may be called at any time.
func (c *Composer) Stop() { c.halt(errEnded) }

func (c *Composer) halt(why error) {
	if c.job != nil {
		c.job.stop(why)
	}
}

// send sends what is in the editor, which stays there.
func (c *Composer) send() {
	c.transmit(item{Format: c.draft.format, Content: c.draft.text}, "")
}

// transmit sends a message as it was written, and says what came of it. Name is of a
// saved one.
func (c *Composer) transmit(m item, name string) {
	message, err := parse(m)
	if err == nil {
		err = c.put(message)
	}
	if err != nil {
		c.failed("Not sent. ", err)
		return
	}
	if name == "" {
		name = kind(message)
	} else {
		name = "“" + name + "”, " + kind(message)
	}
	c.tell("Sent " + name + " at " + part.Clock(c.now()) + ".")
	c.shelf.remember(m)
}

// parse makes a message, within the bounds of one.
func parse(m item) (live.Message, error) {
	message, err := m.Format.Parse(m.Content)
	if err == nil && len(message.Data) > maxMessage {
		err = refusal(fmt.Sprintf("%s is too much: a message has at most %s.", part.Size(len(message.Data)), part.Size(maxMessage)))
	}
	return message, err
}

// kind is what a message is: "12 B of text".
func kind(m live.Message) string {
	if m.Binary {
		return part.Size(len(m.Data)) + ", binary"
	}
	return part.Size(len(m.Data)) + " of text"
}

func (c *Composer) put(m live.Message) error {
	switch {
	case !c.target.Ready():
		return refusal("There is no connection: connect first.")
	case !c.target.Send(m):
		return refusal("The messages before this one are still waiting to be sent.")
	}
	return nil
}

func (c *Composer) tell(text string) { c.said = note{text: text} }

func (c *Composer) failed(what string, err error) {
	c.said = note{text: what + err.Error(), bad: true}
}

// typed takes what is typed into the editor.
func (c *Composer) typed(text string) {
	if text != c.draft.text {
		c.draft.edit(text)
		c.said = note{}
	}
}

// pasted takes what is in the editor after a paste of all of it. JSON is formatted.
func (c *Composer) pasted(text string) {
	c.typed(text)
	if c.draft.format == lab.JSON && len(text) <= maxChecked {
		if formatted, err := lab.FormatJSON(text); err == nil && formatted != text {
			c.rewrite(formatted, "Formatted.")
		}
	}
}

// rewrite puts another text into the editor, and says why. What was there can be had
// back.
func (c *Composer) rewrite(text, why string) {
	before := c.draft
	c.draft = draft{format: before.format, text: text}
	c.said = note{text: why}
	if before.text != "" {
		c.said.undo = func() { c.draft = before }
	}
}

// choose changes the editor's format.
func (c *Composer) choose(f lab.Format) {
	from := c.draft.format
	c.said = note{}
	if !c.draft.turn(f) {
		c.tell("What you typed can't be turned into " + formatName(f) + ", so it stays as it is. Go back to " + formatName(from) + ", and nothing has changed.")
	}
}

// format writes the JSON in the editor with one value on a line, or all on one.
func (c *Composer) format(rewrite func(string) (string, error), done string) {
	text, err := rewrite(c.draft.text)
	switch {
	case err != nil:
		c.failed("", err)
	case text == c.draft.text:
		c.tell("Nothing to change.")
	default:
		c.rewrite(text, done)
	}
}

// undo takes the last deed back.
func (c *Composer) undo() {
	if undo := c.said.undo; undo != nil {
		c.said = note{}
		undo()
	}
}
