package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"cartline/server/assist/assisttest"
	"cartline/server/sqlite/sqlitetest"
	"cartline/shared"
)

func TestAssistStore(t *testing.T) {
	assisttest.Run(t, func(t *testing.T) assisttest.Store { return sqlitetest.Open(t) })
}

// openSQL opens a file beside the store, as anybody with a shell could.
func openSQL(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Not even SQL changes what staff did.
func TestAuditRefusesUpdates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	s := openFile(t, path)
	if err := s.AppendAudit(t.Context(), shared.AuditEntry{At: at, Staff: "zoe", Outcome: shared.AuditDone}); err != nil {
		t.Fatal(err)
	}
	_, err := openSQL(t, path).ExecContext(t.Context(), `UPDATE audit SET staff = 'ann'`)
	if err == nil || !strings.Contains(err.Error(), "can't be changed") {
		t.Errorf("got %v, want it refused", err)
	}
	if entries, err := s.Audit(t.Context(), 0, 1); err != nil || len(entries) != 1 || entries[0].Staff != "zoe" {
		t.Errorf("got %+v, %v", entries, err)
	}
}
