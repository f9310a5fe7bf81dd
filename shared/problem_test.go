package shared_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"cartline/shared"
)

// checkProblem checks that an error is a problem with a code, a field and a
// sentence, and returns it.
func checkProblem(t *testing.T, name string, err error, code shared.Code, field string) *shared.Problem {
	t.Helper()
	var p *shared.Problem
	switch {
	case !errors.As(err, &p):
		t.Errorf("%s: got error %v, want a *Problem", name, err)
		return new(shared.Problem)
	case p.Code != code || p.Field != field:
		t.Errorf("%s: got code %q, field %q; want %q, %q", name, p.Code, p.Field, code, field)
	case p.Detail == "" || p.Error() != p.Detail:
		t.Errorf("%s: got detail %q, error %q; want one sentence", name, p.Detail, p.Error())
	}
	return p
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name, body string
		field      string
		detail     string // a part of it
	}{
		{"nothing", ``, "", "it is empty"},
		{"space only", " \n", "", "it is empty"},
		{"half an object", `{"quantity":`, "", "ends too early"},
		{"half a name", `{"quan`, "", "ends too early"},
		{"no JSON", `quantity=1`, "", "can't be read at byte 1"},
		{"a comma too many", `{"quantity":1,}`, "", "can't be read at byte 15"},
		{"an array", `[1]`, "", "an array can't stand here"},
		{"a string", `"1"`, "", "a string can't stand here"},
		{"a number", `7`, "", "a number can't stand here"},
		{"null", `null`, "quantity", "from 1 to 999"},
		{"a string for a number", `{"quantity":"1"}`, "", "quantity can't be a string"},
		{"an object for a number", `{"quantity":{}}`, "", "quantity can't be an object"},
		{"a fraction", `{"quantity":1.5}`, "", "quantity can't be a number 1.5"},
		{"more than an int64", `{"quantity":9223372036854775808}`, "", "quantity can't be a number 9223372036854775808"},
		{"an unknown field", `{"quantity":1,"price":1}`, "", `unknown field "price"`},
		{"a second value", `{"quantity":1}{"quantity":2}`, "", "something after"},
		{"a bracket too many", `{"quantity":1}]`, "", "something after"},
		{"text after", `{"quantity":1} x`, "", "something after"},
		{"a field twice", `{"quantity":1,"version":2,"quantity":1}`, "quantity", `more than one "quantity"`},
		{"a field twice in another case", `{"quantity":1,"Quantity":2}`, "Quantity", "more than one"},
		{"a field twice as Unicode folds it", `{"version":1,"ver\u017fion":2,"quantity":1}`, "verſion", "more than one"},
		{"a field twice, once escaped", `{"quantity":1,"\u0071uantity":2}`, "quantity", "more than one"},
		{"bytes that are not UTF-8", "{\"quantity\":1,\"\xff\":2}", "", "not UTF-8"},
		{"a rule broken", `{"quantity":0}`, "quantity", "from 1 to 999"},
	}
	for _, test := range tests {
		got, err := shared.Decode[shared.SetLine]([]byte(test.body))
		p := checkProblem(t, test.name, err, shared.CodeInvalid, test.field)
		if !strings.Contains(p.Detail, test.detail) {
			t.Errorf("%s: got %q, want %q in it", test.name, p.Detail, test.detail)
		}
		if foreign := goWord(p.Detail); foreign != "" {
			t.Errorf("%s: %q tells of our insides: %q", test.name, p.Detail, foreign)
		}
		if got != (shared.SetLine{}) {
			t.Errorf("%s: got %+v beside the error, want nothing", test.name, got)
		}
	}
}

// goWord returns a word in a sentence for clients that only Go's programmers
// would understand, or "".
func goWord(detail string) string {
	for _, word := range []string{"json:", "shared.", "SetLine", "SignIn", "Request", "struct", "Go ", "int64", "unmarshal", "EOF"} {
		if strings.Contains(detail, word) {
			return word
		}
	}
	return ""
}

func TestDecodeAccepts(t *testing.T) {
	tests := []struct {
		body string
		want shared.SetLine
	}{
		{`{"quantity":1}`, shared.SetLine{Quantity: 1}},
		{" {\"version\" : 7 ,\n\"quantity\" : 999}\r\n\t", shared.SetLine{Quantity: 999, Version: 7}},
		{`{"Quantity":3}`, shared.SetLine{Quantity: 3}}, // as encoding/json does
		{`{"quantity":2,"version":0}`, shared.SetLine{Quantity: 2}},
	}
	for _, test := range tests {
		if got, err := shared.Decode[shared.SetLine]([]byte(test.body)); err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v; want %+v", test.body, got, err, test.want)
		}
	}
}

func TestProblemOf(t *testing.T) {
	known := &shared.Problem{Code: shared.CodeNotFound, Detail: "There is none."}
	secret := errors.New("dial tcp 10.0.0.7:5432: password authentication failed")
	tests := []struct {
		name string
		err  error
		want *shared.Problem
	}{
		{"a problem", known, known},
		{"a wrapped problem", fmt.Errorf("while reading: %w", known), known},
		{"a problem among others", errors.Join(secret, known), known},
	}
	for _, test := range tests {
		if got := shared.ProblemOf(test.err); got != test.want {
			t.Errorf("%s: got %+v, want the problem itself", test.name, got)
		}
	}
	for _, err := range []error{secret, fmt.Errorf("listen: %w", secret), nil} {
		got := shared.ProblemOf(err)
		text, encodeErr := json.Marshal(got)
		if encodeErr != nil {
			t.Fatal(encodeErr)
		}
		if got.Code != shared.CodeInternal || strings.Contains(string(text), "10.0.0.7") {
			t.Errorf("%v: got %s, want code internal and nothing of the text", err, text)
		}
	}
}

// fuzzDecode holds Decode to its promises for one type: it doesn't panic, an
// error is a problem that clients understand, and what it accepts is valid and
// means the same after a further way there and back.
func fuzzDecode[T shared.Validator](t *testing.T, body []byte) {
	got, err := shared.Decode[T](body)
	if err != nil {
		p, ok := err.(*shared.Problem)
		if !ok || p.Code != shared.CodeInvalid || p.Detail == "" {
			t.Fatalf("got error %#v, want a *Problem with code invalid", err)
		}
		return
	}
	if err := got.Validate(); err != nil {
		t.Fatalf("accepted %q, which is not valid: %v", body, err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	again, err := shared.Decode[T](text)
	if err != nil || !reflect.DeepEqual(again, got) {
		t.Fatalf("%q became %+v, and that %+v, %v", body, got, again, err)
	}
}

func FuzzDecodeSetLine(f *testing.F) {
	for _, seed := range []string{
		`{"quantity":2,"version":7}`, `{"quantity":1e2}`, `{"quantity":-0}`, `{"quantity":1,"QUANTITY":2}`,
		`{"quantity":1}{}`, `{"quantity":null}`, `null`, `[]`, `{"version":-1,"quantity":1}`, "\xef\xbb\xbf{}", ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(fuzzDecode[shared.SetLine])
}

func FuzzDecodeSignIn(f *testing.F) {
	for _, seed := range []string{
		`{"username":"zoe","password":"correct horse"}`, `{"username":"\u0000","password":"\ud800"}`,
		`{"username":"a","userName":"b","password":"c"}`, `{"username":"a","password":null}`,
		`{"username":["a"],"password":"b"}`, "{\"username\":\"\xff\",\"password\":\"b\"}", `{"password":"b","us`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(fuzzDecode[shared.SignIn])
}
