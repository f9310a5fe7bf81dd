package load

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Marks are found wherever they stand, and however they are cut.
func TestMarks(t *testing.T) {
	at := time.Unix(1_790_000_000, 123_456_789)
	var text strings.Builder
	var want []int64
	for i := range 50 {
		one := at.Add(time.Duration(i) * time.Second)
		text.WriteString(strings.Repeat("x", i%7) + Mark(one) + "sent=12,sent=" + strings.Repeat("s", i%3))
		want = append(want, one.UnixNano())
	}
	data := []byte(text.String())
	chance := rand.New(rand.NewPCG(1, 2))
	for _, most := range []int{1, 2, 5, 23, 24, 25, 60, len(data)} {
		var m marks
		var got []int64
		for rest := data; len(rest) > 0; {
			n := min(len(rest), 1+chance.IntN(most))
			m.scan(rest[:n], func(sent int64) { got = append(got, sent) })
			rest = rest[n:]
		}
		if !slices.Equal(got, want) {
			t.Errorf("in pieces of up to %d: got %d marks, want these %d once each", most, len(got), len(want))
		}
	}
}

func TestHistogram(t *testing.T) {
	var h Histogram
	for i := 1; i <= 1000; i++ {
		h.Add(time.Duration(i) * time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0.5: 500 * time.Millisecond, 0.99: 990 * time.Millisecond, 1: time.Second, 0: time.Millisecond} {
		if got := h.Quantile(q); got < want || got > want+want/50 {
			t.Errorf("Quantile(%v) = %v, want %v to within two percent", q, got, want)
		}
	}
	h.Add(-time.Second)
	h.Add(10 * time.Hour)
	if got := h.Quantile(1); got != 10*time.Hour || h.Max() != got || h.Total() != 1002 {
		t.Errorf("the longest is %v, of %d, want 10h of 1002", got, h.Total())
	}
	var both Histogram
	both.AddAll(&h)
	both.AddAll(&h)
	if both.Total() != 2*h.Total() || both.Quantile(0.5) != h.Quantile(0.5) {
		t.Errorf("twice the same is something else: %v, want %v", both.Quantile(0.5), h.Quantile(0.5))
	}
	if got := new(Histogram).Quantile(0.99); got != 0 {
		t.Errorf("of nothing: %v, want 0", got)
	}
}

// Each duration is in the bucket whose longest is the first that isn't shorter.
func TestBuckets(t *testing.T) {
	for i := range buckets - 1 {
		if got := bucket(upper(i)); got != i {
			t.Errorf("the longest of bucket %d, %v, is in %d", i, upper(i), got)
		}
		if got := bucket(upper(i) + time.Microsecond); got != i+1 {
			t.Errorf("what is longer than bucket %d, %v, is in %d", i, upper(i)+time.Microsecond, got)
		}
	}
}

// serverFrame makes a frame as a server sends it.
func serverFrame(opcode byte, payload []byte) []byte {
	frame := clientFrame(opcode, payload)[:serverHead(len(payload))]
	frame[1] &^= 0x80
	return append(frame, payload...)
}

// Control frames are seen between data of any length, however they are cut.
func TestFrames(t *testing.T) {
	var stream []byte
	var want []string
	for i, size := range []int{0, 1, 125, 126, 127, 1000, 65535, 65536, 70000} {
		stream = append(stream, serverFrame(opText, bytes.Repeat([]byte{opPing | 0x80}, size))...)
		payload := bytes.Repeat([]byte{byte('a' + i)}, min(size, 125))
		stream = append(stream, serverFrame(opPing, payload)...)
		want = append(want, string(payload))
	}
	chance := rand.New(rand.NewPCG(3, 4))
	for _, most := range []int{1, 3, 100, 130, 5000, len(stream)} {
		var f frames
		var got []string
		for rest := stream; len(rest) > 0; {
			n := min(len(rest), 1+chance.IntN(most))
			f.feed(rest[:n], func(opcode byte, payload []byte) {
				if opcode != opPing {
					t.Errorf("opcode %x, want a ping", opcode)
				}
				got = append(got, string(payload))
			})
			rest = rest[n:]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("in pieces of up to %d: got %d pings, want these %d", most, len(got), len(want))
		}
	}
}
