//go:build linux

package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// Echo connects so many clients, each of which sends a text of that size, waits until it
// has come back, and sends it again, until the crowd is closed. Count tells how many
// came back.
func Echo(ctx context.Context, clients, size int, target Target) (*Crowd, error) {
	text := bytes.Repeat([]byte("abcdefghijklmnopqrstuvwxyz012345"), size/32+1)[:size]
	sent, reply := text, text
	if target.Path != "" {
		sent = clientFrame(opText, text)
		// A server's frame is a client's without the mask.
		reply = append(clientFrame(opText, text)[:serverHead(size)], text...)
		reply[1] &^= 0x80
	}
	return open(ctx, clients, func(int) Target { return target }, func(one *conn, _ Target, _ []byte) error {
		return one.echo(sent, reply)
	})
}

var errNoEcho = errors.New("what came back was not what had been sent")

// echo has a client send and wait.
func (one *conn) echo(sent, reply []byte) error {
	have, at := 0, time.Now()
	one.take = func(data []byte, now time.Time, found *Count) error {
		if len(data) > len(reply)-have || !bytes.Equal(data, reply[have:have+len(data)]) {
			return errNoEcho
		}
		if have += len(data); have < len(reply) {
			return nil
		}
		found.Messages++
		found.Latency.Add(now.Sub(at))
		have, at = 0, now
		return one.write(sent)
	}
	return one.write(sent)
}

// write writes all of it: the kernel has room for what is so small.
func (one *conn) write(data []byte) error {
	n, err := syscall.Write(one.fd, data)
	if err == nil && n < len(data) {
		err = fmt.Errorf("only %d of %d bytes could be sent at once", n, len(data))
	}
	return err
}
