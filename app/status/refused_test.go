package status

import (
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/shared"
)

func TestRefusals(t *testing.T) {
	tests := []struct {
		refused map[shared.Limit]int64
		want    string
	}{
		{nil, ""},
		{map[shared.Limit]int64{shared.LimitQueue: 0}, ""},
		{map[shared.Limit]int64{shared.LimitQueue: 1, shared.LimitConnections: 1200},
			"1,200 connections were refused: the gateway had as many as it takes.|" +
				"1 connection was ended: the client was too slow; it may come back and resume."},
		{map[shared.Limit]int64{shared.LimitAddress: 2, shared.LimitUser: 3, shared.LimitHandshakes: 4, shared.LimitMessages: 5, shared.LimitSize: 1},
			"2 connections were refused: the address had as many as one may have.|" +
				"3 connections were refused: the person had as many as one may have.|" +
				"4 connections were refused: too many came within a second.|" +
				"5 messages were refused: the client sent too many within a second.|" +
				"1 message was refused: it was too big; the connection was ended."},
	}
	for _, test := range tests {
		if got := strings.Join(refusals(test.refused), "|"); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestRefusedPanel(t *testing.T) {
	m := watchingModel(t)
	if html := app.HTMLString(page(m)); !strings.Contains(html, "Turned away since the start") || !strings.Contains(html, "Nothing so far.") {
		t.Errorf("got %s", html)
	}
	m.reported(shared.GatewayStatus{Refused: map[shared.Limit]int64{shared.LimitUser: 2}})
	if html := app.HTMLString(page(m)); !strings.Contains(html, "2 connections were refused") || strings.Contains(html, "Nothing so far.") {
		t.Errorf("got %s", html)
	}
}
