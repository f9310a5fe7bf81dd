package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a child process that is waited for from the start, so that its
// end is always noticed and never leaves a zombie.
type process struct {
	cmd *exec.Cmd
	// done closes when the process has ended; err may be read after that.
	done chan struct{}
	err  error
}

// startProcess starts cmd so that it cannot outlive this process.
func startProcess(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel sends the parent death signal when the *thread* that
		// started the child ends, so this one is kept until the child is
		// gone (prctl(2), PR_SET_PDEATHSIG).
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// ended reports whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// stop sends the signal, waits for the end, and returns how the process ended.
// After the timeout it kills the process and says so.
func (p *process) stop(sig os.Signal, timeout time.Duration) error {
	// It may have ended by itself; how it did is told below.
	if err := p.cmd.Process.Signal(sig); err != nil && !p.ended() {
		<-p.done
		return p.err
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-p.done:
		return p.err
	case <-timer.C:
		p.kill()
		return fmt.Errorf("%s did not end within %v of signal %v", p.cmd.Path, timeout, sig)
	}
}

// kill ends the process without asking and waits until it is gone.
func (p *process) kill() {
	// The only error is that it has ended already.
	_ = p.cmd.Process.Kill()
	<-p.done
}
