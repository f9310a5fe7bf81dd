package status

import (
	"testing"

	"cartline/shared"
)

func TestSentence(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"added", `["cart_activity",{"cart_id":"c1","cart_version":1,"kind":"line_added","actor":{"kind":"shopper"},"line":{"sku":"M","name":"Blue mug","old_quantity":0,"new_quantity":2},"cart":{"name":"amber-fox-42","items":3,"total":{"amount":4200,"currency":"EUR"}}}]`,
			"amber-fox-42: 2 × Blue mug added, 3 items, €42.00"},
		{"changed by staff", `["cart_activity",{"cart_id":"c1","kind":"line_changed","actor":{"kind":"staff","name":"ada"},"line":{"name":"Blue mug","old_quantity":2,"new_quantity":1},"cart":{"name":"amber-fox-42","items":1,"total":{"amount":1400,"currency":"EUR"}}},{"cursor":"x","at":"2026-11-21T10:00:00Z"}]`,
			"amber-fox-42: Blue mug changed from 2 to 1, 1 item, €14.00 (by ada)"},
		{"removed", `["cart_activity",{"cart_id":"c1","kind":"line_removed","actor":{"kind":"shopper"},"line":{"name":"Blue mug","old_quantity":1,"new_quantity":0},"cart":{"name":"amber-fox-42","items":0,"total":{"amount":0,"currency":"EUR"}}}]`,
			"amber-fox-42: Blue mug removed, 0 items, €0.00"},
		{"of a kind that is newer than this page", `["cart_activity",{"cart_id":"c1","kind":"discounted","cart":{"name":"amber-fox-42","items":1,"total":{"amount":1400,"currency":"EUR"}}}]`,
			"amber-fox-42: discounted, 1 item, €14.00"},
		{"of such a kind, with a line", `["cart_activity",{"cart_id":"c1","kind":"line_split","line":{"name":"Blue mug"},"cart":{"items":1,"total":{"amount":1400,"currency":"EUR"}}}]`,
			"cart c1: line split Blue mug, 1 item, €14.00"},
		{"bare object", `["cart_activity",{"hello":1}]`, ""},
		{"bare string", `["cart_activity","hello"]`, ""},
		{"bare array", `["cart_activity",[1,2]]`, ""},
		{"gateway", `["gateway",{"connections":3}]`, "The gateway is serving 3 connections"},
		{"gateway, not as we know it", `["gateway","up"]`, ""},
		{"listening", `["listening",{"channel":"cart_activity"}]`, "Listening to cart_activity"},
		{"unlistening", `["unlistening",{"channel":"cart_activity"}]`, "No longer listening to cart_activity"},
		{"listening to nothing", `["listening",{}]`, ""},
		{"error", `["error",{"code":"unknown_channel","detail":"There is no such channel."}]`, "Refused: There is no such channel."},
		{"error without a word", `["error",{}]`, ""},
		{"listening from a cursor on", `["listening",{"channel":"cart_activity","cursor":"e.1.2.3"}]`, "Listening to cart_activity, to all after e.1.2.3"},
		{"recovered", `["listening",{"channel":"cart_activity","recovered":true,"cursor":"e.1.2.3"}]`, "Listening to cart_activity, recovered: all after e.1.2.3 follows"},
		{"not recovered", `["listening",{"channel":"cart_activity","recovered":false,"cursor":"e.1.2.3"}]`, "Listening to cart_activity, not recovered: what was missed can't be told any more"},
		{"pong", `["pong","x"]`, "The connection stands: the gateway answers “x”"},
		{"pong, not as we know it", `["pong",1]`, ""},
		{"gap of notifications", `["gap",{"channel":"stock","lost":"notifications"}]`, "Notifications on stock may be missing here: the gateway had lost the database for a while"},
		{"gap of activities", `["gap",{"channel":"cart_activity","lost":"activities"}]`, "Activities on cart_activity are missing here: the log was replaced or cut short"},
		{"gap, not as we know it", `["gap",{}]`, ""},
		{"coalesced", `["cart_activity",{"cart_id":"c1","kind":"line_removed","line":{"name":"Mug"},"cart":{"name":"amber-fox-42","items":0,"total":{"amount":0,"currency":"EUR"}}},{"cursor":"x","at":"2026-11-21T10:00:00Z","replaces":{"from":"w","count":3}}]`,
			"amber-fox-42: Mug removed, 0 items, €0.00; stands for 3 earlier ones"},
		{"another channel", `["stock",{"sku":"M"}]`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := shared.ParseMessage([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := sentence(m); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// FuzzSentence finds messages that make the page panic: anyone can NOTIFY.
func FuzzSentence(f *testing.F) {
	f.Add([]byte(`["cart_activity",{"cart_id":"c1","kind":"line_added"}]`))
	f.Add([]byte(`["gateway",null]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := shared.ParseMessage(text)
		if err != nil {
			return
		}
		sentence(m)
	})
}
