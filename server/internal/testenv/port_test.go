package testenv_test

import (
	"net"
	"testing"

	"cartline/server/internal/testenv"
)

// TestFreeAddress: each address is another one, can be taken, and is none that the system
// would give to somebody else meanwhile: those begin with 32768 on Linux, elsewhere higher.
func TestFreeAddress(t *testing.T) {
	seen := make(map[string]bool)
	for range 200 {
		address := testenv.FreeAddress(t)
		if seen[address] {
			t.Errorf("%s was given twice", address)
		}
		seen[address] = true
		listener, err := net.Listen("tcp", address)
		if err != nil {
			t.Errorf("an address that isn't free: %v", err)
			continue
		}
		defer listener.Close()
		if port := listener.Addr().(*net.TCPAddr).Port; port >= 32768 {
			t.Errorf("%s is one of those that the system gives away", address)
		}
	}
}
