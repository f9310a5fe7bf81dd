package testenv

import (
	"os/exec"
	"syscall"
)

// tieToParent asks the kernel to send sig to the child when this process ends,
// however it ends. Only [startProcess] may start such a command.
func tieToParent(cmd *exec.Cmd, sig syscall.Signal) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = sig
}
