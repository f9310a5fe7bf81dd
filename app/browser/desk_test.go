package browser

import "testing"

func TestDeskWithoutABrowser(t *testing.T) {
	if top, height, row := Frame("x"); top != 0 || height != 0 || row != 0 {
		t.Errorf("Frame: got %d, %d, %d", top, height, row)
	}
	ReplaceAddress("/x")
	ScrollDown("x", 1)
	Blur("x")
	ShowModal("x")
	CloseModal("x")
}
