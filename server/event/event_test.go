package event

import (
	"testing"
	"time"

	"cartline/server/cart"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestEventTexts(t *testing.T) {
	fromLog := func(activity string) func() (*Event, error) {
		return func() (*Event, error) {
			return FromLog("cart_activity", cart.Entry{Position: cart.Position{Epoch: "e", Seq: 36}, At: noon}, []byte(activity))
		}
	}
	notified := func(payload string) func() (*Event, error) {
		return func() (*Event, error) { return FromNotification("news", payload, noon) }
	}
	tests := []struct {
		name           string
		make           func() (*Event, error)
		channel        string
		wantText, want string // want is what those get who asked for raw payloads
	}{
		{"an activity", fromLog(`{"cart_id":"a"}`), "cart_activity",
			`["cart_activity",{"cart_id":"a"},{"cursor":"e.0.10.0","at":"2026-11-21T12:00:00Z"}]`,
			`["cart_activity","{\"cart_id\":\"a\"}",{"cursor":"e.0.10.0","at":"2026-11-21T12:00:00Z"}]`},
		{"a notified object", notified(`{"hello":1}`), "news",
			`["news",{"hello":1},{"at":"2026-11-21T12:00:00Z"}]`,
			`["news","{\"hello\":1}",{"at":"2026-11-21T12:00:00Z"}]`},
		{"a notified text", notified(`hello`), "news",
			`["news","hello",{"at":"2026-11-21T12:00:00Z"}]`, `["news","hello",{"at":"2026-11-21T12:00:00Z"}]`},
		{"a notified number", notified(`7`), "news",
			`["news","7",{"at":"2026-11-21T12:00:00Z"}]`, `["news","7",{"at":"2026-11-21T12:00:00Z"}]`},
		{"nothing notified", notified(``), "news",
			`["news","",{"at":"2026-11-21T12:00:00Z"}]`, `["news","",{"at":"2026-11-21T12:00:00Z"}]`},
		{"notified bytes", notified("[\"\xff\"]"), "news",
			`["news","[\"\ufffd\"]",{"at":"2026-11-21T12:00:00Z"}]`, `["news","[\"\ufffd\"]",{"at":"2026-11-21T12:00:00Z"}]`},
		{"a value", func() (*Event, error) { return FromValue("gateway", map[string]int{"connections": 2}, noon) }, "gateway",
			`["gateway",{"connections":2},{"at":"2026-11-21T12:00:00Z"}]`,
			`["gateway","{\"connections\":2}",{"at":"2026-11-21T12:00:00Z"}]`},
	}
	for _, test := range tests {
		e, err := test.make()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if e.Channel != test.channel || string(e.Text) != test.wantText {
			t.Errorf("%s: got %s on %s, want %s on %s", test.name, e.Text, e.Channel, test.wantText, test.channel)
		}
		raw, err := e.Raw()
		if err != nil || string(raw) != test.want {
			t.Errorf("%s, raw: got %s, %v; want %s", test.name, raw, err, test.want)
		}
		if again, err := e.Raw(); err != nil || &again[0] != &raw[0] {
			t.Errorf("%s: encoded a second time, %v", test.name, err)
		}
	}
}

func TestEventsThatCannotBeEncoded(t *testing.T) {
	for name, make := range map[string]func() (*Event, error){
		"a log entry that is no JSON": func() (*Event, error) { return FromLog("x", cart.Entry{}, []byte(`{`)) },
		"an empty log entry":          func() (*Event, error) { return FromLog("x", cart.Entry{}, nil) },
		"a function":                  func() (*Event, error) { return FromValue("x", func() {}, noon) },
		"no channel":                  func() (*Event, error) { return FromNotification("", "x", noon) },
	} {
		if e, err := make(); err == nil {
			t.Errorf("%s: got %s, want an error", name, e.Text)
		}
	}
}
