package compose

// save keeps what is in the editor under the name in its field, and says whether it did.
func (c *Composer) save() bool {
	replaced, err := c.shelf.save(item{Name: c.name, Format: c.draft.format, Content: c.draft.text})
	switch name := cleanName(c.name); {
	case err != nil:
		c.failed("Not saved. ", err)
		return false
	case replaced:
		c.tell("Saved as “" + name + "”, in place of what was saved so before.")
	default:
		c.tell("Saved as “" + name + "”.")
	}
	c.name = ""
	return true
}

// load puts a message into the editor.
func (c *Composer) load(m item) {
	before := c.draft
	c.draft = draft{format: m.Format, text: m.Content}
	if m.Name != "" {
		c.name = m.Name // to be saved again after a change
	}
	c.said = note{text: "Loaded."}
	if !editable([]byte(m.Content)) {
		c.said.text = "Loaded, but an editor makes its carriage returns line feeds. Its own Send sends it as it was."
	}
	if before.text != "" && before.text != m.Content {
		c.said.undo = func() { c.draft = before }
	}
}

// remove deletes a saved message.
func (c *Composer) remove(name string) {
	was, ok, err := c.shelf.remove(name)
	if err != nil {
		c.failed("", err)
		return
	}
	c.tell("Deleted “" + name + "”.")
	if ok {
		c.said.undo = func() {
			if _, err := c.shelf.save(was); err != nil {
				c.failed("Not saved again. ", err)
			}
		}
	}
}

// rename ends the renaming of a saved message, and says whether it worked.
func (c *Composer) rename(to string) bool {
	if err := c.shelf.rename(c.renaming, to); err != nil {
		c.failed("Not renamed. ", err)
		return false
	}
	c.tell("Renamed to “" + cleanName(to) + "”.")
	c.renaming = ""
	return true
}

// forget empties the history.
func (c *Composer) forget() {
	was := c.shelf.forget()
	c.said = note{text: "The history is empty.", undo: func() { c.shelf.recover(was) }}
}
