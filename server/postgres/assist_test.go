package postgres_test

import (
	"strings"
	"testing"
	"time"

	"cartline/server/assist/assisttest"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

func TestAssistStore(t *testing.T) {
	assisttest.Run(t, func(t *testing.T) assisttest.Store { return open(t, testenv.Postgres(t)) })
}

// Not even SQL changes what staff did.
func TestAuditRefusesUpdates(t *testing.T) {
	dsn := testenv.Postgres(t)
	s := open(t, dsn)
	if err := s.AppendAudit(t.Context(), shared.AuditEntry{At: time.Now(), Staff: "zoe", Outcome: shared.AuditDone}); err != nil {
		t.Fatal(err)
	}
	_, err := connect(t, dsn).Exec(t.Context(), `UPDATE audit SET staff = 'ann'`)
	if err == nil || !strings.Contains(err.Error(), "can't be changed") {
		t.Errorf("got %v, want it refused", err)
	}
	if entries, err := s.Audit(t.Context(), 0, 1); err != nil || len(entries) != 1 || entries[0].Staff != "zoe" {
		t.Errorf("got %+v, %v", entries, err)
	}
}
