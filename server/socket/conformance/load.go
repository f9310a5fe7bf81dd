package conformance

import "fmt"

const (
	kib = 1 << 10
	mib = 1 << 20
)

// fill repeats a pattern up to a size.
func fill(pattern string, size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = pattern[i%len(pattern)]
	}
	return b
}

// loads is section 9: big messages, many fragments, many small writes, many
// round trips. Text in the odd sub-sections, binary in the even ones.
func loads() (cases []Case) {
	add := func(section, i int, intent string, script func(*Client)) {
		cases = append(cases, Case{Number: fmt.Sprintf("9.%d.%d", section, i+1), Intent: intent, script: script})
	}
	kinds := []struct {
		name    string
		opcode  byte
		pattern string
	}{
		{"text", Text, "BAsd7&jh23"},
		{"binary", Binary, "\x00\xfe\x23\xfa\xf0"},
	}
	for k, kind := range kinds {
		for i, size := range []int{64 * kib, 256 * kib, 1 * mib, 4 * mib, 8 * mib, 16 * mib} {
			add(1+k, i, fmt.Sprintf("%s message of %d bytes", kind.name, size), func(c *Client) {
				c.echo(kind.opcode, fill(kind.pattern, size))
				c.Finish()
			})
		}
	}
	for k, kind := range kinds {
		for i, size := range []int{64, 256, 1 * kib, 4 * kib, 16 * kib, 64 * kib, 256 * kib, 1 * mib, 4 * mib} {
			add(3+k, i, fmt.Sprintf("%s message of 4 MiB in fragments of %d", kind.name, size), func(c *Client) {
				payload := fill(kind.pattern, 4*mib)
				c.SendFrames(Fragment(kind.opcode, payload, size)...)
				c.Expect(kind.opcode, payload)
				c.Finish()
			})
		}
	}
	for k, kind := range kinds {
		for i, size := range []int{64, 128, 256, 512, 1 * kib, 2 * kib} {
			add(5+k, i, fmt.Sprintf("%s message of 1 MiB in chops of %d", kind.name, size), func(c *Client) {
				payload := fill(kind.pattern, 1*mib)
				c.SendChopped(size, Frame{Opcode: kind.opcode, Payload: payload}.Bytes())
				c.Expect(kind.opcode, payload)
				c.Finish()
			})
		}
	}
	for k, kind := range kinds {
		for i, size := range []int{0, 16, 64, 256, 1 * kib, 4 * kib} {
			add(7+k, i, fmt.Sprintf("1000 round trips of %s, %d bytes each", kind.name, size), func(c *Client) {
				payload := fill(kind.pattern, size)
				for range 1000 {
					c.echo(kind.opcode, payload)
				}
				c.Finish()
			})
		}
	}
	return cases
}
