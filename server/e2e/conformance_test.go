package e2e

import (
	"strconv"
	"testing"

	"cartline/server/internal/testenv"
	"cartline/server/socket/conformance"
)

// The shipped program's echo keeps RFC 6455 in every case of the list.
func TestConformance(t *testing.T) {
	t.Parallel()
	g := testenv.StartServer(t, testenv.ServerOptions{Args: []string{"--echo-limit", strconv.Itoa(conformance.EchoLimit)}})
	dialer := conformance.Dialer{Address: g.BaseURL[len("http://"):], Greeting: "Echo Initiated"}
	for _, c := range conformance.Cases() {
		t.Run(c.Number, func(t *testing.T) {
			t.Parallel()
			if err := c.Run(t.Context(), dialer); err != nil {
				t.Error(err)
			}
		})
	}
}
