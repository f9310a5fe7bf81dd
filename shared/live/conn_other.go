//go:build !js

package live

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// straight asks only the server that it was told to ask. One that redirects a handshake
// would have its headers, and what is secret in them, sent to another, over another
// scheme perhaps; browsers don't follow either.
var straight = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func dial(ctx context.Context, url string, options Options) (*Conn, error) {
	ws, response, err := websocket.Dial(ctx, url, &websocket.DialOptions{
		HTTPClient:   straight,
		Subprotocols: options.Subprotocols,
		HTTPHeader:   http.Header(options.Header),
	})
	if err != nil {
		if response != nil && response.StatusCode != http.StatusSwitchingProtocols {
			return nil, &RefusedError{Status: response.StatusCode, Detail: sentence(response), err: err}
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
	// Detail is what the server says of it on one line, if that was short plain text;
	// else "".
	Detail string
	err    error
}

// Error tells the status, and what the server says of it.
func (e *RefusedError) Error() string {
	text := fmt.Sprintf("refused with %d %s", e.Status, http.StatusText(e.Status))
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	return text
}

// Unwrap returns the engine's error.
func (e *RefusedError) Unwrap() error { return e.err }

// maxDetail is how many bytes of an answer that refuses can be read: the engine keeps
// no more.
const maxDetail = 1024

// sentence returns what an answer says, if a person can read it. It is put on a line
// that people see, so it may have no control characters, with which terminals are led
// astray.
func sentence(answer *http.Response) string {
	kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil || kind != "text/plain" || answer.ContentLength > maxDetail {
		return ""
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil || len(body) > maxDetail || len(body) == maxDetail && answer.ContentLength < 0 || !utf8.Valid(body) {
		return ""
	}
	text := strings.Join(strings.Fields(string(body)), " ")
	if strings.ContainsFunc(text, unicode.IsControl) {
		return ""
	}
	return text
}

// Ping sends a ping of the protocol and waits for its pong. Somebody must be reading
// meanwhile.
func (c *Conn) Ping(ctx context.Context) (roundTrip time.Duration, err error) {
	began := time.Now()
	if err := c.ws.Ping(ctx); err != nil {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, c.closeError(err)
	}
	return time.Since(began), nil
}

// Close sends a close frame and waits up to ten seconds for the other side's.
// The code is 1000 or from 3000 to 4999; the reason has at most 123 bytes.
func (c *Conn) Close(code int, reason string) error {
	return c.ws.Close(websocket.StatusCode(code), reason)
}

// Abandon ends the connection at once, without the closing handshake.
func (c *Conn) Abandon() { _ = c.ws.CloseNow() }
