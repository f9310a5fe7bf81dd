package testenv_test

import (
	"testing"
	"time"

	"cartline/server/internal/testenv"
)

func TestLog(t *testing.T) {
	log := testenv.NewLog()
	logger := log.Logger().With("session", "ann-1")
	go logger.Debug("opened", "after", time.Second)
	log.Wait(t, "opened", 1)
	logger.Info("closed", "code", 1000)
	logger.Info("opened", "note", "two\nlines")

	got := log.Records("opened")
	if len(got) != 2 || got[0]["session"] != "ann-1" || got[0]["after"] != float64(time.Second) || got[1]["note"] != "two\nlines" {
		t.Errorf("got %v, want both records, with all that they say, in order", got)
	}
	if got := log.Records("never"); len(got) != 0 {
		t.Errorf("got %v, want nothing", got)
	}
}
