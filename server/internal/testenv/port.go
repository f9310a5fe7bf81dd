package testenv

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
)

// Where freePort looks. It is below what systems give to those who ask for any port, and to
// connections: such a port could be gone before the program that it is for takes it, or
// while that program is stopped. Who keeps trying to connect may even get the very port that
// it tries, and be connected to itself.
// Each process begins to look in a part of it, so that hardly two look at the same at a time.
const (
	firstPort = 20000
	lastPort  = 32000
	parts     = 8
)

// FreeAddress returns an address of the loopback interface on which nothing listens, for a
// program that has to be told where to. Nobody gets the same twice.
func FreeAddress(t testing.TB) string {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", port)
}

// given are the ports that freePort has returned.
var given sync.Map

// freePort is FreeAddress for those who need only the port.
func freePort() (int, error) {
	const size = (lastPort - firstPort) / parts
	first, width := firstPort+os.Getpid()%parts*size, size
	var last error
	for try := range 200 {
		if try == 100 { // this part has hardly any left
			first, width = firstPort, lastPort-firstPort
		}
		port := first + rand.IntN(width)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil { // somebody has it
			last = err
			continue
		}
		if err := l.Close(); err != nil {
			return 0, err
		}
		if _, again := given.LoadOrStore(port, true); !again {
			return port, nil
		}
	}
	return 0, errors.Join(errors.New("no port is free"), last)
}
