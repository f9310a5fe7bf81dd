package compose

import (
	"unicode/utf8"

	"cartline/app/part"
	"cartline/shared/lab"
	"cartline/shared/live"
)

// file is a file that was chosen to be sent.
type file struct {
	name   string
	data   []byte
	utf8   bool
	asText bool
}

// chose takes a file.
func (c *Composer) chose(name string, data []byte) {
	c.file = &file{name: name, data: data, utf8: utf8.Valid(data)}
	c.said = note{}
}

// sendFile sends the file that was chosen, which stays.
func (c *Composer) sendFile() {
	m := live.Message{Binary: !c.file.asText, Data: c.file.data}
	if err := c.put(m); err != nil {
		c.failed("Not sent. ", err)
		return
	}
	c.tell("Sent “" + c.file.name + "”, " + kind(m) + ", at " + part.Clock(c.now()) + ".")
	if len(m.Data) <= maxHistorySize {
		c.shelf.remember(written(m))
	}
}

// written is a message as somebody might have typed it.
func written(m live.Message) item {
	f := lab.Text
	if m.Binary {
		f = lab.Base64
	}
	return item{Format: f, Content: f.Show(m.Data)}
}
