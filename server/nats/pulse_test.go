package nats

import (
	"strings"
	"testing"
	"time"

	"cartline/server/cart"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func at(seq int64) cart.Position { return cart.Position{Epoch: "e", Seq: seq} }

func said(term int64, seq int64, notified uint64) beat {
	return beat{Term: term, Process: "one", Cursor: at(seq).Cursor(), Sound: true, Listening: true, Notified: notified}
}

// Whether the stream keeps, by what was heard and when.
func TestKeeps(t *testing.T) {
	type heard struct {
		after time.Duration
		beat
	}
	unsound := said(1, 5, 0)
	unsound.Sound = false
	left := said(1, 5, 0)
	left.Left = true
	unplaced := said(1, 5, 0)
	unplaced.Cursor = ""
	other := said(1, 5, 0)
	other.Cursor = cart.Position{Epoch: "f", Seq: 5}.Cursor()
	for _, test := range []struct {
		name  string
		heard []heard
		when  time.Duration
		at    cart.Position
		want  bool
	}{
		{"nothing", nil, 0, at(5), false},
		{"a beat", []heard{{0, said(1, 5, 0)}}, 0, at(5), true},
		{"one that says more than is here", []heard{{0, said(1, 9, 0)}}, 0, at(5), true},
		{"and that was long ago", []heard{{0, said(1, 9, 0)}, {grace, said(1, 9, 0)}}, grace, at(5), false},
		{"while it has come here", []heard{{0, said(1, 9, 0)}, {grace, said(1, 12, 0)}}, grace, at(9), true},
		{"nothing since", []heard{{0, said(1, 5, 0)}}, lease, at(5), false},
		{"unsound", []heard{{0, said(1, 5, 0)}, {beatInterval, unsound}}, beatInterval, at(5), false},
		{"left", []heard{{0, said(1, 5, 0)}, {beatInterval, left}}, beatInterval, at(5), false},
		{"another after that", []heard{{0, left}, {beatInterval, said(2, 5, 0)}}, beatInterval, at(5), true},
		{"nowhere yet", []heard{{0, unplaced}}, 0, at(5), false},
		{"elsewhere", []heard{{0, other}, {grace, other}}, grace, at(9), false},
		{"an older term beside a later one", []heard{{0, said(2, 5, 0)}, {beatInterval, unsound}}, beatInterval, at(5), true},
		{"an older term after a later one", []heard{{0, said(2, 5, 0)}, {lease, said(1, 5, 0)}}, lease, at(5), true},
		{"a later term says less", []heard{{0, said(1, 9, 0)}, {grace, said(2, 5, 0)}}, grace, at(5), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p pulse
			for _, h := range test.heard {
				p.beats(h.beat, noon.Add(h.after))
			}
			if got := p.keeps(test.at, noon.Add(test.when)); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// Notifications are passed on once, and whatever may be missing is noticed.
func TestNotified(t *testing.T) {
	type step struct {
		beat         bool
		term         int64
		number       uint64
		pass, missed bool
	}
	for _, test := range []struct {
		name  string
		steps []step
	}{
		{"one after the other", []step{{true, 1, 0, false, true}, {false, 1, 1, true, false}, {false, 1, 2, true, false}, {true, 1, 2, false, false}}},
		{"one is missing", []step{{true, 1, 4, false, true}, {false, 1, 6, true, true}, {false, 1, 7, true, false}}},
		{"the last is missing", []step{{true, 1, 0, false, true}, {false, 1, 1, true, false}, {true, 1, 2, false, true}, {true, 1, 2, false, false}}},
		{"twice", []step{{true, 1, 0, false, true}, {false, 1, 1, true, false}, {false, 1, 1, false, false}}},
		{"another term", []step{{true, 1, 3, false, true}, {true, 2, 0, false, true}, {false, 2, 1, true, false}}},
		{"another term, before its beat", []step{{true, 1, 3, false, true}, {false, 2, 1, true, true}, {true, 2, 1, false, false}}},
		{"the term before", []step{{true, 2, 0, false, true}, {false, 1, 4, false, false}, {true, 1, 5, false, false}, {false, 2, 1, true, false}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p pulse
			for i, s := range test.steps {
				pass, missed := false, false
				if s.beat {
					missed = p.beats(said(s.term, 1, s.number), noon)
				} else {
					pass, missed = p.notified(notice{Term: s.term, Number: s.number}, noon)
				}
				if pass != s.pass || missed != s.missed {
					t.Errorf("step %d: passed on %v, missed %v, want %v, %v", i, pass, missed, s.pass, s.missed)
				}
			}
		})
	}
}

func TestCheckURL(t *testing.T) {
	for list, good := range map[string]bool{
		"nats://localhost": true, "nats://user:secret@localhost:4222": true, "tls://a:1,nats://b:2": true, "nats://a, nats://b": true,
		"": false, "localhost:4222": false, "http://localhost": false, "nats://": false, "nats://a,": false, "nats://secret@a:port:x": false, "nats://secret:%zz@a": false,
	} {
		switch err := CheckURL(list); {
		case good != (err == nil):
			t.Errorf("%q: got %v", list, err)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%q: got %v, which tells the password", list, err)
		}
	}
}
