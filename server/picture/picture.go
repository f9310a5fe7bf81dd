// Package picture draws products: one flat, calm picture in SVG for each, so that a
// shop without photographs has something to show.
//
// A picture is made of its product only, and always the same. What is drawn follows
// from the words of the name, or else from the category; the colours from words like
// "blue" and "oak", or else from the SKU. There is no text in a picture but its
// title, no script, and nothing that it loads from elsewhere.
//
// Start with SVG; motifs.go says which words stand for which drawing, and how a
// drawing is written.
package picture

import (
	"hash/fnv"
	"html"
	"strings"

	"cartline/shared"
)

// The size of every picture, in the unit of its viewBox.
const (
	Width  = 400
	Height = 300
)

// SVG draws a product. The result is UTF-8 and at most a few kilobytes long. It may
// be called concurrently.
func SVG(p shared.Product) []byte {
	seed := seedOf(p.SKU)
	m := motifOf(p.Name, p.Category, seed)
	colours := paletteOf(p.Name, seed)
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300" role="img">`)
	b.WriteString(`<title>` + html.EscapeString(legible(p.Name)) + `</title>`)
	b.WriteString(colours.paint(backdrop(m, seed) + m.drawing))
	b.WriteString(`</svg>`)
	return []byte(b.String())
}

// legible leaves out what no XML document may have (XML 1.0, section 2.2).
func legible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '\ufffe' || r == '\uffff' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// backdrop is the wall behind a thing and, for what stands, the table under it.
func backdrop(m motif, seed uint32) string {
	wall := `<path fill="B" d="M0 0h400v300H0z"/>`
	// A shape behind the thing keeps it in the middle of the eye.
	switch seed / 16 % 3 {
	case 0:
		wall += `<circle cx="200" cy="142" r="112" fill="F"/>`
	case 1:
		wall += `<path fill="F" d="M96 300V134a104 104 0 0 1 208 0v166z"/>`
	default:
		wall += `<path fill="F" d="M0 190C70 120 150 210 230 150S350 90 400 120v180H0z"/>`
	}
	if m.hung {
		return wall
	}
	return wall + `<path fill="V" d="M0 226h400v74H0z"/>`
}

func seedOf(text string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // which can't fail
	// FNV mixes the last byte little into the high bits.
	sum := h.Sum32()
	return sum ^ sum>>15
}
