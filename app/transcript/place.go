package transcript

// place is what is in view of the list, as the browser last told, in pixels. The zero
// place is at the list's end, and stays there when the list grows.
type place struct {
	top, frame, row int
	// seen is where the list was when the browser was last asked, or nowhere.
	seen int
	// away says that the visitor has scrolled up to read, so that the list stays where it
	// is; news, that something came below meanwhile.
	away, news bool

	// gone and end are of the log, as of the last drawing: how many rows have gone from
	// its top, and how many there have been in all.
	gone, end int
}

// nowhere is where a list is that isn't there.
const nowhere = -1

// What is supposed as long as the browser hasn't told.
const (
	usualRow   = 28
	usualFrame = 640
)

// spare is how many rows are drawn above and below those in view.
const spare = 8

// endSlack is how many pixels from its end a list still counts as being read at the
// end, for whoever scrolls down.
const endSlack = 32

// scrolled takes where the browser says that the list is; below is what there is below
// of what is in view.
func (p *place) scrolled(top, below int) {
	switch {
	case top < p.top && below > 1:
		p.away = true
	case top > p.top && below <= endSlack:
		p.away, p.news = false, false
	}
	p.top, p.seen = top, top
}

// caught takes what the visitor has scrolled since the browser was last asked. It tells
// of that in its next frame only, and until then a busy log is drawn, and would be put
// back to where it was.
func (p *place) caught(top, below int) {
	if p.seen == nowhere || top == p.seen || below <= 1 {
		return // or what was shown has become less, and has moved up by itself
	}
	if p.away {
		p.top = max(0, p.top+top-p.seen)
	} else if top < p.seen {
		p.away, p.top = true, top
	}
}

// measured takes how high the list and its rows are, and says whether that is new. Where
// rows have become higher or lower, as on a phone that is turned, what is read stays in
// view.
func (p *place) measured(frame, row int) (changed bool) {
	changed = p.frame != frame || p.row != row
	if p.row > 0 && p.row != row {
		p.top = p.top * row / p.row
	}
	p.frame, p.row = frame, row
	return changed
}

// grow takes what has become of the log: n rows are shown, and so many have gone from
// the top in all. What is read stays in view.
func (p *place) grow(n, gone int) {
	if p.away {
		p.top = max(0, p.top-(gone-p.gone)*p.height())
		p.news = p.news || n+gone > p.end
	}
	p.gone, p.end = gone, n+gone
}

func (p *place) height() int {
	if p.row > 0 {
		return p.row
	}
	return usualRow
}

func (p *place) size() int {
	if p.frame > 0 {
		return p.frame
	}
	return usualFrame
}

// follow goes to the end of n rows, if that is where the list is to be.
func (p *place) follow(n int) {
	end := max(0, n*p.height()-p.size())
	if !p.away || p.top > end {
		p.top = end
	}
}

// window returns which of n rows are to be drawn.
func (p *place) window(n int) (first, last int) {
	row := p.height()
	first = min(max(0, p.top/row-spare), n)
	// Steps of a few rows, as each other window is a drawing.
	first -= first % 4
	last = min(n, first+p.size()/row+2*spare+4)
	return first, last
}

// reveal scrolls no further than it takes to have a row in view.
func (p *place) reveal(i, n int) {
	row, frame := p.height(), p.size()
	upper := i * row
	switch {
	case upper < p.top:
		p.top = upper
	case upper+row > p.top+frame:
		p.top = upper + row - frame
	}
	p.away = i < n-1
	p.news = p.news && p.away
}
