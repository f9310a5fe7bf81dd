package shared_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"cartline/shared"
)

var (
	longest = strings.Repeat("a", shared.MaxChannelName)
	tooLong = longest + "a"

	longPing, longCursor = strings.Repeat("p", shared.MaxPing), strings.Repeat("c", shared.MaxCursor)
)

func TestParseRequestAccepts(t *testing.T) {
	tests := []struct {
		text string
		want shared.Request
	}{
		{`{"listen":"cart_activity"}`, shared.Request{Listen: "cart_activity"}},
		{`{"listen":"cart_activity","raw":true}`, shared.Request{Listen: "cart_activity", Raw: true}},
		{`{"unlisten":"cart_activity"}`, shared.Request{Unlisten: "cart_activity"}},
		{`{"unlisten":"x","raw":false,"listen":""}`, shared.Request{Unlisten: "x"}},
		{`{"listen":"` + longest + `"}`, shared.Request{Listen: longest}},
		{`{"listen":"x","after":"e.1.2.3","coalesce":true}`, shared.Request{Listen: "x", After: "e.1.2.3", Coalesce: true}},
		{`{"listen":"x","after":"` + longCursor + `"}`, shared.Request{Listen: "x", After: longCursor}},
		{`{"ping":"x"}`, shared.Request{Ping: "x"}},
		{`{"ping":"` + longPing + `"}`, shared.Request{Ping: longPing}},
	}
	for _, test := range tests {
		got, err := shared.ParseRequest([]byte(test.text))
		if err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v; want %+v", test.text, got, err, test.want)
		}
		text, err := got.Text()
		if err != nil {
			t.Errorf("%s: Text: %v", test.text, err)
		}
		if again, err := shared.ParseRequest([]byte(text)); err != nil || again != got {
			t.Errorf("%s: via %s became %+v, %v", test.text, text, again, err)
		}
	}
}

func TestParseRequestRefuses(t *testing.T) {
	tests := []struct{ name, text, field string }{
		{"nothing", ``, ""},
		{"no JSON", `listen cart_activity`, ""},
		{"null", `null`, "listen"},
		{"no channel", `{}`, "listen"},
		{"an empty channel", `{"listen":""}`, "listen"},
		{"raw alone", `{"raw":true}`, "listen"},
		{"both", `{"listen":"a","unlisten":"a"}`, "listen"},
		{"raw with unlisten", `{"unlisten":"a","raw":true}`, "raw"},
		{"a long name", `{"listen":"` + tooLong + `"}`, "listen"},
		{"a long name to leave", `{"unlisten":"` + tooLong + `"}`, "unlisten"},
		{"a name that is long in bytes", `{"listen":"` + strings.Repeat("ä", 32) + `"}`, "listen"},
		{"two channels", `{"listen":["a","b"]}`, ""},
		{"twice", `{"listen":"a","listen":"b"}`, "listen"},
		{"raw as a number", `{"listen":"a","raw":1}`, ""},
		{"what a later version may offer", `{"listen":"a","since":"x"}`, ""},
		{"ping and listen", `{"ping":"x","listen":"a"}`, "listen"},
		{"ping and unlisten", `{"ping":"x","unlisten":"a"}`, "listen"},
		{"an empty ping", `{"ping":""}`, "listen"},
		{"a long ping", `{"ping":"` + longPing + `x"}`, "ping"},
		{"raw with ping", `{"ping":"x","raw":true}`, "raw"},
		{"after alone", `{"after":"x"}`, "listen"},
		{"after with unlisten", `{"unlisten":"a","after":"x"}`, "after"},
		{"after with ping", `{"ping":"a","after":"x"}`, "after"},
		{"a long cursor", `{"listen":"a","after":"` + longCursor + `x"}`, "after"},
		{"a cursor as a number", `{"listen":"a","after":7}`, ""},
		{"coalesce with unlisten", `{"unlisten":"a","coalesce":true}`, "coalesce"},
		{"batch with unlisten", `{"unlisten":"a","batch":true}`, "batch"},
		{"coalesce with ping", `{"ping":"a","coalesce":true}`, "coalesce"},
		{"two messages", `{"listen":"a"}{"listen":"b"}`, ""},
		{"an array", `["listen","a"]`, ""},
	}
	for _, test := range tests {
		got, err := shared.ParseRequest([]byte(test.text))
		p := checkProblem(t, test.name, err, shared.CodeInvalid, test.field)
		if foreign := goWord(p.Detail); foreign != "" {
			t.Errorf("%s: %q tells of our insides: %q", test.name, p.Detail, foreign)
		}
		if got != (shared.Request{}) {
			t.Errorf("%s: got %+v beside the error", test.name, got)
		}
	}
}

func TestTextRefusesWhatParseWould(t *testing.T) {
	for _, r := range []shared.Request{{}, {Listen: "a", Unlisten: "b"}, {Unlisten: "a", Raw: true}, {Listen: tooLong}, {Ping: "a", After: "b"}, {Ping: tooLong + longPing}} {
		if text, err := r.Text(); err == nil || text != "" {
			t.Errorf("%+v: got %q, %v; want an error", r, text, err)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{
		`{"listen":"cart_activity"}`, `{"unlisten":"cart_activity"}`, `{"listen":"a","raw":true}`,
		`{"listen":"a","after":"e.0.1.z","coalesce":true}`, `{"ping":"x"}`, `{"ping":"x","after":"y"}`,
		`{"listen":"a","LISTEN":"b"}`, `{"listen":"\ud83d"}`, `{"listen":"a\u0000"}`, `{"listen":null,"unlisten":"a"}`,
		`{"listen":"a"} `, `{"listen":"a"}x`, `[]`, `"listen"`, "{\"listen\":\"\xc3\x28\"}", `{"raw":"true"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(fuzzDecode[shared.Request])
}

func TestReservedChannel(t *testing.T) {
	tests := map[string]bool{
		shared.KindListening: true, shared.KindUnlistening: true, shared.KindError: true, shared.KindGap: true, shared.KindBatch: true,
		shared.KindPong: true, shared.ChannelMyCart: true,
		shared.ChannelCartActivity: false, shared.ChannelGateway: false, "": false, "Error": false,
	}
	for name, want := range tests {
		if got := shared.ReservedChannel(name); got != want {
			t.Errorf("%q: got %v, want %v", name, got, want)
		}
	}
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestMessageText(t *testing.T) {
	object := json.RawMessage(`{"a":1}`)
	tests := []struct {
		name    string
		message shared.Message
		want    string
	}{
		{"an event", shared.Message{Kind: "cart_activity", Payload: object, Meta: &shared.Meta{Cursor: "e.0.1", At: noon}},
			`["cart_activity",{"a":1},{"cursor":"e.0.1","at":"2026-11-21T12:00:00Z"}]`},
		{"an event that stands for others", shared.Message{Kind: "cart_activity", Payload: object, Meta: &shared.Meta{Cursor: "e.0.9.1", At: noon, Replaces: &shared.Replaced{From: "e.0.1.1", Count: 3}}},
			`["cart_activity",{"a":1},{"cursor":"e.0.9.1","at":"2026-11-21T12:00:00Z","replaces":{"from":"e.0.1.1","count":3}}]`},
		{"without a cursor", shared.Message{Kind: "x", Payload: object, Meta: &shared.Meta{At: noon}},
			`["x",{"a":1},{"at":"2026-11-21T12:00:00Z"}]`},
		{"a control message", shared.Message{Kind: "listening", Payload: object}, `["listening",{"a":1}]`},
		{"a string", shared.Message{Kind: "x", Payload: json.RawMessage(`"hello"`)}, `["x","hello"]`},
		{"null", shared.Message{Kind: "x", Payload: json.RawMessage(`null`)}, `["x",null]`},
		{"what HTML would escape", shared.Message{Kind: "x", Payload: json.RawMessage(`"<b>&"`)}, `["x","<b>&"]`},
	}
	for _, test := range tests {
		got, err := test.message.Text()
		if err != nil || string(got) != test.want {
			t.Errorf("%s: got %s, %v; want %s", test.name, got, err, test.want)
		}
		back, err := shared.ParseMessage(got)
		if err != nil || !reflect.DeepEqual(back, test.message) {
			t.Errorf("%s: back: got %+v, %v; want %+v", test.name, back, err, test.message)
		}
	}
}

// What was not asked is not answered: a client tells "not recovered", for which it must
// load afresh, from "nobody asked".
func TestListeningText(t *testing.T) {
	yes, no := true, false
	for want, answer := range map[string]shared.Listening{
		`{"channel":"c"}`:                                {Channel: "c"},
		`{"channel":"c","cursor":"x"}`:                   {Channel: "c", Cursor: "x"},
		`{"channel":"c","recovered":true,"cursor":"x"}`:  {Channel: "c", Recovered: &yes, Cursor: "x"},
		`{"channel":"c","recovered":false,"cursor":"x"}`: {Channel: "c", Recovered: &no, Cursor: "x"},
	} {
		message, err := shared.NewMessage(shared.KindListening, answer, nil)
		if err != nil || string(message.Payload) != want {
			t.Errorf("got %s, %v; want %s", message.Payload, err, want)
		}
	}
}

func TestMessageThatCannotBeEncoded(t *testing.T) {
	for name, message := range map[string]shared.Message{
		"no kind":         {Payload: json.RawMessage(`1`)},
		"no payload":      {Kind: "x"},
		"payload no JSON": {Kind: "x", Payload: json.RawMessage(`{`)},
	} {
		if text, err := message.Text(); err == nil {
			t.Errorf("%s: got %s, want an error", name, text)
		}
	}
	if m, err := shared.NewMessage("x", math.NaN(), nil); err == nil {
		t.Errorf("NaN: got %+v, want an error", m)
	}
}

func TestParseMessage(t *testing.T) {
	accepted := []struct{ name, text, kind, payload string }{
		{"two elements", `["a",1]`, "a", "1"},
		{"more elements than are known", `["a",{"b":2},{"at":"2026-11-21T12:00:00Z"},7,"new"]`, "a", `{"b":2}`},
		{"an empty third", `["a",[],null]`, "a", "[]"},
		{"meta with new fields", `["a",null,{"new":1}]`, "a", "null"},
	}
	for _, test := range accepted {
		got, err := shared.ParseMessage([]byte(test.text))
		if err != nil || got.Kind != test.kind || string(got.Payload) != test.payload {
			t.Errorf("%s: got %q %s, %v; want %q %s", test.name, got.Kind, got.Payload, err, test.kind, test.payload)
		}
	}
	for _, text := range []string{
		``, `null`, `{}`, `"a"`, `[]`, `["a"]`, `[1,2]`, `["",2]`, `[null,2]`, `["a",1,"meta"]`, `["a",1,{"at":"noon"}]`, `["a",1`, `["a",1] x`,
	} {
		if got, err := shared.ParseMessage([]byte(text)); err == nil || !reflect.DeepEqual(got, shared.Message{}) {
			t.Errorf("%s: got %+v, %v; want an error", text, got, err)
		}
	}
}

func TestInto(t *testing.T) {
	message, err := shared.NewMessage(shared.KindListening, shared.Listening{Channel: "c"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got shared.Listening
	if err := message.Into(&got); err != nil || got.Channel != "c" {
		t.Errorf("got %+v, %v", got, err)
	}
	var wrong int
	if err := message.Into(&wrong); err == nil || !strings.Contains(err.Error(), shared.KindListening) {
		t.Errorf("got error %v, want one that names the kind", err)
	}
}

// values draws anything that JSON can say.
func values() *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.String().AsAny(),
		rapid.Float64Range(-1e15, 1e15).AsAny(), rapid.Int32().AsAny(),
	)
	return rapid.OneOf(leaf,
		rapid.SliceOfN(leaf, 0, 4).AsAny(),
		rapid.MapOfN(rapid.String(), leaf, 0, 4).AsAny())
}

func TestMessageGoesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var meta *shared.Meta
		if rapid.Bool().Draw(t, "has meta") {
			meta = &shared.Meta{
				Cursor: rapid.String().Draw(t, "cursor"),
				At:     time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")).UTC(),
			}
			if count := rapid.IntRange(0, 1000).Draw(t, "count"); count > 0 {
				meta.Replaces = &shared.Replaced{From: rapid.String().Draw(t, "from"), Count: count}
			}
		}
		sent, err := shared.NewMessage(rapid.StringN(1, 20, -1).Draw(t, "kind"), values().Draw(t, "payload"), meta)
		if err != nil {
			t.Fatal(err)
		}
		text, err := sent.Text()
		if err != nil {
			t.Fatal(err)
		}
		got, err := shared.ParseMessage(text)
		if err != nil || !reflect.DeepEqual(got, sent) {
			t.Fatalf("%+v came back as %+v, %v", sent, got, err)
		}
	})
}

func FuzzParseMessage(f *testing.F) {
	for _, seed := range []string{
		`["cart_activity",{"cart_id":"a"},{"cursor":"e.0.1","at":"2026-11-21T12:00:00Z"}]`, `["listening",{"channel":"x"}]`,
		`["a","b",null,1]`, `["a",null]`, `[1,2]`, `[]`, `null`, `["a",1,{"at":"9999-12-31T23:59:59.999999999-23:59"}]`,
		`["a",1,{"at":"2026-11-21T12:00:00Z","replaces":{"from":"x","count":2}}]`, `["<&>","\u2028"]`, "[\"\xff\",1]", `["a",{"b":1,"b":2}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := shared.ParseMessage(text)
		if err != nil {
			return
		}
		if got.Kind == "" || !json.Valid(got.Payload) {
			t.Fatalf("accepted %q as kind %q, payload %q", text, got.Kind, got.Payload)
		}
		encoded, err := got.Text()
		if err != nil {
			t.Fatalf("%q became %+v, which can't be encoded: %v", text, got, err)
		}
		again, err := shared.ParseMessage(encoded)
		if err != nil || again.Kind != got.Kind || !sameMeta(again.Meta, got.Meta) {
			t.Fatalf("%q became %+v, and that %+v, %v", text, got, again, err)
		}
		// The payload may be written in another way, but only once.
		settled, err := again.Text()
		if err != nil || !bytes.Equal(settled, encoded) {
			t.Fatalf("%s is encoded again as %s, %v", encoded, settled, err)
		}
	})
}

func sameMeta(a, b *shared.Meta) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Cursor == b.Cursor && a.At.Equal(b.At) && reflect.DeepEqual(a.Replaces, b.Replaces)
}

func TestNotified(t *testing.T) {
	tests := []struct {
		name, payload string
		want          string // as JSON
		wantRaw       string
	}{
		{"an object", `{"hello":1}`, `{"hello":1}`, `"{\"hello\":1}"`},
		{"an array", `[1,2]`, `[1,2]`, `"[1,2]"`},
		{"space around", " \t\r\n{} ", `{}`, `" \t\r\n{} "`},
		{"a number", `7`, `"7"`, `"7"`},
		{"a JSON string", `"a"`, `"\"a\""`, `"\"a\""`},
		{"true", `true`, `"true"`, `"true"`},
		{"null", `null`, `"null"`, `"null"`},
		{"nothing", ``, `""`, `""`},
		{"text", `hello`, `"hello"`, `"hello"`},
		{"almost an object", `{"a":}`, `"{\"a\":}"`, `"{\"a\":}"`},
		{"two objects", `{}{}`, `"{}{}"`, `"{}{}"`},
		{"an object, then text", `[] x`, `"[] x"`, `"[] x"`},
		{"text that is not UTF-8", "a\xffb", `"a\ufffdb"`, `"a\ufffdb"`},
		{"an object that is not UTF-8", "{\"a\":\"\xff\"}", `"{\"a\":\"\ufffd\"}"`, `"{\"a\":\"\ufffd\"}"`},
	}
	for _, test := range tests {
		for raw, want := range map[bool]string{false: test.want, true: test.wantRaw} {
			message, err := shared.Notified("c", test.payload, raw, nil)
			if err != nil {
				t.Errorf("%s, raw %v: %v", test.name, raw, err)
				continue
			}
			text, err := message.Text()
			if err != nil || string(text) != `["c",`+want+`]` {
				t.Errorf("%s, raw %v: got %s, %v; want [\"c\",%s]", test.name, raw, text, err, want)
			}
		}
	}
}

// A text message is UTF-8, whatever somebody notified (RFC 6455, section 5.6).
func TestNotifiedIsAlwaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payload := string(rapid.SliceOf(rapid.Byte()).Draw(t, "payload"))
		raw := rapid.Bool().Draw(t, "raw")
		message, err := shared.Notified("c", payload, raw, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := message.Text()
		if err != nil || !utf8.Valid(text) {
			t.Fatalf("got %q, %v; want UTF-8", text, err)
		}
		var got string
		if raw && (message.Into(&got) != nil || got != string([]rune(payload))) {
			t.Fatalf("got %q, want %q", got, payload)
		}
	})
}

// TestTextIsWhatReflectionMakes compares the text of messages with that of encoding/json.
func TestTextIsWhatReflectionMakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.MapOf(rapid.String(), rapid.Float64Range(-1e9, 1e9)), func(m map[string]float64) any { return m }),
		).Draw(t, "payload")
		payload, err := json.MarshalIndent(value, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		m := shared.Message{Kind: rapid.StringN(1, 20, -1).Draw(t, "kind"), Payload: payload}
		elements := []any{m.Kind, m.Payload}
		if rapid.Bool().Draw(t, "meta") {
			zone := time.FixedZone("", 60*rapid.IntRange(-14*60, 14*60).Draw(t, "zone"))
			m.Meta = &shared.Meta{
				Cursor: rapid.OneOf(rapid.StringMatching(`[a-z0-9.]{0,40}`), rapid.String()).Draw(t, "cursor"),
				At:     time.Unix(rapid.Int64Range(-1e11, 4e11).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(zone),
			}
			if rapid.IntRange(0, 3).Draw(t, "replaces") == 0 {
				m.Meta.Replaces = &shared.Replaced{From: "<&>", Count: 2}
			}
			elements = append(elements, m.Meta)
		}
		want, wantErr := reflected(elements)
		got, err := m.Text()
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("got error %v, want %v", err, wantErr)
		}
		if err == nil && !bytes.Equal(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
	for _, payload := range []string{`{`, `{"a":1}}`, `1 2`, `nul`} {
		if text, err := (shared.Message{Kind: "c", Payload: []byte(payload)}).Text(); err == nil {
			t.Errorf("a payload of %s became %s, want an error", payload, text)
		}
	}
}

// reflected encodes as the wire has it: without escapes for HTML.
func reflected(elements []any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(elements)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}

func BenchmarkText(b *testing.B) {
	m := shared.Message{
		Kind:    shared.ChannelCartActivity,
		Payload: []byte(`{"cart_id":"01J8ZQ4X5Y6Z7A8B9C0D1E2F3G","version":12,"kind":"line_set","sku":"MUG-BLUE","quantity":2,"by":"shopper"}`),
		Meta:    &shared.Meta{Cursor: "6b1f2c3d.123456.7890.abcdef", At: time.Unix(1_800_000_000, 123_456_789).UTC()},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Text(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestStored looks at what is taken at its word, and what isn't.
func TestStored(t *testing.T) {
	for _, test := range []struct{ payload, want string }{
		{`{"a":"<&>"}`, `["c",{"a":"<&>"}]`},
		{`{}`, `["c",{}]`},
		{`[1, 2]`, `["c",[1,2]]`},
		{`"x"`, `["c","x"]`},
		{`{`, ""},
		{``, ""},
		{`{"a":1`, ""},
	} {
		got, err := shared.Stored("c", []byte(test.payload), nil).Text()
		if string(got) != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %s (error: %v), want %q", test.payload, got, err, test.want)
		}
	}
}
