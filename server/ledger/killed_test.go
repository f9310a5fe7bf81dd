package ledger_test

import (
	"testing"

	"cartline/server/ledger"
)

// A hundred kills in the middle of writing cost nothing that was acknowledged.
func TestKilledWhileWriting(t *testing.T) {
	const times = 100
	report := ledger.KillWhileWriting(t, times)
	t.Logf("\n%s", report)
	if !report.Findings.None() || report.Acknowledged < times {
		t.Errorf("%d acknowledged\n%s", report.Acknowledged, report.Findings)
	}
}
