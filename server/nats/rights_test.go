package nats_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"cartline/server/internal/testenv"
	"cartline/server/nats"
)

// The rights that the documentation names are enough; without them events go on, and the
// log says why they come from the database, but no password.
func TestRights(t *testing.T) {
	t.Parallel()
	const stream = "test"
	server := testenv.NewNATS(t, `authorization { users = [
		{ user: anna, password: secret, permissions: {
			publish: [ "`+stream+`.>", "$JS.API.STREAM.INFO.`+stream+`", "$JS.API.STREAM.CREATE.`+stream+`",
				"$JS.API.STREAM.UPDATE.`+stream+`", "$JS.API.STREAM.MSG.GET.`+stream+`",
				"$JS.API.CONSUMER.*.`+stream+`.>", "$JS.API.CONSUMER.MSG.NEXT.`+stream+`.>" ]
			subscribe: [ "`+stream+`.now.*", "_INBOX.>" ]
		} },
		{ user: ben, password: secret, permissions: { publish: "nothing", subscribe: "_INBOX.>" } }
	] }`)
	for _, test := range []struct {
		user  string
		comes bool
		why   string
	}{{"anna:secret", true, ""}, {"ben:secret", false, "Permissions Violation"}, {"anna:wrong-secret", false, "Authorization Violation"}, {"", false, "Authorization Violation"}} {
		t.Run(test.user, func(t *testing.T) {
			t.Parallel()
			url := "nats://" + test.user + "@" + server.Address()
			w := newWorld(t, url)
			log := new(testenv.Output)
			p := w.run("one", func(c *nats.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
			if test.comes {
				elected(t, p)
				p.follows()
				p.stop()
				p = w.run("two", func(c *nats.Config) { c.MaxAge = 2 * time.Hour })
				elected(t, p)
				p.follows()
				stream, err := jetStreamAt(t, url).Stream(t.Context(), stream)
				if err != nil || stream.CachedInfo().Config.MaxAge != 2*time.Hour {
					t.Errorf("the stream isn't as it was told to be: %+v, %v", stream, err)
				}
			}
			w.change(5)
			w.check(p)
			if !test.comes {
				testenv.Eventually(t, patience, "word of it in the log", func() bool {
					return strings.Contains(log.String(), "nobody is heard") && strings.Contains(log.String(), test.why)
				})
			}
			if strings.Contains(log.String(), "secret") {
				t.Errorf("the log tells the password: %s", log)
			}
		})
	}
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

// What somebody else puts into the stream is passed over, and doesn't keep away what comes
// behind it.
func TestNonsenseInTheStream(t *testing.T) {
	t.Parallel()
	server := testenv.NewNATS(t)
	w := newWorld(t, server.URL())
	all := []*process{w.run("one"), w.run("two")}
	one := elected(t, all...)
	for _, p := range all {
		p.follows()
	}
	js := jetStream(t, server)
	stop := w.write()
	for _, text := range []string{"", "hello", `{"cursor":"x"}` + "\n", strings.Repeat("x", 900_000)} {
		if _, err := js.Publish(t.Context(), "test.log", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	w.change(1) // behind all of that: until then, whoever publishes doesn't know of it
	w.check(all...)
	for _, p := range all {
		p.follows()
	}
	// Whoever doesn't get on in the stream would read the log.
	for _, p := range all {
		if p != one {
			p.toDB.Cut()
		}
	}
	w.change(50)
	w.check(all...)
	for _, p := range all {
		if p != one {
			p.toDB.Mend()
		}
	}
}
