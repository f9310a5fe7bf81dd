package nats_test

import (
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"cartline/server/internal/testenv"
	"cartline/server/nats"
)

// The rights that the documentation names are enough; without them events go on, and the
// password isn't told.
func TestRights(t *testing.T) {
	t.Parallel()
	const stream = "test"
	server := testenv.NewNATS(t, `authorization { users = [
		{ user: anna, password: secret, permissions: {
			publish: [ "`+stream+`.>", "$JS.API.STREAM.*.`+stream+`", "$JS.API.STREAM.MSG.GET.`+stream+`",
				"$JS.API.CONSUMER.*.`+stream+`.>", "$JS.API.CONSUMER.MSG.NEXT.`+stream+`.>" ]
			subscribe: [ "`+stream+`.now.*", "_INBOX.>" ]
		} },
		{ user: ben, password: secret, permissions: { publish: "nothing", subscribe: "_INBOX.>" } }
	] }`)
	for _, test := range []struct {
		user  string
		comes bool
	}{{"anna:secret", true}, {"ben:secret", false}, {"anna:wrong-secret", false}, {"", false}} {
		t.Run(test.user, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "nats://"+test.user+"@"+server.Address())
			log := new(lockedLog)
			p := w.run("one", func(c *nats.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
			if test.comes {
				elected(t, p)
				p.follows()
			}
			w.change(5)
			w.check(p)
			if !test.comes {
				testenv.Eventually(t, patience, "word of it in the log", func() bool { return strings.Contains(log.String(), "nobody is heard") })
			}
			if strings.Contains(log.String(), "secret") {
				t.Errorf("the log tells the password: %s", log)
			}
		})
	}
}

// lockedLog keeps what is logged.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(text)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// A stream that belongs to somebody else is left alone.
func TestForeignStream(t *testing.T) {
	t.Parallel()
	server := testenv.NewNATS(t)
	js := jetStream(t, server)
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "test", Subjects: []string{"orders.>"}}); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, server.URL())
	p := w.run("one")
	w.change(5)
	w.check(p)
	stream, err := js.Stream(t.Context(), "test")
	if err != nil || !slices.Equal(stream.CachedInfo().Config.Subjects, []string{"orders.>"}) || stream.CachedInfo().State.Msgs > 0 {
		t.Errorf("got %+v, %v", stream.CachedInfo(), err)
	}
}
