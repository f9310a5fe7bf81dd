package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cartline/server/internal/testenv"
	"cartline/shared/lab"
)

// What is in the log is saved as a file, can be read back after the page was loaded
// anew, and be sent again.
func TestLabRecording(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := openLab(t, g, "recording")
	if !tab.Disabled("#export") || !tab.Disabled("#replay") {
		t.Error("there is something to export or replay before the first message")
	}
	connectTo(tab, "ws://"+g.host()+"/echo")
	for _, text := range []string{`first "one" <b>`, "second ☕"} {
		say(tab, text)
		tab.WaitText("#message", "Server Says: "+text)
	}
	tab.WaitContains("#recorded", "Recorded so far: 2 sent, 3 received.")

	saved := t.TempDir()
	tab.SaveDownloads(saved)
	tab.Click("#export")
	tab.WaitContains("#recording", "Saved 6 lines as cartline-connection-1-")
	var text []byte
	testenv.Eventually(t, commandTimeout, "the file", func() bool {
		found, err := filepath.Glob(filepath.Join(saved, "*.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			return false
		}
		if name := filepath.Base(found[0]); !regexp.MustCompile(`^cartline-connection-1-\d{8}-\d{6}\.jsonl$`).MatchString(name) {
			t.Errorf("the file is named %q", name)
		}
		text, err = os.ReadFile(found[0])
		return err == nil
	})
	entries, err := lab.DecodeRecording(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var got []string
	for _, e := range entries {
		if e.Connection != "Connection 1" || time.Since(e.At).Abs() > time.Hour {
			t.Errorf("got %+v", e)
		}
		got = append(got, fmt.Sprintf("%s %s%s", e.Way, e.URL, e.Data))
	}
	want := []string{"opened ws://" + g.host() + "/echo", "received Echo Initiated", `sent first "one" <b>`, `received first "one" <b>`, "sent second ☕", "received second ☕"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the recording is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	tab.Navigate(g.BaseURL + "/")
	waitEnabled(tab, "open")
	unfold(tab, "recording")
	path := filepath.Join(t.TempDir(), "of-yesterday.jsonl")
	write := func(text []byte) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(append(slices.Clone(text), "nonsense\n"...))
	tab.ChooseFile("#import", path)
	tab.WaitContains("#recording", "Nothing was imported from of-yesterday.jsonl. Line 7 of the recording can't be read")
	write(text)
	tab.ChooseFile("#import", path)
	tab.WaitContains("#log", "Imported 5 messages from of-yesterday.jsonl")
	tab.WaitContains("#log", "second ☕")
	tab.WaitContains("#script", "Sends again what was sent in of-yesterday.jsonl: 2 messages.")
	if !tab.Disabled("#replay") {
		t.Error("it can be sent without a connection")
	}

	connectTo(tab, "ws://"+g.host()+"/echo")
	tab.Click(`#recording [aria-label="How fast"] .segment:last-child`)
	tab.Click("#replay")
	tab.WaitText("#replayed", "All 2 sent.")
	tab.WaitText("#message", "Server Says: second ☕")
	if got, want := strings.Join(received(tab), "|"), `Echo Initiated|first "one" <b>|second ☕`; got != want {
		t.Errorf("what came back is %q, want %q", got, want)
	}
	// What the replay has sent is in the log, and not to be sent twice the next time.
	say(tab, "of today")
	tab.Click(`#recording [aria-label="What to send"] .segment:last-child`)
	tab.WaitContains("#script", "Sends again what was sent in this log: 1 message.")
}

// A replay keeps the pauses, can be stopped, and ends with the connection.
func TestLabReplayEnds(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	tab := openLab(t, g, "recording")
	var text []byte
	at := time.Now()
	for i, after := range []time.Duration{0, 200 * time.Millisecond, time.Hour} {
		text = lab.AppendLine(text, lab.Entry{At: at.Add(after), Way: lab.Sent, Data: fmt.Append(nil, "message ", i)})
	}
	path := filepath.Join(t.TempDir(), "slow.jsonl")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	tab.ChooseFile("#import", path)
	connectTo(tab, "ws://"+g.host()+"/echo")
	tab.WaitContains("#script", "3 messages.")
	tab.Click("#replay")
	tab.WaitText("#message", "Server Says: message 1")
	tab.WaitContains("#recording", "2 of 3 sent.")
	tab.WaitText("#replay", "Stop")
	tab.Click("#replay")
	tab.WaitText("#replayed", "Stopped after 2 of 3.")
	tab.WaitText("#replay", "Replay")
	tab.Click("#replay")
	tab.WaitContains("#recording", "2 of 3 sent.")
	tab.Click("#close")
	tab.WaitText("#replayed", "The connection ended after 2 of 3.")
}
