package testenv

import (
	"os/exec"
	"syscall"
)

// Command is a child process that can't outlive this one, for tests that treat a
// program worse than [StartServer] allows.
type Command struct{ proc *process }

// StartCommand starts a program.
func StartCommand(cmd *exec.Cmd) (*Command, error) {
	tieToParent(cmd, syscall.SIGKILL)
	proc, err := startProcess(cmd)
	if err != nil {
		return nil, err
	}
	return &Command{proc: proc}, nil
}

// Kill ends it at once (SIGKILL), and returns when it is gone. It does nothing if it
// has ended. It may be called from any goroutine.
func (c *Command) Kill() { c.proc.kill() }

// Terminate asks it to end (SIGTERM). It does nothing if it has ended. It may be called
// from any goroutine.
func (c *Command) Terminate() { _ = c.proc.cmd.Process.Signal(syscall.SIGTERM) }

// Ended is closed when the process has ended, however that came about.
func (c *Command) Ended() <-chan struct{} { return c.proc.done }
