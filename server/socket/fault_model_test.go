package socket

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cartline/server/socket/conformance"
	"cartline/shared"
)

// sentAt is a message that a client sends, not before a time.
type sentAt struct {
	at     time.Duration
	opcode byte
	text   string
}

// arrival is a message, or a close frame, as it comes to the client.
type arrival struct {
	at     time.Duration
	opcode byte
	text   string
	frames int
}

func (a arrival) String() string {
	text := a.text
	if len(text) > 40 {
		text = fmt.Sprintf("%s… (%d bytes)", text[:40], len(text))
	}
	return fmt.Sprintf("%v: %d %q in %d", a.at, a.opcode, text, a.frames)
}

// predict is what faults should make of messages, by what their sentences say. A pipe
// holds nothing, so a message is sent when the server reads it.
func predict(f shared.Faults, random func(int) int, messages []sentAt) (arrivals []arrival) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	var read, due time.Duration
	sent := 0
	closing := func(at time.Duration) bool {
		if f.Close == 0 || sent < f.After {
			return false
		}
		switch f.Close {
		case 1005:
			arrivals = append(arrivals, arrival{at, conformance.Close, "", 1})
		case 1006:
		default:
			arrivals = append(arrivals, arrival{at, conformance.Close, string(conformance.ClosePayload(f.Close, f.Reason)), 1})
		}
		return true
	}
	if closing(0) {
		return arrivals
	}
	for _, m := range messages {
		read = max(read+ms(f.Slow), m.at)
		if f.Drop > 0 && random(100) < f.Drop {
			continue
		}
		delay := ms(f.Delay)
		if f.Jitter > 0 {
			delay += ms(random(f.Jitter + 1))
		}
		due = max(due, read+delay)
		text := m.text
		if f.Big > len(text) {
			for text != "" && len(text)+len(m.text) <= f.Big {
				text += m.text
			}
			for _, r := range m.text {
				if character := string(r); m.opcode == conformance.Text && len(text)+len(character) <= f.Big {
					text += character
				} else if m.opcode == conformance.Text {
					break
				}
			}
			if m.opcode == conformance.Binary && m.text != "" {
				text += m.text[:f.Big-len(text)]
			}
			text += strings.Repeat(" ", f.Big-len(text))
		}
		frames := 1
		if f.Fragment > 0 && len(text) > 0 {
			size := max(f.Fragment, (len(text)+999)/1000)
			frames = (len(text) + size - 1) / size
		}
		for range max(1, min(max(f.Burst, 1), (8<<20)/max(len(text), 1))) {
			arrivals = append(arrivals, arrival{due, m.opcode, text, frames})
			if sent++; closing(due) {
				return arrivals
			}
		}
	}
	return arrivals
}

// happens has a client send messages to an echo with faults, and tells what comes.
func happens(t *testing.T, f shared.Faults, random func(int) int, messages []sentAt) (arrivals []arrival) {
	b := echoInBubble(t, EchoConfig{Random: random})
	c := b.dial(t, f.Query())
	began := time.Now()
	var sending sync.WaitGroup
	defer sending.Wait()
	sending.Go(func() {
		for _, m := range messages {
			time.Sleep(time.Until(began.Add(m.at)))
			frame := conformance.Frame{Opcode: m.opcode, Payload: []byte(m.text)}
			if _, err := c.Conn().Write(frame.Bytes()); err != nil {
				return // it is closed
			}
		}
		// Longer than any fault keeps a message, for as many as there are.
		time.Sleep(time.Hour)
		_ = c.Conn().Close() // It may be closed.
	})
	a := arrival{}
	for {
		opcode, fin, payload := c.NextFrame()
		if c.Err() != nil {
			c.Drop()
			return arrivals
		}
		if a.frames++; a.frames == 1 {
			a.opcode = opcode
		} else if opcode != conformance.Continuation {
			t.Errorf("got opcode %d within a message", opcode)
		}
		if a.text += string(payload); !fin {
			continue
		}
		a.at = time.Since(began)
		if arrivals = append(arrivals, a); opcode == conformance.Close {
			c.Drop()
		}
		a = arrival{}
	}
}

// compare plays messages to faults, with chance of a seed.
func compare(t *testing.T, f shared.Faults, seed uint64, messages []sentAt) {
	t.Helper()
	chance := func() func(int) int { return rand.New(rand.NewPCG(seed, 0)).IntN }
	got, want := happens(t, f, chance(), messages), predict(f, chance(), messages)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got\n%v, want\n%v", f.Query(), got, want)
	}
}
