package postgres

import "testing"

// Only what is known of both places can tell them apart.
func TestElsewhere(t *testing.T) {
	here := place{"1", "00000001", "16384"}
	for _, test := range []struct {
		other place
		want  bool
	}{
		{here, false},
		{place{}, false},
		{place{"1", "", ""}, false},
		{place{"", "00000001", "16384"}, false},
		{place{"2", "00000001", "16384"}, true},
		{place{"1", "00000002", "16384"}, true},
		{place{"1", "00000001", "16385"}, true},
		{place{"", "", "16385"}, true},
	} {
		if here.elsewhere(test.other) != test.want || test.other.elsewhere(here) != test.want {
			t.Errorf("%v and %v: want elsewhere %v", here, test.other, test.want)
		}
		if got := test.other.or(here); !test.want && got != here {
			t.Errorf("%v with what %v knows: got %v", test.other, here, got)
		}
	}
}
