//go:build unix

package sqlite

import (
	"fmt"
	"os"
	"syscall"
)

// fileID returns what tells a file from every other that exists: its device, and its
// number there. A file that is renamed on its device keeps both.
func fileID(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("no file number of %s", path)
	}
	return fmt.Sprintf("%x:%x", stat.Dev, stat.Ino), nil
}
