//go:build !js

package live_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/shared"
	"cartline/shared/live"
)

// batch is a message that carries others.
func batch(texts ...string) string { return `["batch",[` + strings.Join(texts, ",") + `]]` }

// gathering starts a client that takes several events in one message, and keeps a diary
// of what it hands on: kinds and texts.
func (s *script) gathering(t *testing.T, config live.Config) (*live.Client, *diary) {
	t.Helper()
	d := new(diary)
	config.URL, config.MinWait, config.MaxWait = s.url, time.Millisecond, time.Hour
	config.OnMessage = func(m shared.Message, text string) { d.add(m.Kind + " " + text) }
	client := live.NewClient(config)
	run(t, client)
	return client, d
}

// A client asks for several events in one message, at first, with each connection, and
// for what it listens to later; it hands each on as if it had come alone.
func TestClientTakesBatches(t *testing.T) {
	s := newScript(t)
	client, d := s.gathering(t, live.Config{Listen: []shared.Request{{Listen: "a", Coalesce: true}}})
	c := s.next(t, `{"listen":"a","coalesce":true,"batch":true}`)
	c.answer("a")
	d.wants(t, `listening ["listening",{"channel":"a","recovered":true}]`)
	if err := client.Listen(t.Context(), shared.Request{Listen: "b", Raw: true}); err != nil {
		t.Fatal(err)
	}
	c.wants(`{"listen":"b","raw":true,"batch":true}`)
	c.answer("b")
	d.wants(t, `listening ["listening",{"channel":"b","recovered":true}]`)

	// Their texts are exactly those that were sent, whatever stands between them.
	odd := `[ "b" , "payload" ,{"at":"2026-11-21T12:00:00Z", "later":1}, 4 ]`
	c.say(batch(event("a", "c1"), odd, event("a", "c2")), event("a", "c3"), batch(), batch(" "+event("a", "c4")+"\n"))
	d.wants(t, "a "+event("a", "c1"), "b "+odd, "a "+event("a", "c2"), "a "+event("a", "c3"), "a "+event("a", "c4"))

	// What was there before isn't handed on, within a batch or across them.
	c.say(batch(event("a", "c4"), event("a", "c5"), event("a", "c5"), event("a", "c6")))
	d.wants(t, "a "+event("a", "c5"), "a "+event("a", "c6"))
	if got := client.Repeated(); got != 2 {
		t.Errorf("%d repeats, want 2", got)
	}
	c.cut()
	s.next(t, `{"listen":"a","after":"c6","coalesce":true,"batch":true}`, `{"listen":"b","raw":true,"batch":true}`)
}

// What is no batch is handed on as it came, as any text that is no message is, and so
// is what stands in a batch and is none; the rest counts.
func TestClientTakesBadBatches(t *testing.T) {
	s := newScript(t)
	_, d := s.gathering(t, live.Config{Listen: requests("a")})
	c := s.next(t, `{"listen":"a","batch":true}`)
	c.answer("a")
	d.wants(t, `listening ["listening",{"channel":"a","recovered":true}]`)
	for _, text := range []string{`["batch"]`, `["batch",null]`, `["batch",7]`, `["batch",{"a":1}]`, `["batch",["a",1]`} {
		c.say(text)
		d.wants(t, " "+text)
	}
	c.say(batch(event("a", "c1"), `7`, `["a"]`, batch(event("a", "c2")), event("a", "c3")))
	d.wants(t, "a "+event("a", "c1"), " 7", ` ["a"]`, " "+batch(event("a", "c2")), "a "+event("a", "c3"))

	// A batch that says that the connection is of no use ends it there.
	c.say(batch(event("a", "c4"), `["error",{"code":"internal","detail":"Try again.","channel":"a"}]`, event("a", "c5")))
	d.wants(t, "a "+event("a", "c4"), `error ["error",{"code":"internal","detail":"Try again.","channel":"a"}]`)
	s.next(t, `{"listen":"a","after":"c4","batch":true}`)
}

// Who wants each event alone asks for nothing else.
func TestClientAsksForSingles(t *testing.T) {
	s := newScript(t)
	client, _ := s.gathering(t, live.Config{Listen: requests("a"), Single: true})
	c := s.next(t, `{"listen":"a"}`)
	if err := client.Listen(t.Context(), shared.Request{Listen: "b"}); err != nil {
		t.Fatal(err)
	}
	c.wants(`{"listen":"b"}`)
}

// Whatever comes, nothing breaks, and all that is handed on was in it, in order.
func FuzzTake(f *testing.F) {
	for _, text := range []string{
		"", "null", `["a",1]`, `["batch",[]]`, `["batch",null]`, `["batch",7]`, batch(event("a", "c1"), event("a", "c1"), event("a", "c2")),
		batch(batch(event("a", "c1"))), batch(`7`, ` ["a",1] `), `["batch",[["a",1]],{"at":"2026-11-21T12:00:00Z"}]`,
		batch(`["listening",{"channel":"a"}]`, event("a", "c1"), `["error",{"code":"internal","channel":"a"}]`, `["pong","beat"]`),
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got []string
		take := live.Taking(live.Config{Listen: requests("a"), OnMessage: func(m shared.Message, text string) {
			if m.Kind == shared.KindBatch {
				t.Errorf("a batch was handed on: %q", text)
			}
			got = append(got, text)
		}})
		failed := take(data) != nil

		var want []string
		whole, err := shared.ParseMessage(data)
		texts, bad := whole.Batch()
		if err != nil || whole.Kind != shared.KindBatch || bad != nil || texts == nil {
			want = []string{string(data)}
		} else {
			for _, text := range texts {
				want = append(want, string(text))
			}
		}
		for _, text := range got {
			at := slices.Index(want, text)
			if at < 0 {
				t.Fatalf("%q was handed on, which isn't among what is left of %q", text, want)
			}
			want = want[at+1:]
		}
		if len(got) == 0 && !failed && slices.ContainsFunc(want, func(text string) bool {
			m, err := shared.ParseMessage([]byte(text))
			return err != nil || m.Kind != shared.KindPong
		}) {
			t.Errorf("nothing was handed on of %q", data)
		}
	})
}
