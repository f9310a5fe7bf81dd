package catalogue

import (
	"fmt"
	"strings"
)

// maxMistakes is how many mistakes are told. Who has made more has likely made the
// same one over and over.
const maxMistakes = 20

// Mistake is one thing that is wrong with a file.
type Mistake struct {
	Line   int    // from 1; 0 if it is the file as a whole
	Column string // "" if it is the line as a whole
	Detail string // a sentence
}

// String says where it is and what.
func (m Mistake) String() string {
	switch {
	case m.Line == 0:
		return m.Detail
	case m.Column == "":
		return fmt.Sprintf("line %d: %s", m.Line, m.Detail)
	default:
		return fmt.Sprintf("line %d, %s: %s", m.Line, m.Column, m.Detail)
	}
}

// Mistakes is the error for a file that can't be used.
type Mistakes struct {
	List []Mistake // the first ones found, at most 20
	More int       // how many others there are
}

func (m *Mistakes) add(line int, column, detail string) {
	if len(m.List) == maxMistakes {
		m.More++
		return
	}
	m.List = append(m.List, Mistake{Line: line, Column: column, Detail: detail})
}

// Error tells the mistakes, one on each line.
func (m *Mistakes) Error() string {
	lines := make([]string, 0, len(m.List)+1)
	for _, mistake := range m.List {
		lines = append(lines, mistake.String())
	}
	if m.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", m.More))
	}
	return strings.Join(lines, "\n")
}
