package main

import (
	"net"
)

// rawRelay writes each payload, and a line feed, to each connection: without a protocol
// there is nothing else to pay for.
type rawRelay struct{ members[net.Conn] }

func newRawRelay() relay { return &rawRelay{} }

func (r *rawRelay) serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		r.add(conn)
		go func() {
			defer conn.Close()
			defer r.remove(conn)
			var nothing [1]byte
			_, _ = conn.Read(nothing[:]) // it returns when the client has gone
		}()
	}
}

func (r *rawRelay) broadcast(payload []byte) {
	line := append(payload, '\n')
	r.each(func(conn net.Conn) { _, _ = conn.Write(line) }) // who has gone is removed by their reader
}

// rawEcho sends back whatever it reads.
func rawEcho(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			buffer := make([]byte, 16<<10)
			for {
				n, err := conn.Read(buffer)
				if err != nil {
					return
				}
				if _, err := conn.Write(buffer[:n]); err != nil {
					return
				}
			}
		}()
	}
}
