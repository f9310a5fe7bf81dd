package testenv

import (
	"os"
	"os/exec"
)

var (
	FindPostgres = findPostgres
	FindChromium = findChromium
)

// StartSleeper starts a process that would outlive this one if nothing ended
// it, and that holds this one's standard output open as long as it lives.
func StartSleeper() error {
	cmd := exec.Command("sleep", "3600")
	cmd.Stdout = os.Stdout
	_, err := StartCommand(cmd)
	return err
}
