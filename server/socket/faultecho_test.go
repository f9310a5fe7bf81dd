package socket

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"cartline/server/socket/conformance"
	"cartline/server/socket/wire"
	"cartline/shared"
)

// TestFaultyEcho has each fault do what its sentence says, at exactly its time.
func TestFaultyEcho(t *testing.T) {
	three := []sentAt{{0, conformance.Text, "one"}, {0, conformance.Binary, "two"}, {30 * time.Millisecond, conformance.Text, "κόσμε"}}
	for _, test := range []struct {
		query string
		want  string // what comes, as "milliseconds:text", with "/frames" if more than one
	}{
		{"delay=200", "200:one 200:two 230:κόσμε"},
		{"jitter=100", "56:one 87:two 103:κόσμε"},
		{"delay=20&jitter=100", "76:one 107:two 123:κόσμε"},
		{"drop=100", ""},
		{"drop=60", "0:one 30:κόσμε"},
		{"fragment=2", "0:one/2 0:two/2 30:κόσμε/5"},
		{"fragment=3", "0:one 0:two 30:κόσμε/4"},
		{"burst=2", "0:one 0:one 0:two 0:two 30:κόσμε 30:κόσμε"},
		{"slow=25", "25:one 50:two 75:κόσμε"},
		{"big=8", "0:oneoneon 0:twotwotw 30:κόσμε"},
		{"big=13", "0:oneoneoneoneo 0:twotwotwotwot 30:κόσμεκ_"},
		{"big=8&fragment=5&burst=2", "0:oneoneon/2 0:oneoneon/2 0:twotwotw/2 0:twotwotw/2 30:κόσμε/2 30:κόσμε/2"},
		{"close=4001&after=0", "0:#4001"},
		{"close=4001", "0:#4001"},
		{"close=4001&after=2&reason=so+be+it", "0:one 0:two 0:#4001so_be_it"},
		{"close=1005&after=2", "0:one 0:two 0:#"},
		{"close=1006&after=3", "0:one 0:two 30:κόσμε"},
		{"close=1006&after=0", ""},
		{"close=3000&after=3&burst=2&delay=5", "5:one 5:one 5:two 5:#3000"},
		{"close=3000&after=9", "0:one 0:two 30:κόσμε"},
		{"close=3000&after=1&drop=100", ""},
	} {
		t.Run(test.query, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				query, err := url.ParseQuery(test.query)
				if err != nil {
					t.Fatal(err)
				}
				f, err := shared.ParseFaults(query)
				if err != nil {
					t.Fatal(err)
				}
				chances := []int{56, 87, 73} // of a hundred
				random := func(n int) int {
					next := chances[0]
					chances = append(chances[1:], next)
					if f.Drop > 0 {
						return (next + 70) % 100 // 26, 57, 43
					}
					return next
				}
				if test.query == "drop=60" {
					random = func(int) int {
						next := chances[0]
						chances = append(chances[1:], next)
						return map[int]int{56: 60, 87: 59, 73: 99}[next]
					}
				}
				var got []string
				for _, a := range happens(t, f, random, three) {
					text := a.text
					if a.opcode == conformance.Close {
						text = "#"
						if len(a.text) >= 2 {
							text = fmt.Sprintf("#%d%s", int(a.text[0])<<8+int(a.text[1]), a.text[2:])
						}
					}
					if a.frames > 1 {
						text += fmt.Sprint("/", a.frames)
					}
					got = append(got, fmt.Sprintf("%d:%s", a.at.Milliseconds(), strings.ReplaceAll(text, " ", "_")))
				}
				if got := strings.Join(got, " "); got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
			})
		})
	}
}

// TestFaultyEchoModel has random faults meet random messages, and compares with what
// the sentences say.
func TestFaultyEchoModel(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		some := func(of int, most int) int { // or none, mostly
			if random.IntN(of) > 0 {
				return 0
			}
			return 1 + random.IntN(most)
		}
		f := shared.Faults{
			Delay: some(2, 300), Jitter: some(3, 200), Drop: some(3, 99), Fragment: some(3, 50),
			Burst: 1 + some(3, 5), Slow: some(3, 100), Big: some(3, 3000),
		}
		if f.Burst == 1 {
			f.Burst = 0
		}
		if random.IntN(3) == 0 {
			f.Close, f.After = []int{1000, 1005, 1006, 1011, 4999}[random.IntN(5)], random.IntN(20)
		}
		if !f.Any() {
			continue
		}
		var messages []sentAt
		at := time.Duration(0)
		for range random.IntN(30) {
			at += time.Duration(some(2, 200)) * time.Millisecond
			text := strings.Repeat("aé€😀"[:1+2*random.IntN(2)], random.IntN(200))
			messages = append(messages, sentAt{at, conformance.Text + byte(random.IntN(2)), text})
		}
		synctest.Test(t, func(t *testing.T) { compare(t, f, seed, messages) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestFaultyEchoQueue holds that only so much waits, and that the client is kept waiting
// for room.
func TestFaultyEchoQueue(t *testing.T) {
	for _, test := range []struct {
		size, taken int // how large messages are, and how many are taken before any is sent back
	}{
		{0, faultsWait + 1}, // and one that waits for room
		{10, faultsWait + 1},
		{100_000, 10 + 1},
		{600_000, 1 + 1},
		{1 << 20, 1 + 1}, // one of any size is
	} {
		t.Run(fmt.Sprint(test.size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				messages := test.taken + 10
				b := echoInBubble(t, EchoConfig{})
				c := b.dial(t, "delay=10000")
				frame := conformance.Join(binary(strings.Repeat("x", test.size)))
				taken := new(counter)
				var talking sync.WaitGroup
				talking.Go(func() {
					for range messages {
						if _, err := c.Conn().Write(frame); err != nil {
							t.Errorf("message %d: %v", taken.get(), err)
							return
						}
						taken.add(1)
					}
				})
				talking.Go(func() {
					for range messages {
						c.Expect(conformance.Binary, bytes.Repeat([]byte("x"), test.size))
					}
					c.Finish()
				})
				time.Sleep(9 * time.Second)
				synctest.Wait()
				if got := taken.get(); got != test.taken {
					t.Errorf("got %d messages taken, want %d", got, test.taken)
				}
				talking.Wait()
				ok(t, c)
				if got := taken.get(); got != messages {
					t.Errorf("got %d messages taken in the end, want %d", got, messages)
				}
			})
		})
	}
}

// TestFaultyEchoAnswersPings has pings answered while echoes wait.
func TestFaultyEchoAnswersPings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := echoInBubble(t, EchoConfig{})
		c := b.dial(t, "delay=5000")
		began := time.Now()
		c.SendFrames(text("hello"), conformance.Frame{Opcode: conformance.Ping, Payload: []byte("there?")})
		c.Expect(conformance.Pong, []byte("there?"))
		if took := time.Since(began); took != 0 {
			t.Errorf("the pong took %v", took)
		}
		c.Expect(conformance.Text, []byte("hello"))
		c.Finish()
		ok(t, c)
		if end := <-b.ends; end != (wire.End{Code: wire.NormalClosure, By: wire.Peer}) {
			t.Errorf("got %+v", end)
		}
	})
}

// TestCopies bounds what is sent back for one message.
func TestCopies(t *testing.T) {
	for _, test := range []struct{ burst, length, want int }{
		{0, 0, 1}, {0, 100 << 20, 1}, {100, 0, 100}, {100, 1, 100}, {100, 80 << 10, 100},
		{100, 1 << 20, 8}, {100, 8 << 20, 1}, {2, 8 << 20, 1}, {2, 4 << 20, 2}, {2, 4<<20 + 1, 1}, {100, 100 << 20, 1},
	} {
		if got := copies(test.burst, test.length); got != test.want {
			t.Errorf("%d times %d bytes: got %d, want %d", test.burst, test.length, got, test.want)
		}
	}
}

// FuzzFilled holds that what is filled up has its length, stays text, and begins with the
// message.
func FuzzFilled(f *testing.F) {
	f.Add("", 5, 3)
	f.Add("€", 5, 1)
	f.Add("aé€😀", 1000, 7)
	f.Fuzz(func(t *testing.T, message string, length, by int) {
		if length <= len(message) || length > 1<<16 || by < 1 {
			return
		}
		for _, typ := range []wire.Type{wire.Text, wire.Binary} {
			filled := newFilled(typ, []byte(message), length)
			var got []byte
			for len(got) < length {
				part := make([]byte, min(by, length-len(got)))
				if _, err := io.ReadFull(filled, part); err != nil {
					t.Fatal(err)
				}
				got = append(got, part...)
			}
			if !bytes.HasPrefix(got, []byte(message)) {
				t.Errorf("%q to %d: got %q", message, length, got)
			}
			if typ == wire.Text && utf8.ValidString(message) && !utf8.Valid(got) {
				t.Errorf("%q to %d: got %q, which is not text", message, length, got)
			}
			for i, b := range got {
				if message != "" && typ == wire.Binary && b != message[i%len(message)] {
					t.Fatalf("%q to %d: got %q", message, length, got)
				}
			}
		}
	})
}
