package wire

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// nextFrame finds the next frame of a message, and answers the control frames before it.
// Its error is a *fault if the peer breaks a rule.
//
// An idle connection waits in here, so this and what it calls for a pong has to do with
// the stack that a goroutine begins with; see TestIdleStack.
func (c *Conn) nextFrame() error {
	for {
		if c.t.next == c.t.end {
			if err := c.t.fill(); err != nil {
				return err
			}
		}
		n, whole, f := c.frames.header(c.t.input())
		if f != nil {
			return f
		}
		c.t.next += n
		if !whole {
			continue
		}
		if !c.frames.control() {
			return nil
		}
		if err := c.control(); err != nil {
			return err
		}
	}
}

// control takes a control frame whose header has come, and answers it.
func (c *Conn) control() error {
	payload, err := c.controlPayload()
	if err != nil {
		return err
	}
	switch c.frames.opcode {
	case opPing:
		// A failed write has stopped the transport, so the next read fails.
		_ = c.t.writeFrame(opPong, payload)
	case opClose:
		return c.closedByPeer(payload)
	}
	return nil
}

// controlPayload returns the payload of a control frame, which is small. It is only valid
// until more is read.
func (c *Conn) controlPayload() ([]byte, error) {
	var gathered []byte
	for {
		part := c.t.input()
		n, f := c.frames.payload(part)
		if f != nil {
			return nil, f
		}
		c.t.next += n
		if c.frames.left == 0 && gathered == nil {
			return part[:n], nil
		}
		gathered = append(gathered, part[:n]...)
		if c.frames.left == 0 {
			return gathered, nil
		}
		if err := c.t.fill(); err != nil {
			return nil, err
		}
	}
}

// closedByPeer takes the payload of the peer's close frame (RFC 6455 section 5.5.1) and
// answers with the same. It always returns an error, as reading has ended.
func (c *Conn) closedByPeer(payload []byte) error {
	received, f := parseClose(payload)
	if f != nil {
		return f
	}
	c.peerClose.Store(received)
	frame := append([]byte{finBit | opClose, byte(len(payload))}, payload...)
	// If it can't be sent, the peer has gone without waiting for it. That a close frame
	// was sent before is no fault: two sides may close at once.
	_, _ = c.t.sendClose(frame, true)
	return fmt.Errorf("the peer has closed, with code %d", received.code)
}

// parseClose reads the payload of a close frame.
func parseClose(payload []byte) (*closeInfo, *fault) {
	switch len(payload) {
	case 0:
		return &closeInfo{code: NoStatus}, nil
	case 1:
		return nil, faultCloseSize
	}
	code, reason := int(binary.BigEndian.Uint16(payload)), payload[2:]
	if !utf8.Valid(reason) {
		return nil, faultReason
	}
	if !sendable(code) {
		return nil, faultCloseCode
	}
	return &closeInfo{code: code, reason: string(reason)}, nil
}
