package desk

// spare is how many rows are drawn above and below what is in view, so that
// scrolling doesn't show the ground.
const spare = 12

// window returns which of n rows of a height are to be drawn, when a frame of a
// height is scrolled down by top, all in pixels. What isn't known yet is 0.
func window(top, frame, row, n int) (first, last int) {
	if row <= 0 {
		row = 44
	}
	if frame <= 0 {
		frame = 800
	}
	first = min(max(0, top/row-spare), n)
	// Steps of a few rows, as each other window is a drawing.
	first -= first % 4
	last = min(n, first+frame/row+2*spare+4)
	return first, last
}

// within returns how far a frame is to be scrolled so that a row is in view.
func within(top, frame, row, index int) int {
	switch upper := index * row; {
	case upper < top:
		return upper
	case upper+row > top+frame:
		return upper + row - frame
	default:
		return top
	}
}
