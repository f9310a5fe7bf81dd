package browser

import "testing"

func TestShopWithoutABrowser(t *testing.T) {
	for name, got := range map[string]string{
		"TemplateText": TemplateText("x"), "Path": Path(), "FocusedAttr": FocusedAttr("x"),
	} {
		if got != "" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	Go("/x")
	ShowModal("x")
	CloseModal("x")
	FocusByAttr("x", "y")
	HoldFocus("x")()
	OnReturn(func() { t.Error("OnReturn called back") })
	Tabs("x", func() { t.Error("Tabs called back") })()
}
