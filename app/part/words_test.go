package part

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestSize(t *testing.T) {
	tests := []struct {
		n    int
		want string
	}{{0, "0 B"}, {1023, "1023 B"}, {1024, "1.0 KiB"}, {1536, "1.5 KiB"}, {1 << 20, "1.0 MiB"}, {5 << 20, "5.0 MiB"}}
	for _, test := range tests {
		if got := Size(test.n); got != test.want {
			t.Errorf("Size(%d): got %q, want %q", test.n, got, test.want)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		n    int
		want string
	}{{0, "0"}, {999, "999"}, {1000, "1,000"}, {1234567, "1,234,567"}, {-123, "-123"}, {-1234, "-1,234"}}
	for _, test := range tests {
		if got := Number(test.n); got != test.want {
			t.Errorf("Number(%d): got %q, want %q", test.n, got, test.want)
		}
	}
}

func TestCount(t *testing.T) {
	tests := []struct {
		n    int
		want string
	}{{0, "0 items"}, {1, "1 item"}, {2, "2 items"}, {1000, "1,000 items"}}
	for _, test := range tests {
		if got := Count(test.n, "item", "items"); got != test.want {
			t.Errorf("Count(%d): got %q, want %q", test.n, got, test.want)
		}
	}
}

func TestClip(t *testing.T) {
	tests := []struct {
		text  string
		limit int
		head  string
		left  int
	}{
		{"hello", 5, "hello", 0},
		{"hello", 4, "hell", 1},
		{"", 0, "", 0},
		{"héllo", 2, "h", 5},
		{"漢字", 3, "漢", 3},
		{"漢字", 5, "漢", 3},
		{"漢字", 2, "", 6},
	}
	for _, test := range tests {
		head, left := Clip(test.text, test.limit)
		if head != test.head || left != test.left {
			t.Errorf("Clip(%q, %d): got %q, %d, want %q, %d", test.text, test.limit, head, left, test.head, test.left)
		}
	}
}

func FuzzClip(f *testing.F) {
	f.Add("héllo漢字", 3)
	f.Add("\x80\x80\x80", 1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = max(0, limit)
		head, left := Clip(text, limit)
		if len(head)+left != len(text) || !strings.HasPrefix(text, head) || len(head) > limit && left > 0 {
			t.Errorf("Clip(%q, %d): got %q, %d", text, limit, head, left)
		}
		if utf8.ValidString(text) && !utf8.ValidString(head) {
			t.Errorf("Clip(%q, %d) broke a character: %q", text, limit, head)
		}
	})
}

func TestHex(t *testing.T) {
	tests := []struct {
		data  string
		limit int
		want  string
	}{{"", 4, ""}, {"Hi\x00", 4, "48 69 00"}, {"Hello", 2, "48 65 …"}}
	for _, test := range tests {
		if got := Hex([]byte(test.data), test.limit); got != test.want {
			t.Errorf("Hex(%q, %d): got %q, want %q", test.data, test.limit, got, test.want)
		}
	}
}

func TestDuration(t *testing.T) {
	tests := []struct {
		d    time.Duration
		want string
	}{
		{-time.Hour, "0 s"}, {0, "0 s"}, {1500 * time.Millisecond, "1 s"}, {59 * time.Second, "59 s"},
		{60 * time.Second, "1 min 0 s"}, {3599 * time.Second, "59 min 59 s"}, {2*time.Hour + 10*time.Minute, "2 h 10 min"},
		{50 * time.Hour, "2 d 2 h"},
	}
	for _, test := range tests {
		if got := Duration(test.d); got != test.want {
			t.Errorf("Duration(%v): got %q, want %q", test.d, got, test.want)
		}
	}
}

func TestClock(t *testing.T) {
	at := time.Date(2026, 11, 21, 9, 5, 7, 42_000_000, time.Local)
	if got, want := Clock(at), "09:05:07.042"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
