package transcript

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// written writes a tree with everything in it as JSON.
func written(n *node) string {
	if !n.container() {
		return string(n.raw)
	}
	n.setOpen(true)
	for len(n.children) < n.members {
		n.more(len(n.children))
	}
	var b strings.Builder
	for i, child := range n.children {
		if i > 0 {
			b.WriteByte(',')
		}
		if child.key != "" {
			b.WriteString(child.key + ":")
		}
		b.WriteString(written(child))
	}
	return n.brackets()[:1] + b.String() + n.brackets()[1:]
}

func TestTree(t *testing.T) {
	tests := []struct{ data, want string }{
		{``, ""},
		{`1`, ""},
		{`"text"`, ""},
		{`{"a":`, ""},
		{`[1] 2`, ""},
		{`[]`, "[]"},
		{" {\n} ", "{}"},
		{`[1, 2]`, "[1,2]"},
		{`{"b" : 1 , "a":[ true,null ], "b":"twice"}`, `{"b":1,"a":[true,null],"b":"twice"}`},
		{`[12345678901234567890123456789, 1.0, -1e400]`, `[12345678901234567890123456789,1.0,-1e400]`},
		{`["]", "\"}", "\\", "{"]`, `["]","\"}","\\","{"]`},
		{`[[[]],{},{"":{}}]`, `[[[]],{},{"":{}}]`},
		{"\t[\r\n1\n,\n2]\n", "[1,2]"},
	}
	for _, test := range tests {
		root := newTree([]byte(test.data))
		got := ""
		if root != nil {
			got = written(root)
		}
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.data, got, test.want)
		}
	}
}

// Any JSON comes out of the tree as it went in, but for white space.
func TestTreeProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := anything(t, 4)
		data, err := json.MarshalIndent([]any{value}, "", rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "indent"))
		if err != nil {
			t.Fatal(err)
		}
		root := newTree(data)
		if root == nil {
			t.Fatalf("%s is taken for no JSON", data)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, data); err != nil {
			t.Fatal(err)
		}
		if got := written(root); got != want.String() {
			t.Fatalf("got %s, want %s", got, want.String())
		}
	})
}

func anything(t *rapid.T, depth int) any {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 {
		kind %= 4
	}
	switch kind {
	case 0:
		return rapid.String().Draw(t, "text")
	case 1:
		return rapid.Float64Range(-1e20, 1e20).Draw(t, "number")
	case 2:
		return rapid.Bool().Draw(t, "truth")
	case 3:
		return nil
	case 4:
		list := make([]any, rapid.IntRange(0, 4).Draw(t, "length"))
		for i := range list {
			list[i] = anything(t, depth-1)
		}
		return list
	default:
		object := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "keys") {
			object[rapid.String().Draw(t, "key")] = anything(t, depth-1)
		}
		return object
	}
}

// A long array takes no more nodes than are shown.
func TestTreeShowsMore(t *testing.T) {
	root := newTree([]byte("[" + strings.Repeat("[0],", 99_999) + "[0]]"))
	if root.members != 100_000 || len(root.children) != maxChildren {
		t.Fatalf("%d members, %d children, want 100,000 and %d", root.members, len(root.children), maxChildren)
	}
	if got, want := root.moreWords(), "Show 100 more of 100,000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	root.more(len(root.children))
	if len(root.children) != 2*maxChildren {
		t.Errorf("%d children after more, want %d", len(root.children), 2*maxChildren)
	}
	for _, child := range root.children {
		if child.open {
			t.Fatal("a child of a long array is unfolded")
		}
	}
}

// A small tree is unfolded at first, a large one as far as there is room; what is deep is
// shown as it was written.
func TestTreeUnfolds(t *testing.T) {
	small := newTree([]byte(`{"a":{"b":{"c":[1,2,3]}}}`))
	for n := small; n.container(); n = n.children[0] {
		if !n.open {
			t.Fatalf("%s is folded", n.raw)
		}
	}
	large := newTree([]byte(`{"list":[` + strings.Repeat("1,", 200) + `1],"small":[1]}`))
	if !large.open || large.children[0].open || !large.children[1].open {
		t.Error("not the small one of two is unfolded")
	}
	n := newTree([]byte(strings.Repeat("[", 5000) + strings.Repeat("]", 5000)))
	depth := 0
	for n.container() {
		n.setOpen(true)
		n = n.children[0]
		depth++
	}
	if depth != maxDepth || len(n.raw) != 2*(5000-maxDepth) {
		t.Errorf("unfolded %d deep, and %d bytes are left", depth, len(n.raw))
	}
	if tree := newTree([]byte("[" + strings.Repeat(" ", maxTree) + "]")); tree != nil {
		t.Error("what is too large is taken for a tree")
	}
}

func TestNodesDiffer(t *testing.T) {
	a, b := newTree([]byte(`[1]`)), newTree([]byte(`[1]`))
	if fmt.Sprint(a.id) == fmt.Sprint(b.id) || a.children[0].id == a.id {
		t.Error("two nodes have one id")
	}
}
