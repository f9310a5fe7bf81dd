package conformance

import (
	"fmt"
	"strings"
)

// closing is section 7.
func closing() []Case {
	closeFrame := func(code int, reason string) Frame {
		return Frame{Opcode: Close, Payload: ClosePayload(code, reason)}
	}
	finishes := func(payload []byte) func(*Client) {
		return func(c *Client) { c.FinishWith(payload) }
	}
	fails := func(want int, payload []byte) func(*Client) {
		return func(c *Client) {
			c.SendFrames(Frame{Opcode: Close, Payload: payload})
			c.ExpectFailure(want)
		}
	}
	// Whatever follows a close frame is ignored: the answer is the next thing and
	// the last.
	ignores := func(before []Frame, after Frame) func(*Client) {
		return func(c *Client) {
			c.SendFrames(append(before, closeFrame(1000, ""), after)...)
			c.ExpectClose(1000)
		}
	}
	cases := []Case{
		{Number: "7.1.1", Intent: "a message, then close", script: func(c *Client) {
			c.echo(Text, []byte("Hello World!"))
			c.Finish()
		}},
		{Number: "7.1.2", Intent: "two close frames", script: ignores(nil, closeFrame(1000, ""))},
		{Number: "7.1.3", Intent: "a ping after close", script: ignores(nil, Frame{Opcode: Ping})},
		{Number: "7.1.4", Intent: "a message after close", script: ignores(nil, part(Text, false, "Hello World!"))},
		{Number: "7.1.5", Intent: "close between two fragments", script: ignores(
			[]Frame{part(Text, true, "fragment1")}, part(Continuation, false, "fragment2"))},
		{Number: "7.1.6", Intent: "256 KiB and another message, close and ping in one go", script: func(c *Client) {
			big := fill("BAsd7&jh23", 256<<10)
			c.SendFrames(
				Frame{Opcode: Text, Payload: big},
				part(Text, false, "Hello World!"),
				closeFrame(1000, ""),
				Frame{Opcode: Ping})
			c.Expect(Text, big)
			c.Expect(Text, []byte("Hello World!"))
			c.ExpectClose(1000)
		}},

		{Number: "7.3.1", Intent: "close without code", script: finishes(nil)},
		{Number: "7.3.2", Intent: "close with half a code", script: fails(1002, []byte("a"))},
		{Number: "7.3.3", Intent: "close with code", script: finishes(ClosePayload(1000, ""))},
		{Number: "7.3.4", Intent: "close with code and reason", script: finishes(ClosePayload(1000, "Hello World!"))},
		{Number: "7.3.5", Intent: "close with the longest reason, 123 bytes", script: finishes(ClosePayload(1000, strings.Repeat("*", 123)))},
		{Number: "7.3.6", Intent: "close with a reason of 124 bytes", script: fails(1002, ClosePayload(1000, strings.Repeat("*", 124)))},

		{Number: "7.5.1", Intent: "close with a reason that is not UTF-8", NeedsUTF8: true,
			script: fails(1007, ClosePayload(1000, kosme+surrogate+"edited"))},
	}
	for i, code := range []int{1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999} {
		cases = append(cases, Case{
			Number: fmt.Sprintf("7.7.%d", i+1),
			Intent: fmt.Sprintf("close with valid code %d", code),
			script: finishes(ClosePayload(code, "")),
		})
	}
	for i, code := range []int{0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999} {
		cases = append(cases, Case{
			Number: fmt.Sprintf("7.9.%d", i+1),
			Intent: fmt.Sprintf("close with invalid code %d", code),
			script: fails(1002, ClosePayload(code, "")),
		})
	}
	for i, code := range []int{5000, 65535} {
		cases = append(cases, Case{
			Number: fmt.Sprintf("7.13.%d", i+1),
			Intent: fmt.Sprintf("close with code %d, out of any range", code),
			script: fails(1002, ClosePayload(code, "")),
		})
	}
	return cases
}
