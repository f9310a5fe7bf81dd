package ledger

import (
	"context"
	"testing"
	"time"

	lib "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"cartline/server/internal/testenv"
)

// nats is the NATS server over which two of our servers hear of the log, and the line to
// it.
type nats struct {
	server *testenv.NATS
	link   *testenv.Link
}

func newNATS(t testing.TB) *nats {
	t.Helper()
	server := testenv.NewNATS(t)
	return &nats{server: server, link: testenv.NewLink(t, server.Address())}
}

func (n *nats) url() string { return "nats://" + n.link.Address() }

// streamed counts the messages that the stream has had.
func (n *nats) streamed(ctx context.Context) (int, error) {
	closed := make(chan struct{})
	conn, err := lib.Connect(n.server.URL(), lib.ClosedHandler(func(*lib.Conn) { close(closed) }))
	if err != nil {
		return 0, err
	}
	defer func() { conn.Close(); <-closed }()
	js, err := jetstream.New(conn)
	if err != nil {
		return 0, err
	}
	stream, err := js.Stream(ctx, "cartline")
	if err != nil {
		return 0, err
	}
	return int(stream.CachedInfo().State.LastSeq), nil
}

// faults lists what can be broken. Some of it lasts for longer than our servers do
// without NATS before they read the log by themselves, and some of it doesn't.
func (n *nats) faults() []fault {
	return []fault{
		{"NATS killed", func(ctx context.Context) error {
			n.server.Kill()
			lasts(ctx, 4*time.Second)
			return n.server.Start()
		}},
		{"NATS cut off", func(ctx context.Context) error { return cut(ctx, n.link) }},
		{"one line to NATS cut", func(context.Context) error { n.link.CutOne(); return nil }},
		{"NATS's lines stalled", func(ctx context.Context) error { return stall(ctx, n.link) }},
		{"NATS's lines dead", func(ctx context.Context) error { return die(ctx, n.link) }},
	}
}
