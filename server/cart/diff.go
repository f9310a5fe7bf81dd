package cart

import "cartline/shared"

// DiffLines tells a store which lines to write so that those before become those
// after, and of which products to delete the line.
func DiffLines(before, after []shared.Line) (added, changed []shared.Line, removed []string) {
	old := make(map[string]shared.Line, len(before))
	for _, line := range before {
		old[line.SKU] = line
	}
	for _, line := range after {
		switch was, existed := old[line.SKU]; {
		case !existed:
			added = append(added, line)
		case was != line:
			changed = append(changed, line)
		}
		delete(old, line.SKU)
	}
	for sku := range old {
		removed = append(removed, sku)
	}
	return added, changed, removed
}
