package transcript

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cartline/shared/lab"
)

func TestSearch(t *testing.T) {
	tests := []struct {
		data, text string
		want       int
	}{
		{"hello", "", -1},
		{"", "a", -1},
		{"Hello", "hello", 0},
		{"hello", "HELLO", 0},
		{"say hello", "Hello", 4},
		{"hell", "hello", -1},
		{"[x]", "[X]", 0},
		{"[x]", "{x}", -1},
		{"Straße", "STRASSE", -1},
		{"Größe", "GRÖSSE", -1},
		{"Größe", "GRÖ", 0},
		{"eine GRÖẞE", "größe", 5},
		{"漢字", "字", 3},
		{"\xff\xfe字", "字", 2},
		{"aab", "ab", 1},
	}
	for _, test := range tests {
		if got := newSearch(test.text).index([]byte(test.data)); got != test.want {
			t.Errorf("%q in %q: got %d, want %d", test.text, test.data, got, test.want)
		}
	}
}

// The search finds what a search in copies in lower case would.
func TestSearchProperties(t *testing.T) {
	words := rapid.StringOfN(rapid.RuneFrom([]rune("aAbB[é É漢")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		data, query := words.Draw(t, "data"), words.Draw(t, "query")
		want := strings.Index(strings.ToLower(data), strings.ToLower(query))
		if query == "" {
			want = -1
		}
		if got := newSearch(query).index([]byte(data)); got != want {
			t.Fatalf("%q in %q: got %d, want %d", query, data, got, want)
		}
	})
}

// A binary message is found by its bytes and by the digits that its row shows; a note by
// its words.
func TestFilterMatches(t *testing.T) {
	binary := Entry{Entry: lab.Entry{Way: lab.Received, Binary: true, Data: []byte("Hi\x00")}}
	tests := []struct {
		entry  Entry
		filter Filter
		want   bool
	}{
		{binary, Filter{Text: "48 69"}, true},
		{binary, Filter{Text: "hi"}, true},
		{binary, Filter{Text: "70"}, false},
		{binary, Filter{Direction: Received}, true},
		{binary, Filter{Direction: Sent}, false},
		{note("Connected"), Filter{Text: "conn"}, true},
		{note("Connected"), Filter{Direction: Notes}, true},
		{note("Connected"), Filter{Direction: Received, Text: "conn"}, false},
		{Entry{Entry: lab.Entry{Way: lab.Closed, Code: 1001}}, Filter{Direction: Notes, Text: "1001"}, true},
		{text(lab.Sent, "48 69"), Filter{Text: "48 69"}, true},
	}
	for _, test := range tests {
		if got := test.filter.matcher()(test.entry); got != test.want {
			t.Errorf("%+v for %q: got %v, want %v", test.filter, test.entry.copyText(), got, test.want)
		}
	}
}
