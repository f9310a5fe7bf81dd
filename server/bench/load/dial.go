//go:build linux

package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"
)

// patience bounds the opening of one connection.
const patience = 90 * time.Second

// dial opens a connection and says what is to be said. It returns the file descriptor,
// which doesn't block and is the caller's to close, and what has arrived besides the
// handshake.
func dial(ctx context.Context, target Target) (fd int, early []byte, err error) {
	dialer := net.Dialer{Timeout: patience}
	conn, err := dialer.DialContext(ctx, "tcp4", target.Address)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, nil, err
	}
	if target.Path != "" {
		if early, err = handshake(conn, target); err != nil {
			return 0, nil, err
		}
	}
	if target.Say != "" {
		if _, err := conn.Write(clientFrame(opText, []byte(target.Say))); err != nil {
			return 0, nil, err
		}
	}
	if early, err = await(conn, early, target.Await); err != nil {
		return 0, nil, fmt.Errorf("waiting for %q: %w", target.Await, err)
	}
	fd, err = duplicate(conn.(*net.TCPConn))
	return fd, early, err
}

// handshake asks for a WebSocket. The key is always the same, as nobody is to be kept
// from taking an old answer for a new one.
func handshake(conn net.Conn, target Target) (early []byte, err error) {
	lines := append([]string{
		"GET " + target.Path + " HTTP/1.1", "Host: " + target.Address, "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	}, target.Header...)
	if _, err := conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n")); err != nil {
		return nil, err
	}
	answer, err := await(conn, nil, "\r\n\r\n")
	if err != nil {
		return nil, fmt.Errorf("no answer to the handshake: %w", err)
	}
	head, early, _ := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return nil, fmt.Errorf("the handshake was refused: %.200q", answer)
	}
	return early, nil
}

// await reads until a text has arrived.
func await(conn net.Conn, have []byte, text string) ([]byte, error) {
	const most = 64 << 10
	buffer := make([]byte, 4096)
	for !bytes.Contains(have, []byte(text)) {
		if len(have) > most {
			return nil, fmt.Errorf("it is not in the first %d bytes", most)
		}
		n, err := conn.Read(buffer)
		if err != nil {
			return nil, fmt.Errorf("%w after %.200q", err, have)
		}
		have = append(have, buffer[:n]...)
	}
	return have, nil
}

// duplicate makes a second descriptor of a connection, of which the runtime's network
// poller knows nothing.
func duplicate(conn *net.TCPConn) (fd int, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	syscall.ForkLock.RLock() // no child is to have it
	defer syscall.ForkLock.RUnlock()
	var duplicating error
	err = raw.Control(func(old uintptr) {
		if fd, duplicating = syscall.Dup(int(old)); duplicating == nil {
			syscall.CloseOnExec(fd)
		}
	})
	return fd, errors.Join(err, duplicating)
}
