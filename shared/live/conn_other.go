//go:build !js

package live

import (
	"context"
	"fmt"
	"net/http"

	"github.com/coder/websocket"
)

func dial(ctx context.Context, url string, options Options) (*Conn, error) {
	ws, response, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		Subprotocols: options.Subprotocols,
		HTTPHeader:   http.Header(options.Header),
	})
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			return nil, &RefusedError{Status: response.StatusCode, err: err}
		}
		return nil, err
	}
	return &Conn{ws: ws}, nil
}

func (c *Conn) read(ctx context.Context) (websocket.MessageType, []byte, error) {
	return c.ws.Read(ctx)
}

// RefusedError is an answer to the handshake other than 101. It does not exist
// in browsers.
type RefusedError struct {
	Status int
	err    error
}

// Error tells the status.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused with %d %s", e.Status, http.StatusText(e.Status))
}

// Unwrap returns the engine's error.
func (e *RefusedError) Unwrap() error { return e.err }

// Close sends a close frame and waits up to ten seconds for the other side's.
// The code is 1000 or from 3000 to 4999; the reason has at most 123 bytes.
func (c *Conn) Close(code int, reason string) error {
	return c.ws.Close(websocket.StatusCode(code), reason)
}

// Abandon ends the connection at once, without the closing handshake.
func (c *Conn) Abandon() { _ = c.ws.CloseNow() }
