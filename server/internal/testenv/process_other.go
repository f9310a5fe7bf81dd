//go:build !linux

package testenv

import (
	"os/exec"
	"syscall"
)

// tieToParent does nothing: only Linux has a parent death signal. Elsewhere a
// test process that is killed leaves its children behind.
func tieToParent(*exec.Cmd, syscall.Signal) {}
