package compose

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cartline/app/part"
	"cartline/shared/live"
)

// Bounds of what is sent repeatedly.
const (
	minEvery    = 10 // milliseconds
	maxEvery    = 3_600_000
	maxCount    = 1_000_000
	maxBurst    = 10_000
	maxRepeated = 1 << 20 // bytes of one message
)

// repeat begins to send what is in the editor again and again.
func (c *Composer) repeat() {
	every, err := number(c.every, "The interval", minEvery, maxEvery)
	count := 0
	if err == nil && strings.TrimSpace(c.count) != "" {
		count, err = number(c.count, "The number of messages", 1, maxCount)
	}
	if err != nil {
		c.failed("Not started. ", err)
		return
	}
	c.begin(time.Duration(every)*time.Millisecond, count)
}

// burstNow begins to send what is in the editor many times at once.
func (c *Composer) burstNow() {
	count, err := number(c.burst, "The number of messages", 1, maxBurst)
	if err != nil {
		c.failed("Not started. ", err)
		return
	}
	c.begin(0, count)
}

// number reads a whole number.
func number(typed, what string, least, most int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil || n < least || n > most {
		return 0, refusal(fmt.Sprintf("%s is a whole number from %s to %s.", what, part.Number(least), part.Number(most)))
	}
	return n, nil
}

// OnRun names what is called when something begins to be sent by itself, now and then
// meanwhile, and when it has ended, on any goroutine, drawn or not.
func (c *Composer) OnRun(changed func()) { c.onRun = changed }

func (c *Composer) ran() {
	if c.onRun != nil {
		c.onRun()
	}
}

// Running says whether something is being sent by itself.
func (c *Composer) Running() bool { return c.job != nil && !c.job.progress().over }

func (c *Composer) begin(every time.Duration, count int) {
	m := item{Format: c.draft.format, Content: c.draft.text}
	message, err := c.template(m)
	switch {
	case err != nil:
	case c.Running():
		err = refusal("Stop what is being sent first.")
	case !c.target.Ready():
		err = refusal("There is no connection: connect first.")
	}
	if err != nil {
		c.failed("Not started. ", err)
		return
	}
	c.said = note{}
	c.shelf.remember(m)
	c.job = start(c.target, every, count, message, c.news)
	c.ran()
}

// template makes the messages of what is to be sent repeatedly: each has its number and
// its time in the placeholders of a text.
func (c *Composer) template(m item) (func(n int) live.Message, error) {
	filled := m
	if isText(m.Format) {
		filled.Content = fill(m.Content, 1, c.now())
	}
	first, err := parse(filled)
	switch {
	case err != nil:
		return nil, err
	case len(first.Data) > maxRepeated:
		return nil, refusal(fmt.Sprintf("A message that is sent repeatedly has at most %s, and this one %s.", part.Size(maxRepeated), part.Size(len(first.Data))))
	case filled.Content == m.Content:
		return func(int) live.Message { return first }, nil
	}
	return func(n int) live.Message {
		return live.Message{Data: []byte(fill(m.Content, n, c.now()))}
	}, nil
}

// news brings what a job has done to where it is drawn. It may be called from any
// goroutine.
func (c *Composer) news() {
	c.ran()
	c.mu.Lock()
	redraw := c.redraw
	c.mu.Unlock()
	if redraw != nil {
		redraw(c.settle)
	}
}

// attach names what brings changes to where the composer is drawn; nil is nowhere.
func (c *Composer) attach(redraw func(func())) {
	c.mu.Lock()
	c.redraw = redraw
	c.mu.Unlock()
}

// settle tells how a job has ended, once.
func (c *Composer) settle() {
	c.version++
	if c.job == nil {
		return
	}
	p := c.job.progress()
	if !p.over || c.told == c.job {
		return
	}
	c.told = c.job
	c.said = note{text: tally(p), bad: errors.Is(p.why, errEnded)}
}

// tally is what a job has done so far.
func tally(p progress) string {
	text := part.Number(p.sent) + " sent"
	if p.of > 0 {
		text = part.Number(p.sent) + " of " + part.Number(p.of) + " sent"
	}
	if p.skipped > 0 {
		text += ", " + part.Count(p.skipped, "turn", "turns") + " skipped as too much was waiting"
	}
	switch {
	case !p.over:
		return text
	case p.why != nil:
		return text + ". Stopped: " + p.why.Error() + "."
	}
	return text + ". Done."
}
