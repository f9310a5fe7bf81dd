package nats

import (
	"reflect"
	"testing"
	"time"

	"cartline/server/cart"
	"cartline/server/event"
	"cartline/shared"
)

func TestLinksArriveAsTheyWere(t *testing.T) {
	position := func(seq int64) cart.Position { return cart.Position{Epoch: "e", Tx: 77, Seq: seq, Mark: 5} }
	at := time.UnixMicro(1_800_000_000_123_456).UTC()
	entry := cart.Entry{
		Position: position(8), CartID: "a\ncart", Version: 3, Kind: shared.LineAdded, Shopper: "ü<&>", At: at,
		// Not as Go would encode it: it was stored so.
		Activity: []byte("{ \"kind\":\n \"<line>\" }"), State: []byte(`{"id": "a"}`),
	}
	bare := cart.Entry{Position: position(8), Activity: []byte{}, State: []byte{}, At: time.Time{}}
	for _, test := range []struct {
		name       string
		link, want event.Link
		most       int64
	}{
		{"an entry", event.Link{After: position(7), Entry: entry}, event.Link{After: position(7), Entry: entry}, 0},
		{"within the limit", event.Link{After: position(7), Entry: entry}, event.Link{After: position(7), Entry: entry}, 1000},
		{"longer than the limit", event.Link{After: position(7), Entry: entry}, event.Link{After: position(7), Entry: bare, Bare: true}, 100},
		{"the beginning", event.Link{Entry: bare, Anew: true}, event.Link{Entry: bare, Anew: true}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := encodeLink(test.link, test.most)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodeLink(text)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestForeignMessages(t *testing.T) {
	for _, text := range []string{
		"", "hello", "{}", "{}\n", "null\n", `{"cursor":"x"}` + "\n", `{"cursor":"e.0.1.0"}` + "\n",
		`{"cursor":"e.0.1.0","after":"x"}` + "\n", `{"cursor":"e.0.1.0","after":"e.0.0.0","activity":1}` + "\n",
		`{"cursor":"e.0.1.0","after":"e.0.0.0","activity":-1}` + "\nx",
	} {
		if link, err := decodeLink([]byte(text)); err == nil {
			t.Errorf("%q: got %+v, want that it isn't ours", text, link)
		}
	}
}

// What decodes is what it was made of, or refused.
func FuzzDecodeLink(f *testing.F) {
	f.Add([]byte(`{"cursor":"e.0.1.0","after":"e.0.0.0","activity":2}` + "\n{}{}"))
	f.Add([]byte(`{"cursor":"e.0.1.0","anew":true}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		link, err := decodeLink(text)
		if err != nil || link.Anew || link.Bare {
			return
		}
		again, err := encodeLink(link, 0)
		if err != nil {
			return // a time that JSON doesn't know
		}
		if got, err := decodeLink(again); err != nil || !reflect.DeepEqual(got, link) {
			t.Errorf("got %+v, %v, want %+v", got, err, link)
		}
	})
}
