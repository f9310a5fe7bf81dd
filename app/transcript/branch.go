package transcript

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"cartline/app/h"
	"cartline/app/part"
)

// branch draws a node of a tree. It is a component, so that folding one draws no other.
type branch struct {
	app.Compo

	Node *node
	Last bool // no comma follows
}

func newBranch(n *node, last bool) *branch { return &branch{Node: n, Last: last} }

// Render draws the node: a value on one line, or what is in it below.
func (b *branch) Render() (ui app.UI) {
	defer part.GuardRender(&ui)
	n := b.Node
	comma := ","
	if b.Last {
		comma = ""
	}
	if !n.container() || n.members == 0 {
		return h.HTML(`<div class="node">{}{}<span class={}>{}</span>{}</div>`,
			b.renderKey(), b.colon(), n.class(), n.literal(), comma)
	}
	if !n.open {
		return h.HTML(`<div class="node">
			<button class="node-fold" type="button" aria-expanded="false" aria-label={} onclick={}>▸</button>{}{}<span class="bracket">{}</span> <span class="muted">{}</span>{}
		</div>`,
			h.Safe("Unfold "+n.name()), b.onFold, b.renderKey(), b.colon(), n.brackets()[:1]+"…"+n.brackets()[1:], n.countWords(), comma)
	}
	children := make([]app.UI, len(n.children))
	for i, child := range n.children {
		children[i] = newBranch(child, i == n.members-1)
	}
	return h.HTML(`<div class="node">
		<button class="node-fold" type="button" aria-expanded="true" aria-label={} onclick={}>▾</button>{}{}<span class="bracket">{}</span>
		<div class="children">{}</div>
		{}
		<span class="bracket">{}</span>{}
	</div>`,
		h.Safe("Fold "+n.name()), b.onFold, b.renderKey(), b.colon(), n.brackets()[:1],
		children,
		when(len(n.children) < n.members, func() app.UI {
			return h.HTML(`<div class="children"><button class="button small" type="button" onclick={}>{}</button></div>`, b.onMore, n.moreWords())
		}),
		n.brackets()[1:], comma)
}

func (b *branch) renderKey() app.UI {
	if b.Node.key == "" {
		return gone()
	}
	return h.HTML(`<span class="j-key">{}</span>`, clipped([]byte(b.Node.key), maxValue))
}

func (b *branch) colon() string {
	if b.Node.key == "" {
		return ""
	}
	return ": "
}

func (b *branch) onFold(app.Context, app.Event) {
	defer part.Guard()
	b.Node.setOpen(!b.Node.open)
}

func (b *branch) onMore(app.Context, app.Event) {
	defer part.Guard()
	b.Node.more(len(b.Node.children))
}

// class names the kind of a value.
func (n *node) class() string {
	switch n.raw[0] {
	case '"':
		return "j-string"
	case 't', 'f':
		return "j-bool"
	case 'n':
		return "j-null"
	case '{', '[':
		return "bracket"
	default:
		return "j-number"
	}
}

// literal is the value as it was written, or the beginning of a long one.
func (n *node) literal() string {
	if n.container() {
		return n.brackets()
	}
	text := clipped(n.raw, maxValue)
	if left := len(n.raw) - maxValue; left > 0 {
		text += " (" + part.Size(left) + " more: see Text)"
	}
	return text
}

func (n *node) brackets() string {
	if n.raw[0] == '{' {
		return "{}"
	}
	return "[]"
}

func (n *node) countWords() string {
	if n.raw[0] == '{' {
		return part.Count(n.members, "key", "keys")
	}
	return part.Count(n.members, "item", "items")
}

// name tells which node it is to those who don't see where it stands.
func (n *node) name() string {
	if n.key == "" {
		return n.countWords()
	}
	return clipped([]byte(n.key), 40) + ", " + n.countWords()
}

func (n *node) moreWords() string {
	return "Show " + part.Number(min(len(n.children), n.members-len(n.children))) + " more of " + part.Number(n.members)
}
