package ledger_test

import (
	"os"
	"strconv"
	"testing"

	"cartline/server/ledger"
)

// defaultKills is how often the server is killed in a run that is one of many tests.
const defaultKills = 6

// kills returns how often the server is to be killed: as the environment says, which
// "make soak" sets.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CARTLINE_SOAK_KILLS")
	if text == "" {
		return defaultKills
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CARTLINE_SOAK_KILLS is a number of kills, not %q", text)
	}
	return n
}

func TestNothingIsLost(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *ledger.Database{
		"SQLite": ledger.SQLite, "PostgreSQL": ledger.PostgreSQL,
	} {
		t.Run(name, func(t *testing.T) {
			report := ledger.Run(t, open(t), ledger.Options{Kills: kills(t), Progress: func(line string) { t.Log(line) }})
			t.Logf("%s:\n%s", name, report)
			if !report.Findings.None() {
				t.Errorf("%s", report.Findings)
			}
			if report.Delivered == 0 || report.Acknowledged == 0 || report.Reconnected == 0 {
				t.Error("nothing was tested")
			}
		})
	}
}

// The same over NATS, with two servers, of which one reads the log for both: what is
// killed is now the one and now the other, and NATS.
func TestNothingIsLostOverNATS(t *testing.T) {
	report := ledger.Run(t, ledger.PostgreSQL(t), ledger.Options{Kills: kills(t), NATS: true, Progress: func(line string) { t.Log(line) }})
	t.Logf("PostgreSQL and NATS:\n%s", report)
	if report.Streamed == 0 {
		t.Error("nothing came over NATS: everybody read the log instead")
	}
	if !report.Findings.None() {
		t.Errorf("%s", report.Findings)
	}
	if report.Delivered == 0 || report.Acknowledged == 0 || report.Reconnected == 0 {
		t.Error("nothing was tested")
	}
}
