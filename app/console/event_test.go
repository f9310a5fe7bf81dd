package console

import (
	"fmt"
	"testing"
	"time"

	"cartline/app/transcript"
	"cartline/shared"
)

// told is a message of the events endpoint.
func told(t *testing.T, kind string, payload any, meta *shared.Meta) []byte {
	t.Helper()
	m, err := shared.NewMessage(kind, payload, meta)
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Text()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTap(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	c := newTap(newClock(site{host: "localhost"}))
	later := at.Add(20 * time.Millisecond)
	tests := []struct {
		name string
		data []byte
		want *transcript.Event
	}{
		{"an event", told(t, "cart_activity", 1, &shared.Meta{Cursor: "a", At: at}), &transcript.Event{Channel: "cart_activity", Cursor: "a", Delay: 20 * time.Millisecond, Timed: true}},
		{"one that stands for others", told(t, "cart_activity", 1, &shared.Meta{Cursor: "b", At: at.Add(10 * time.Millisecond), Replaces: &shared.Replaced{From: "a", Count: 7}}),
			&transcript.Event{Channel: "cart_activity", Cursor: "b", Delay: 10 * time.Millisecond, Timed: true}},
		{"a notification", told(t, "news", "hello", &shared.Meta{At: at}), &transcript.Event{Channel: "news", Delay: 20 * time.Millisecond, Timed: true}},
		{"without a time", told(t, "news", "hello", &shared.Meta{Cursor: "c"}), &transcript.Event{Channel: "news", Cursor: "c"}},
		{"a gap", told(t, shared.KindGap, shared.Gap{Channel: "news", Lost: shared.LostNotifications}, nil), nil},
		{"an answer", told(t, shared.KindListening, shared.Listening{Channel: "news"}, nil), nil},
		{"no message", []byte("{"), nil},
		{"binary", []byte{0xff, 0x00}, nil},
		{"a gap of nothing", []byte(`["gap",17]`), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := c.read(test.data, later)
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
	rows, others := c.rows()
	want := "[{name:cart_activity cursor:b events:2 gaps:0 replaced:7 timed:2 p50:10000000 p95:20000000} {name:news cursor:c events:2 gaps:1 replaced:0 timed:1 p50:20000000 p95:20000000}]"
	if got := fmt.Sprintf("%+v", rows); got != want || others != 0 {
		t.Errorf("got %s and %d others, want %s", got, others, want)
	}
}

// Each event of a batch counts; the batch itself is none.
func TestTapReadsBatches(t *testing.T) {
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	c := newTap(newClock(site{host: "localhost"}))
	event := func(channel, cursor string) string {
		return string(told(t, channel, 1, &shared.Meta{Cursor: cursor, At: at}))
	}
	for _, text := range []string{
		`["batch",[` + event("a", "a1") + "," + event("b", "b1") + `,7,` + event("a", "a2") + `]]`,
		`["batch",[["batch",[` + event("a", "a3") + `]]]]`, // there is none within another
		`["batch",7]`,
		`["batch",[]]`,
	} {
		if got := c.read([]byte(text), at); got != nil {
			t.Errorf("%s is taken for one event: %+v", text, got)
		}
	}
	rows, _ := c.rows()
	if len(rows) != 2 || rows[0].events != 2 || rows[0].cursor != "a2" || rows[1].events != 1 || rows[1].cursor != "b1" {
		t.Errorf("got %+v, want two of a and one of b", rows)
	}
}

// However many channels there are, only so many are kept count of.
func TestTapIsBounded(t *testing.T) {
	c := newTap(newClock(site{}))
	for range 3 {
		for i := range maxTapped + 5 {
			c.read(told(t, fmt.Sprint("channel", i), 1, &shared.Meta{}), time.Time{})
		}
	}
	rows, others := c.rows()
	if len(rows) != maxTapped || others != 15 || rows[0].events != 3 || rows[maxTapped-1].events != 3 {
		t.Errorf("got %d rows and %d others, want %d and 15: %+v", len(rows), others, maxTapped, rows)
	}
}
