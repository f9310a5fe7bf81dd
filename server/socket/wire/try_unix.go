//go:build unix

package wire

import (
	"net"
	"sync"
	"syscall"
)

// rawOf returns what a connection is written to without waiting, or nil. Under TLS a part
// of a record can't be taken back.
func rawOf(conn net.Conn) syscall.RawConn {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil // It is closed, as everyone finds out.
	}
	return raw
}

// try writes what there is room for in the send buffer, without waiting; the caller holds
// writeMu.
func (o *outbound) try(p []byte) (n int, err error) {
	if o.raw == nil {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	defer attempts.Put(a)
	a.p = p
	err = o.raw.Write(a.do)
	n, p, a.p = a.n, nil, nil
	if err == nil {
		err = a.err
	}
	return n, err
}

// attempt is one system call. It is kept for the next one, as the function given to
// RawConn.Write would be allocated each time.
type attempt struct {
	p   []byte
	n   int
	err error
	do  func(fd uintptr) (done bool)
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.do = a.write
	return a
}}

func (a *attempt) write(fd uintptr) (done bool) {
	a.n, a.err = 0, nil
	for {
		n, err := syscall.Write(int(fd), a.p)
		switch err {
		case nil:
			a.n = n
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
		default:
			a.err = err
		}
		return true // without waiting for room
	}
}
