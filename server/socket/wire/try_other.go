//go:build !unix

package wire

import (
	"net"
	"syscall"
)

// rawOf returns nil: here is no way to write without waiting.
func rawOf(net.Conn) syscall.RawConn { return nil }

// try is not reached with something to write.
func (o *outbound) try([]byte) (int, error) { return 0, nil }
