package browser

// ShowModal opens a dialog element, which keeps the keyboard until it is closed.
func ShowModal(id string) {
	if element := find(id); element != nil && !element.Get("open").Bool() {
		element.Call("showModal")
	}
}

// CloseModal closes a dialog element. The keyboard goes back to where it was.
func CloseModal(id string) {
	if element := find(id); element != nil && element.Get("open").Bool() {
		element.Call("close")
	}
}
