package lab

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"cartline/shared"
	"cartline/shared/live"
)

// Prober measures round trips over one connection, one at a time: Next makes what is to
// be sent, and Answer finds its answer among all that comes. It sends nothing by itself
// and is for one goroutine.
type Prober struct {
	// Events says that the other side is the events endpoint, which answers a ping.
	// Otherwise it is taken for an echo.
	Events bool
	// Now is the clock. Default: time.Now.
	Now func() time.Time

	count  int
	want   string // what answers the one under way, "" for none
	sentAt time.Time
}

// probeText begins the text of each probe of an echo, and probePing that of a ping.
const (
	probeText = "cartline-probe-"
	probePing = "probe-"
)

// Next begins a measurement and returns the message to be sent at once. One that is
// under way is given up: its answer is none any more.
func (p *Prober) Next() live.Message {
	p.count++
	var text string
	if p.Events {
		p.want = fmt.Sprintf("%s%d", probePing, p.count)
		text = `{"ping":"` + p.want + `"}`
	} else {
		// Others may probe the same echo, if it is one that tells everybody.
		p.want = fmt.Sprintf("%s%d-%08x", probeText, p.count, rand.Uint32())
		text = p.want
	}
	p.sentAt = p.now()
	return live.Message{Data: []byte(text)}
}

// Answer tells whether a message answers the measurement under way, and how long that
// took. The measurement is over then, so a second echo is not taken for a slow one.
func (p *Prober) Answer(m live.Message) (roundTrip time.Duration, ok bool) {
	if p.want == "" || m.Binary || !p.answered(m.Data) {
		return 0, false
	}
	p.want = ""
	return max(0, p.now().Sub(p.sentAt)), true
}

func (p *Prober) answered(data []byte) bool {
	if p.Events {
		text, ok := pongText(data)
		return ok && text == p.want
	}
	// An echo may have been asked to fill its answers up, by repeating them.
	return strings.HasPrefix(string(data[:min(len(data), len(p.want))]), p.want)
}

// Pending tells whether an answer is awaited.
func (p *Prober) Pending() bool { return p.want != "" }

func (p *Prober) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

// IsProbe tells whether a message is a probe of any Prober, or the answer to one; they
// are no message of the person's.
func IsProbe(m live.Message) bool {
	if m.Binary {
		return false
	}
	text := string(m.Data[:min(len(m.Data), 64)])
	if strings.HasPrefix(text, probeText) || strings.HasPrefix(text, `{"ping":"`+probePing) {
		return true
	}
	pong, ok := pongText(m.Data)
	return ok && strings.HasPrefix(pong, probePing)
}

// pongText returns the text of the events endpoint's answer to a ping.
func pongText(data []byte) (text string, ok bool) {
	const longest = 256 // a longer message is none, and needn't be read
	if len(data) > longest {
		return "", false
	}
	message, err := shared.ParseMessage(data)
	if err != nil || message.Kind != shared.KindPong || message.Into(&text) != nil {
		return "", false
	}
	return text, true
}
