package status

import (
	"fmt"
	"strings"
	"testing"

	"cartline/app/feed"
	"cartline/shared"
)

func add(f *history, kind string, texts ...string) {
	for _, text := range texts {
		f.add([]item{{kind: kind, text: text}}, 0)
	}
}

func show(f *history) string {
	var texts []string
	for _, i := range f.items() {
		texts = append(texts, fmt.Sprintf("%d:%s", i.id, i.text))
	}
	return strings.Join(texts, " ")
}

func TestFeed(t *testing.T) {
	f := newHistory()
	steps := []struct {
		do      func()
		want    string
		waiting int
	}{
		{func() { add(f, shared.ChannelCartActivity, "a", "b") }, "1:a 2:b", 0},
		{func() { add(f, shared.ChannelGateway, "hidden") }, "1:a 2:b", 0},
		{func() { f.gateway = true; add(f, shared.ChannelGateway, "g") }, "1:a 2:b 3:g", 0},
		{func() { f.gateway = false; add(f, shared.ChannelGateway, "hidden") }, "1:a 2:b 3:g", 0},
		{func() { f.pause() }, "1:a 2:b 3:g", 0},
		{func() { add(f, shared.ChannelCartActivity, "c", "d") }, "1:a 2:b 3:g", 2},
		{func() { add(f, shared.ChannelGateway, "hidden") }, "1:a 2:b 3:g", 2},
		{func() { f.resume() }, "1:a 2:b 3:g 4:c 5:d", 0},
		{func() { f.pause(); f.clear() }, "", 0},
		{func() { add(f, "", "e") }, "", 1},
		{func() { f.resume() }, "6:e", 0},
		{func() { f.clear() }, "", 0},
	}
	for i, step := range steps {
		step.do()
		if got := show(f); got != step.want {
			t.Fatalf("step %d: got %q, want %q", i, got, step.want)
		}
		if f.waiting != step.waiting {
			t.Fatalf("step %d: %d waiting, want %d", i, f.waiting, step.waiting)
		}
	}
}

func TestFeedIsBounded(t *testing.T) {
	f := newHistory()
	for i := range 3 * maxItems {
		add(f, "", fmt.Sprint(i))
	}
	f.add(nil, 4)
	if got := len(f.items()); got > maxItems {
		t.Errorf("got %d items, want at most %d", got, maxItems)
	}
	if got, want := len(f.items())+f.roll.Dropped(), 3*maxItems+4; got != want {
		t.Errorf("kept and dropped are %d, want %d", got, want)
	}
	f.pause()
	first := f.items()[0].id
	for i := range 3 * maxItems {
		add(f, "", fmt.Sprint(i))
	}
	if got := f.items()[0].id; got != first {
		t.Errorf("a paused feed moved from item %d to %d", first, got)
	}
}

func TestFeedToggle(t *testing.T) {
	f := newHistory()
	add(f, "", "a", "b")
	f.toggle(2)
	if f.items()[0].open || !f.items()[1].open {
		t.Error("toggle(2) did not unfold the second item alone")
	}
	f.pause()
	f.toggle(2)
	if f.items()[1].open {
		t.Error("toggle(2) did not fold again while paused")
	}
	f.resume()
	if f.items()[1].open {
		t.Error("what was folded while paused is unfolded again")
	}
}

func TestItems(t *testing.T) {
	text := `["cart_activity",{"hello":1}]`
	m, err := shared.ParseMessage([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := arrivalItem(feed.Arrival{Message: m, Text: text}); got.text != text || got.left != 0 || got.kind != shared.ChannelCartActivity {
		t.Errorf("got %+v, want the exact text", got)
	}
	long := strings.Repeat("x", maxItemKept+10)
	if got := arrivalItem(feed.Arrival{Message: m, Text: long}); len(got.text) != maxItemKept || got.left != 10 {
		t.Errorf("kept %d and left %d bytes of %d", len(got.text), got.left, len(long))
	}
	if got := arrivalItem(feed.Arrival{Text: "hi", Sent: true}); got.text != "hi" || got.origin != fromHere {
		t.Errorf("got %+v", got)
	}
}
