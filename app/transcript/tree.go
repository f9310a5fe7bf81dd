package transcript

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync/atomic"
)

// Bounds of a tree.
const (
	maxTree     = 1 << 20 // bytes of what is shown as a tree
	maxChildren = 100     // of one node, until more are asked for
	maxDepth    = 64      // deeper values are shown as they were written
	maxValue    = 1000    // bytes of one string, number or key
	openLines   = 40      // lines up to which a tree is unfolded at first
)

// node is a value of some JSON: the bytes that it was written with, so that the order of
// keys and the digits of numbers are kept. What is in it is looked for only when it is
// to be shown, so that a large document costs no more than what is looked at.
type node struct {
	// id is unlike any other node's. It comes first, as go-app compares nodes deeply.
	id    int64
	key   string // as it was written, with its quotes; "" in arrays and at the root
	raw   []byte // without white space around it
	depth int

	open     bool
	members  int     // of an object or array
	children []*node // the first of them
	rest     int     // where in raw those begin that are not in children
}

// nodes counts all nodes of the program.
var nodes atomic.Int64

// newTree makes a tree of a JSON object or array, and nil of all else.
func newTree(data []byte) *node {
	raw := bytes.Trim(data, jsonSpace)
	if len(raw) == 0 || len(raw) > maxTree || raw[0] != '{' && raw[0] != '[' || !json.Valid(raw) {
		return nil
	}
	root := newNode("", raw, 0)
	root.unfold(openLines)
	return root
}

func newNode(key string, raw []byte, depth int) *node {
	n := &node{id: nodes.Add(1), key: key, raw: raw, depth: depth, rest: 1}
	if n.container() {
		for rest := n.rest; rest >= 0; n.members++ {
			if _, _, rest = n.member(rest); rest < 0 {
				break
			}
		}
	}
	return n
}

// container says whether the node is an object or array that can be looked into.
func (n *node) container() bool {
	return (n.raw[0] == '{' || n.raw[0] == '[') && n.depth < maxDepth
}

// unfold opens the node and those below, as long as together they take no more than so
// many lines; those above come first.
func (n *node) unfold(lines int) {
	level := []*node{n}
	for len(level) > 0 {
		var below []*node
		for _, at := range level {
			if at.members == 0 || at.lines() > lines && at != n {
				continue
			}
			lines -= at.lines()
			at.setOpen(true)
			below = append(below, at.children...)
		}
		level = below
	}
}

// lines is how many lines the children take, each on its own, and the closing bracket.
func (n *node) lines() int { return min(n.members, maxChildren) + 1 }

func (n *node) setOpen(open bool) {
	n.open = open
	if open && len(n.children) == 0 {
		n.more(maxChildren)
	}
}

// more takes so many more children.
func (n *node) more(count int) {
	for ; count > 0; count-- {
		key, value, rest := n.member(n.rest)
		if rest < 0 {
			return
		}
		n.children = append(n.children, newNode(string(key), value, n.depth+1))
		n.rest = rest
	}
}

const jsonSpace = " \t\r\n"

// member returns the first member from a place on, with the place behind it, which is -1
// if there is none.
func (n *node) member(at int) (key, value []byte, rest int) {
	at = skip(n.raw, at, jsonSpace+",")
	if c := n.raw[at]; c == ']' || c == '}' {
		return nil, nil, -1
	}
	if n.raw[0] == '{' {
		end := valueEnd(n.raw, at)
		key = n.raw[at:end]
		at = skip(n.raw, end, jsonSpace+":")
	}
	end := valueEnd(n.raw, at)
	return key, n.raw[at:end], end
}

// skip returns where something else than those characters begins.
func skip(raw []byte, at int, characters string) int {
	for at < len(raw) && strings.IndexByte(characters, raw[at]) >= 0 {
		at++
	}
	return at
}

// valueEnd returns where a value ends that begins at a place in valid JSON.
func valueEnd(raw []byte, at int) int {
	depth := 0
	for at < len(raw) {
		switch raw[at] {
		case '"':
			at = stringEnd(raw, at)
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		default:
			if depth == 0 {
				for at < len(raw) && strings.IndexByte(jsonSpace+",]}", raw[at]) < 0 {
					at++
				}
				return at
			}
		}
		at++
		if depth == 0 {
			return at
		}
	}
	return at
}

// stringEnd returns where the last quote of a string is.
func stringEnd(raw []byte, at int) int {
	for at++; at < len(raw) && raw[at] != '"'; at++ {
		if raw[at] == '\\' {
			at++
		}
	}
	return at
}
