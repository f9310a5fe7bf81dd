package h

import (
	"html"
	"strings"
	"testing"
	"unicode"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"pgregory.net/rapid"
)

// Whatever an attribute is made of, it ends where it should, and says what it was
// given; but go-app takes space off its ends.
func TestSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.TrimSpace(rapid.OneOf(
			rapid.String(), rapid.StringMatching(`["'<>&\\ a\x{a0}\x{200b}\x{85}]*`),
		).Draw(t, "text"))
		got := app.HTMLString(Div().Attr("data-x", Safe(text)))
		text = strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return ' '
			}
			return r
		}, text))
		if text == "" || text == "true" {
			return // of which go-app leaves out the value
		}
		inside, ok := strings.CutPrefix(got, `<div data-x="`)
		value, rest, found := strings.Cut(inside, `"`)
		if !ok || !found || rest != "></div>" || strings.ContainsAny(value, "<>") || strings.TrimSpace(html.UnescapeString(value)) != text {
			t.Fatalf("%q became %s", text, got)
		}
	})
}
