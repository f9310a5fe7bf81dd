package part

import (
	_ "embed"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// mark is the product's sign without a ground, drawn in the colour of the text
// around it. The icons under web/static are the same sign on a ground.
//
//go:embed mark.svg
var mark string

// Mark draws the product's sign. It is hidden from screen readers, as its name
// always stands next to it.
func Mark() app.UI { return app.Raw(mark) }
