package conformance

import (
	"bytes"
	"fmt"
)

// hello is the message of the original where any will do.
var hello = []byte("Hello, world!")

// echo sends a message in one frame and expects it back.
func (c *Client) echo(opcode byte, payload []byte) {
	c.SendFrames(Frame{Opcode: opcode, Payload: payload})
	c.Expect(opcode, payload)
}

// framing is section 1: messages in one frame, of sizes around the limits of the
// three forms of length.
func framing() (cases []Case) {
	for section, kind := range []struct {
		name   string
		opcode byte
		fill   string
	}{
		{"text", Text, "*"},
		{"binary", Binary, "\xfe"},
	} {
		number := func(i int) string { return fmt.Sprintf("1.%d.%d", section+1, i+1) }
		sizes := []int{0, 125, 126, 127, 128, 65535, 65536}
		for i, size := range sizes {
			cases = append(cases, Case{
				Number: number(i),
				Intent: fmt.Sprintf("%s message of %d bytes", kind.name, size),
				script: func(c *Client) {
					c.echo(kind.opcode, bytes.Repeat([]byte(kind.fill), size))
					c.Finish()
				},
			})
		}
		cases = append(cases, Case{
			Number: number(len(sizes)),
			Intent: kind.name + " message of 65536 bytes in chops of 997",
			script: func(c *Client) {
				payload := bytes.Repeat([]byte(kind.fill), 65536)
				c.SendChopped(997, Frame{Opcode: kind.opcode, Payload: payload}.Bytes())
				c.Expect(kind.opcode, payload)
				c.Finish()
			},
		})
	}
	return cases
}

// pings is section 2.
func pings() []Case {
	ping := func(payload string) func(*Client) {
		return func(c *Client) {
			c.SendFrames(Frame{Opcode: Ping, Payload: []byte(payload)})
			c.Expect(Pong, []byte(payload))
			c.Finish()
		}
	}
	tenPings := func(send func(*Client, Frame)) func(*Client) {
		return func(c *Client) {
			for i := range 10 {
				send(c, Frame{Opcode: Ping, Payload: fmt.Appendf(nil, "payload-%d", i)})
			}
			for i := range 10 {
				c.Expect(Pong, fmt.Appendf(nil, "payload-%d", i))
			}
			c.Finish()
		}
	}
	biggest := bytes.Repeat([]byte{0xfe}, 125)
	return []Case{
		{Number: "2.1", Intent: "ping without payload", script: ping("")},
		{Number: "2.2", Intent: "ping with text payload", script: ping("Hello, world!")},
		{Number: "2.3", Intent: "ping with binary payload that is not UTF-8", script: ping("\x00\xff\xfe\xfd\xfc\xfb\x00\xff")},
		{Number: "2.4", Intent: "ping with the largest payload, 125 bytes", script: ping(string(biggest))},
		{Number: "2.5", Intent: "ping with 126 bytes is a protocol error", script: func(c *Client) {
			c.SendFrames(Frame{Opcode: Ping, Payload: bytes.Repeat([]byte{0xfe}, 126)})
			c.ExpectFailure(1002)
		}},
		{Number: "2.6", Intent: "ping with 125 bytes, octet by octet", script: func(c *Client) {
			c.SendChopped(1, Frame{Opcode: Ping, Payload: biggest}.Bytes())
			c.Expect(Pong, biggest)
			c.Finish()
		}},
		{Number: "2.7", Intent: "unsolicited pong without payload is not answered", script: func(c *Client) {
			c.SendFrames(Frame{Opcode: Pong})
			c.Finish()
		}},
		{Number: "2.8", Intent: "unsolicited pong with payload is not answered", script: func(c *Client) {
			c.SendFrames(Frame{Opcode: Pong, Payload: []byte("unsolicited pong payload")})
			c.Finish()
		}},
		{Number: "2.9", Intent: "unsolicited pong, then a ping, which alone is answered", script: func(c *Client) {
			c.SendEach(
				Frame{Opcode: Pong, Payload: []byte("unsolicited pong payload")},
				Frame{Opcode: Ping, Payload: []byte("ping payload")},
			)
			c.Expect(Pong, []byte("ping payload"))
			c.Finish()
		}},
		{Number: "2.10", Intent: "ten pings, each answered in order", script: tenPings(func(c *Client, f Frame) { c.SendFrames(f) })},
		{Number: "2.11", Intent: "ten pings, octet by octet", script: tenPings(func(c *Client, f Frame) { c.SendChopped(1, f.Bytes()) })},
	}
}

// rejected is a script that sends frames of which the last but one is wrong: a
// good message, that frame, and a ping. The message comes back, the ping is not
// answered.
func rejected(bad Frame, send func(*Client, ...Frame)) func(*Client) {
	return func(c *Client) {
		send(c, Frame{Opcode: Text, Payload: hello}, bad, Frame{Opcode: Ping})
		c.Expect(Text, hello)
		c.ExpectFailure(1002)
	}
}

// rejectedAlone is a script that sends nothing but a wrong frame.
func rejectedAlone(bad Frame) func(*Client) {
	return func(c *Client) {
		c.SendFrames(bad)
		c.ExpectFailure(1002)
	}
}

// The ways of chopping that the original names.
var (
	inOneWrite = (*Client).SendFrames
	byFrame    = (*Client).SendEach
	byOctet    = func(c *Client, frames ...Frame) { c.SendChopped(1, Join(frames...)) }
)

// reservedBits is section 3: no extension gives RSV1 to RSV3 a meaning.
func reservedBits() []Case {
	text := func(rsv byte) Frame { return Frame{Opcode: Text, Reserved: rsv, Payload: hello} }
	return []Case{
		{Number: "3.1", Intent: "text with RSV 1", script: rejectedAlone(text(1))},
		{Number: "3.2", Intent: "text with RSV 2 after a good one", script: rejected(text(2), inOneWrite)},
		{Number: "3.3", Intent: "text with RSV 3 after a good one, frame by frame", script: rejected(text(3), byFrame)},
		{Number: "3.4", Intent: "text with RSV 4 after a good one, octet by octet", script: rejected(text(4), byOctet)},
		{Number: "3.5", Intent: "binary with RSV 5", script: rejectedAlone(Frame{Opcode: Binary, Reserved: 5, Payload: []byte("\x00\xff\xfe\xfd\xfc\xfb\x00\xff")})},
		{Number: "3.6", Intent: "ping with RSV 6", script: rejectedAlone(Frame{Opcode: Ping, Reserved: 6, Payload: hello})},
		{Number: "3.7", Intent: "close with RSV 7", script: rejectedAlone(Frame{Opcode: Close, Reserved: 7})},
	}
}

// opcodes is section 4: opcodes 3 to 7 and 11 to 15 mean nothing yet.
func opcodes() (cases []Case) {
	for section, first := range []byte{3, 11} {
		for i, what := range []struct {
			payload []byte
			script  func(Frame) func(*Client)
			intent  string
		}{
			{nil, rejectedAlone, "alone, without payload"},
			{[]byte("reserved opcode payload"), rejectedAlone, "alone, with payload"},
			{nil, func(f Frame) func(*Client) { return rejected(f, inOneWrite) }, "after a message, without payload"},
			{hello, func(f Frame) func(*Client) { return rejected(f, inOneWrite) }, "after a message, with payload"},
			{hello, func(f Frame) func(*Client) { return rejected(f, byOctet) }, "after a message, with payload, octet by octet"},
		} {
			opcode := first + byte(i)
			cases = append(cases, Case{
				Number: fmt.Sprintf("4.%d.%d", section+1, i+1),
				Intent: fmt.Sprintf("reserved opcode %d %s", opcode, what.intent),
				script: what.script(Frame{Opcode: opcode, Payload: what.payload}),
			})
		}
	}
	return cases
}
