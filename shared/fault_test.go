package shared_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"cartline/shared"
)

func TestParseFaults(t *testing.T) {
	long := strings.Repeat("x", shared.MaxFaultReason)
	for _, test := range []struct {
		query string
		want  shared.Faults
		field string // where it is refused
	}{
		{"", shared.Faults{}, ""},
		{"a=b&Delay=5", shared.Faults{}, ""},
		{"delay=1&jitter=10000&drop=100&fragment=1048576&burst=2&slow=10000&big=8388608",
			shared.Faults{Delay: 1, Jitter: 10_000, Drop: 100, Fragment: 1 << 20, Burst: 2, Slow: 10_000, Big: 8 << 20}, ""},
		{"close=1000", shared.Faults{Close: 1000}, ""},
		{"close=4999&after=1000&reason=" + long, shared.Faults{Close: 4999, After: 1000, Reason: long}, ""},
		{"close=3000&after=0&reason=%C3%A9+%E2%82%AC", shared.Faults{Close: 3000, Reason: "é €"}, ""},
		{"delay=", shared.Faults{}, "delay"},
		{"delay=0", shared.Faults{}, "delay"},
		{"delay=-1", shared.Faults{}, "delay"},
		{"delay=10001", shared.Faults{}, "delay"},
		{"delay=1.5", shared.Faults{}, "delay"},
		{"delay=1s", shared.Faults{}, "delay"},
		{"delay=99999999999999999999", shared.Faults{}, "delay"},
		{"delay=1&delay=1", shared.Faults{}, "delay"},
		{"jitter=0", shared.Faults{}, "jitter"},
		{"drop=101", shared.Faults{}, "drop"},
		{"fragment=1048577", shared.Faults{}, "fragment"},
		{"burst=1", shared.Faults{}, "burst"},
		{"burst=101", shared.Faults{}, "burst"},
		{"slow=0", shared.Faults{}, "slow"},
		{"big=8388609", shared.Faults{}, "big"},
		{"close=1000&after=1001", shared.Faults{}, "after"},
		{"close=1000&after=-1", shared.Faults{}, "after"},
		{"after=1", shared.Faults{}, "after"},
		{"after=0", shared.Faults{}, "after"},
		{"reason=x", shared.Faults{}, "reason"},
		{"close=1000&reason=a&reason=b", shared.Faults{}, "reason"},
		{"close=1000&reason=x" + long, shared.Faults{}, "reason"},
		{"close=1000&reason=%FF", shared.Faults{}, "reason"},
		{"close=1005&reason=x", shared.Faults{}, "reason"},
		{"close=1006&reason=x", shared.Faults{}, "reason"},
	} {
		query, err := url.ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := shared.ParseFaults(query)
		if got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.query, got, test.want)
		}
		wantField(t, test.query, err, test.field)
	}
}

// wantField checks that an error is a sentence on a field, or none if that is "".
func wantField(t *testing.T, what string, err error, field string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("%s: got %v", what, err)
		}
		return
	}
	var problem *shared.Problem
	if !errors.As(err, &problem) || problem.Code != shared.CodeInvalid || problem.Field != field || !strings.HasSuffix(problem.Detail, ".") {
		t.Errorf("%s: got %+v, want a sentence on %s", what, err, field)
	}
}

// TestFaultCloseCodes lets a server close with what may stand in a close frame, and with
// the two codes that stand for none.
func TestFaultCloseCodes(t *testing.T) {
	may := func(code int) bool {
		return code >= 1000 && code <= 1014 && code != 1004 || code >= 3000 && code <= 4999
	}
	for code := range 6000 {
		f := shared.Faults{Close: code}
		query, err := url.ParseQuery(f.Query())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := shared.ParseFaults(query); code != 0 && (err == nil) != may(code) {
			t.Errorf("%d: got %v, want it allowed: %t", code, err, may(code))
		}
	}
}

func TestParseFaultProtocol(t *testing.T) {
	for _, test := range []struct {
		name  string
		want  shared.Faults
		ours  bool
		field string // where it is refused
	}{
		{"", shared.Faults{}, false, ""},
		{"chat", shared.Faults{}, false, ""},
		{"faults", shared.Faults{}, false, ""},
		{"Fault", shared.Faults{}, false, ""},
		{"fault-delay-1", shared.Faults{}, false, ""},
		{"fault", shared.Faults{}, true, ""},
		{"fault.delay-200.drop-10", shared.Faults{Delay: 200, Drop: 10}, true, ""},
		{"fault.after-0.close-1005", shared.Faults{Close: 1005}, true, ""},
		{"fault.", shared.Faults{}, true, "subprotocol"},
		{"fault.late-1", shared.Faults{}, true, "subprotocol"},
		{"fault.reason-x", shared.Faults{}, true, "subprotocol"},
		{"fault." + strings.Repeat("x", 30_000), shared.Faults{}, true, "subprotocol"},
		{"fault.delay", shared.Faults{}, true, "delay"},
		{"fault.delay--1", shared.Faults{}, true, "delay"},
		{"fault.delay-1.delay-1", shared.Faults{}, true, "delay"},
		{"fault.after-1", shared.Faults{}, true, "after"},
	} {
		got, ours, err := shared.ParseFaultProtocol(test.name)
		if got != test.want || ours != test.ours {
			t.Errorf("%s: got %+v, ours: %t, want %+v, %t", test.name, got, ours, test.want, test.ours)
		}
		wantField(t, test.name, err, test.field)
	}
}

// Each number of Faults has a kind, by its name, and its bounds are what is accepted.
func TestFaultKinds(t *testing.T) {
	fields := make(map[string]bool)
	kind := reflect.TypeFor[shared.Faults]()
	for i := range kind.NumField() {
		if kind.Field(i).Type.Kind() == reflect.Int {
			fields[strings.ToLower(kind.Field(i).Name)] = true
		}
	}
	for _, kind := range shared.FaultKinds() {
		if !fields[kind.Name] {
			t.Errorf("%s: there is no such field, or another kind of it", kind.Name)
		}
		delete(fields, kind.Name)
		if kind.Unit == "" || kind.Least > kind.Most || !strings.HasSuffix(kind.What, ".") {
			t.Errorf("got %+v, want a unit, bounds and a sentence", kind)
		}
	}
	if len(fields) > 0 {
		t.Errorf("%v have no kind", fields)
	}
}

// However faults are asked for, what is accepted is within bounds, and says the same when
// it is written again, both ways.
func FuzzParseFaults(f *testing.F) {
	for _, query := range []string{
		"", "delay=200&drop=10", "delay=+5", "close=1000&after=0&reason=a+b", "close=1006&after=3", "big=8388608&fragment=1&burst=100&slow=1&jitter=7",
		"reason=%26&close=4000", "delay=1;drop=2", "close=1000&reason=%00", "after=1",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, text string) {
		query, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		faults, err := shared.ParseFaults(query)
		if err != nil {
			if faults.Any() {
				t.Errorf("%q: got %v, and %+v all the same", text, err, faults)
			}
			return
		}
		if len(faults.Reason) > shared.MaxFaultReason || !utf8.ValidString(faults.Reason) {
			t.Errorf("%q: got reason %q", text, faults.Reason)
		}
		again, err := url.ParseQuery(faults.Query())
		if err != nil {
			t.Fatalf("%q became %q: %v", text, faults.Query(), err)
		}
		if same, err := shared.ParseFaults(again); err != nil || same != faults {
			t.Errorf("%q became %q, and that %+v, %v", text, faults.Query(), same, err)
		}
		if faults.Any() != (faults.Query() != "") {
			t.Errorf("%q: got any: %t, and query %q", text, faults.Any(), faults.Query())
		}
		plain := faults
		plain.Reason = ""
		if same, ours, err := shared.ParseFaultProtocol(faults.Protocol()); err != nil || !ours || same != plain {
			t.Errorf("%q became %q, and that %+v, %v", text, faults.Protocol(), same, err)
		}
		if strings.Trim(faults.Protocol(), "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
			t.Errorf("%q became %q, which is no token", text, faults.Protocol())
		}
	})
}

// Whatever sub-protocol a client offers, nothing but ours is taken for faults.
func FuzzParseFaultProtocol(f *testing.F) {
	for _, name := range []string{"", "fault", "fault.delay-200.drop-10", "fault.", "fault..", "fault.delay", "fault.close-1000.after-0", "fault.delay-+5"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		faults, ours, err := shared.ParseFaultProtocol(name)
		if ours != (name == shared.FaultProtocol || strings.HasPrefix(name, shared.FaultProtocol+".")) {
			t.Errorf("%q: got ours: %t", name, ours)
		}
		if (err != nil || !ours) && faults.Any() {
			t.Errorf("%q: got %+v, %v", name, faults, err)
		}
		if err != nil || !ours {
			return
		}
		if same, _, err := shared.ParseFaultProtocol(faults.Protocol()); err != nil || same != faults {
			t.Errorf("%q became %q, and that %+v, %v", name, faults.Protocol(), same, err)
		}
	})
}
