package conformance

import "fmt"

// part is a frame of a fragmented message.
func part(opcode byte, more bool, payload string) Frame {
	return Frame{Opcode: opcode, More: more, Payload: []byte(payload)}
}

// fragmentation is section 5.
func fragmentation() []Case {
	fails := func(send func(*Client, ...Frame), frames ...Frame) func(*Client) {
		return func(c *Client) {
			send(c, frames...)
			c.ExpectFailure(1002)
		}
	}
	two := func(send func(*Client, ...Frame)) func(*Client) {
		return func(c *Client) {
			send(c, part(Text, true, "fragment1"), part(Continuation, false, "fragment2"))
			c.Expect(Text, []byte("fragment1fragment2"))
			c.Finish()
		}
	}
	pinged := func(send func(*Client, ...Frame)) func(*Client) {
		return func(c *Client) {
			send(c,
				part(Text, true, "fragment1"),
				part(Ping, false, "ping payload"),
				part(Continuation, false, "fragment2"))
			c.Expect(Pong, []byte("ping payload"))
			c.Expect(Text, []byte("fragment1fragment2"))
			c.Finish()
		}
	}
	nothing := func(more bool, send func(*Client, ...Frame)) func(*Client) {
		return fails(send,
			part(Continuation, more, "non-continuation payload"),
			part(Text, false, "Hello, world!"))
	}
	repeated := func(more bool) func(*Client) {
		round := []Frame{
			part(Continuation, more, "fragment1"),
			part(Text, true, "fragment2"),
			part(Continuation, false, "fragment3"),
		}
		return fails(inOneWrite, append(round, round...)...)
	}
	// The pong for the first ping is what the second half waits for, where the
	// original waits a second.
	pingedTwice := func(send func(*Client, ...Frame)) func(*Client) {
		return func(c *Client) {
			send(c,
				part(Text, true, "fragment1"),
				part(Continuation, true, "fragment2"),
				part(Ping, false, "pongme 1!"))
			c.Expect(Pong, []byte("pongme 1!"))
			send(c,
				part(Continuation, true, "fragment3"),
				part(Continuation, true, "fragment4"),
				part(Ping, false, "pongme 2!"),
				part(Continuation, false, "fragment5"))
			c.Expect(Pong, []byte("pongme 2!"))
			c.Expect(Text, []byte("fragment1fragment2fragment3fragment4fragment5"))
			c.Finish()
		}
	}
	steps := []struct {
		intent string
		script func(*Client)
	}{
		{"fragmented ping", fails(inOneWrite, part(Ping, true, "fragment1"), part(Continuation, false, "fragment2"))},
		{"fragmented pong", fails(inOneWrite, part(Pong, true, "fragment1"), part(Continuation, false, "fragment2"))},
		{"text in two fragments", two(inOneWrite)},
		{"text in two fragments, frame by frame", two(byFrame)},
		{"text in two fragments, octet by octet", two(byOctet)},
		{"a ping between two fragments", pinged(inOneWrite)},
		{"a ping between two fragments, frame by frame", pinged(byFrame)},
		{"a ping between two fragments, octet by octet", pinged(byOctet)},
		{"final continuation of nothing, then text", nothing(false, inOneWrite)},
		{"final continuation of nothing, then text, frame by frame", nothing(false, byFrame)},
		{"final continuation of nothing, then text, octet by octet", nothing(false, byOctet)},
		{"continuation of nothing, then text", nothing(true, inOneWrite)},
		{"continuation of nothing, then text, frame by frame", nothing(true, byFrame)},
		{"continuation of nothing, then text, octet by octet", nothing(true, byOctet)},
		{"a good fragmented text, continuation of nothing, text", func(c *Client) {
			c.SendFrames(
				part(Text, true, "fragment1"),
				part(Continuation, false, "fragment2"),
				part(Continuation, true, "fragment3"),
				part(Text, false, "fragment4"))
			c.Expect(Text, []byte("fragment1fragment2"))
			c.ExpectFailure(1002)
		}},
		{"twice: continuation of nothing, fragmented text", repeated(true)},
		{"twice: final continuation of nothing, fragmented text", repeated(false)},
		{"two fragments that both are opcode text", fails(inOneWrite, part(Text, true, "fragment1"), part(Text, false, "fragment2"))},
		{"five fragments and two pings, in two halves", pingedTwice(inOneWrite)},
		{"five fragments and two pings, frame by frame", pingedTwice(byFrame)},
	}
	cases := make([]Case, len(steps))
	for i, s := range steps {
		cases[i] = Case{Number: fmt.Sprintf("5.%d", i+1), Intent: s.intent, script: s.script}
	}
	return cases
}

// autoFragmentation is section 10.
func autoFragmentation() []Case {
	return []Case{{
		Number: "10.1.1",
		Intent: "text of 65536 bytes in fragments of 1300",
		script: func(c *Client) {
			payload := fill("*", 65536)
			c.SendFrames(Fragment(Text, payload, 1300)...)
			c.Expect(Text, payload)
			c.Finish()
		},
	}}
}
