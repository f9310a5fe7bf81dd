package part

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Upkeep is for pages with a shell of their own: it tells of a new version and sets
// up what each page needs once. A page has it exactly once.
func Upkeep() app.UI { return &notice{} }
