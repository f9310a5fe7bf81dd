package ledger_test

import (
	"testing"
	"time"

	"cartline/server/ledger"
)

// What these runs find shows that TestNothingIsLost could find it. The program is the
// one that ships; the database makes it do what a program would that was written with
// less care.
func TestWhatIsBrokenIsFound(t *testing.T) {
	tests := []struct {
		name     string
		sabotage string
		found    func(ledger.Counts) int
	}{
		{
			name: "a log that is read in the order of its numbers",
			// For whoever looks, there is no transaction to go by.
			sabotage: `
				DO $$ BEGIN EXECUTE (
					SELECT 'CREATE VIEW broken.activity AS SELECT ''1''::xid8 AS tx, ' || string_agg(column_name, ', ') || ' FROM public.activity'
					FROM information_schema.columns
					WHERE table_schema = 'public' AND table_name = 'activity' AND column_name <> 'tx'
				); END $$;`,
			found: func(c ledger.Counts) int { return c.Lost },
		},
		{
			name: "a log without a watermark",
			sabotage: `
				CREATE FUNCTION broken.pg_snapshot_xmin(pg_snapshot) RETURNS xid8 LANGUAGE sql STABLE AS $$
					SELECT '18446744073709551615'::xid8
				$$;`,
			found: func(c ledger.Counts) int { return c.Lost },
		},
		{
			name: "writers who write something before they lock their cart",
			sabotage: `
				CREATE FUNCTION broken.pg_advisory_xact_lock(integer, integer) RETURNS void LANGUAGE plpgsql AS $$
				BEGIN
					PERFORM pg_current_xact_id();
					PERFORM pg_sleep(random() * 0.2);
					PERFORM pg_catalog.pg_advisory_xact_lock($1, $2);
				END $$;`,
			found: func(c ledger.Counts) int { return c.Unsequenced },
		},
	}
	t.Run("nothing", func(t *testing.T) {
		t.Parallel()
		if report := ledger.Run(t, ledger.Sabotaged(t, ""), ledger.Options{Takes: 2 * time.Second}); !report.Findings.None() {
			t.Errorf("%s", report.Findings)
		}
	})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			// It depends on chance, and on a busy machine few are at the same cart at once.
			for range 20 {
				report := ledger.Run(t, ledger.Sabotaged(t, test.sabotage), ledger.Options{Takes: 2 * time.Second, Patience: time.Second})
				if test.found(report.Findings.Counts) > 0 {
					t.Logf("%+v\n%s", report.Findings.Counts, report.Findings)
					return
				}
			}
			t.Error("nothing was found")
		})
	}
}

// Nor would it go unnoticed if nothing were told again to those who come back.
func TestForgettingIsFound(t *testing.T) {
	t.Parallel()
	// Where a busy machine leaves all who listen behind, nothing is lost yet.
	for range 5 {
		report := ledger.Run(t, ledger.SQLite(t), ledger.Options{Kills: 3, Forget: true, Patience: time.Second})
		t.Logf("%+v\n%s", report.Findings.Counts, report.Findings)
		if report.Findings.Lost > 0 {
			return
		}
	}
	t.Error("nothing was found")
}
