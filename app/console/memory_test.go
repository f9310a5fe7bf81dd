package console

import (
	"reflect"
	"strings"
	"testing"
)

func TestSetups(t *testing.T) {
	want := [maxPanes]*setup{
		{Name: "Ann", URL: "ws://localhost:8080/echo", Offered: []string{"a", "b"}},
		nil,
		{Name: `<"ü">`, URL: ""},
		nil,
	}
	if got := decodeSetups(encodeSetups(want)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What could not have been written is not read.
func TestSetupsRefuse(t *testing.T) {
	long := strings.Repeat("x", maxSetupURL+1)
	for name, text := range map[string]string{
		"nothing":         "",
		"no JSON":         "[{",
		"another shape":   `{"name":"x"}`,
		"too many":        `[null,null,null,null,{"name":"x"}]`,
		"no name":         `[{"name":"","url":"ws://x"}]`,
		"a blank name":    `[{"name":"  ","url":"ws://x"}]`,
		"a long name":     `[{"name":"` + long + `","url":"ws://x"}]`,
		"a long address":  `[{"name":"x","url":"` + long + `"}]`,
		"no sub-protocol": `[{"name":"x","url":"ws://x","subprotocols":["a b"]}]`,
	} {
		if got := decodeSetups(text); got != [maxPanes]*setup{} {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
