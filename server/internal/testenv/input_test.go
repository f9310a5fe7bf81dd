package testenv_test

import (
	"os"
	"path/filepath"
	"testing"

	"cartline/server/internal/testenv"
)

func TestTabInput(t *testing.T) {
	t.Parallel()
	tab := testenv.Browser(t, testenv.BrowserOptions{})
	tab.Navigate(page(t, `
		<input id=file type=file aria-label=File>
		<textarea id=text aria-label=Text></textarea>
		<p id=told></p>
		<script>
			const [file, text, told] = ["file", "text", "told"].map((id) => document.getElementById(id))
			file.onchange = async () => { told.textContent = file.files[0].name + ": " + await file.files[0].text() }
			text.onkeydown = (e) => { told.textContent = [e.ctrlKey, e.altKey, e.key].join(" ") }
		</script>`))
	path := filepath.Join(t.TempDir(), "note.txt")
	if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	tab.ChooseFile("#file", path)
	tab.WaitText("#told", "note.txt: hello")

	tab.Fill("#text", "old")
	tab.WaitText("#told", "false false d")
	tab.PressWith(testenv.Ctrl, '\r')
	tab.WaitText("#told", "true false Enter")
	tab.PressWith(testenv.Ctrl, 'z')
	tab.WaitText("#told", "true false z")
	tab.WaitFunc(`!document.getElementById("text").value.includes("z")`)
}
