package console

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	here := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	const far, near = "shop.example", "localhost:8080"
	type look struct {
		at     time.Duration // after here
		took   time.Duration
		server time.Duration // what its clock showed, after here
	}
	tests := []struct {
		name  string
		host  string
		looks []look
		since time.Duration // of the server's clock
		at    time.Duration // of this one
		delay time.Duration
		timed bool
		said  string
	}{
		{"far, not measured", far, nil, 0, 14 * time.Millisecond, 0, false, ""},
		{"here, not measured", near, nil, 0, 14 * time.Millisecond, 14 * time.Millisecond, true, ""},
		{"ahead", far, []look{{0, 10 * time.Millisecond, -2 * time.Second}}, 0, 2014 * time.Millisecond, 9 * time.Millisecond, true,
			"This computer's clock is 2005 ms ahead of the server's (±6.00 ms)."},
		{"behind", far, []look{{0, 10 * time.Millisecond, time.Hour}}, time.Hour, 14 * time.Millisecond, time.Hour - 5*time.Millisecond - time.Hour + 14*time.Millisecond, true,
			"This computer's clock is 59 min 59 s behind the server's (±6.00 ms)."},
		{"the same", far, []look{{0, 10 * time.Millisecond, 3 * time.Millisecond}}, 0, 14 * time.Millisecond, 12 * time.Millisecond, true,
			"This computer's clock agrees with the server's (±6.00 ms)."},
		{"the same, on this computer", near, []look{{0, 10 * time.Millisecond, 3 * time.Millisecond}}, 0, 14 * time.Millisecond, 14 * time.Millisecond, true,
			"This computer's clock agrees with the server's (±6.00 ms)."},
		{"another, through a tunnel", near, []look{{0, 10 * time.Millisecond, 3 * time.Second}}, 3 * time.Second, 19 * time.Millisecond, 14 * time.Millisecond, true,
			"This computer's clock is 2995 ms behind the server's (±6.00 ms)."},
		{"less exact, soon after", far, []look{{0, 10 * time.Millisecond, 5 * time.Millisecond}, {time.Minute, time.Second, time.Hour}}, 0, 14 * time.Millisecond, 14 * time.Millisecond, true,
			"This computer's clock agrees with the server's (±6.00 ms)."},
		{"less exact, long after", far, []look{{0, 10 * time.Millisecond, time.Hour}, {time.Hour, 20 * time.Millisecond, time.Hour + 10*time.Millisecond}}, 0, 14 * time.Millisecond, 14 * time.Millisecond, true,
			"This computer's clock agrees with the server's (±11.0 ms)."},
		{"more exact", far, []look{{0, time.Second, time.Hour}, {time.Minute, 10 * time.Millisecond, time.Minute + 5*time.Millisecond}}, 0, 14 * time.Millisecond, 14 * time.Millisecond, true,
			"This computer's clock agrees with the server's (±6.00 ms)."},
		{"never less than nothing", near, nil, 0, -time.Second, 0, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newClock(site{scheme: "https", host: test.host})
			for _, l := range test.looks {
				c.measured(here.Add(l.at), l.took, here.Add(l.server))
			}
			delay, timed := c.delay(here.Add(test.since), here.Add(test.at))
			if delay != test.delay || timed != test.timed {
				t.Errorf("got a delay of %v, known: %v, want %v, %v", delay, timed, test.delay, test.timed)
			}
			if got := c.String(); got != test.said {
				t.Errorf("got %q, want %q", got, test.said)
			}
			if _, timed := c.delay(time.Time{}, here); timed {
				t.Error("the delay since no time is known")
			}
		})
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "shop.localhost:8080": true, "127.0.0.1:8080": true, "127.9.9.9": true, "[::1]": true, "[::1]:8080": true,
		"": false, "example.org": false, "localhost.example.org": false, "[::2]:8080": false, "10.0.0.1:8080": false, "notlocalhost": false,
		"127.example.org": false, "127.0.0.1.example.org:80": false,
	} {
		if got := (site{host: host}).loopback(); got != want {
			t.Errorf("%q: got %v, want %v", host, got, want)
		}
	}
}
