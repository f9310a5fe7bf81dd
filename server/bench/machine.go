package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// machine is where something was measured.
type machine struct {
	Cores  int    `json:"cores"`
	CPU    string `json:"cpu"`
	Memory int64  `json:"memory"` // bytes
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
}

// thisMachine describes this one. What it doesn't tell stays empty.
func thisMachine() machine {
	m := machine{Cores: runtime.NumCPU(), Go: runtime.Version()}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m.CPU = field(string(text), "model name")
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		kib, _ := strconv.ParseInt(strings.TrimSuffix(field(string(text), "MemTotal"), " kB"), 10, 64)
		m.Memory = kib << 10
	}
	if text, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.Kernel = strings.TrimSpace(string(text))
	}
	return m
}

func (m machine) String() string {
	return fmt.Sprintf("%d cores of %s, %.0f GiB, Linux %s, %s", m.Cores, m.CPU, float64(m.Memory)/(1<<30), m.Kernel, m.Go)
}

// field returns the value of the first line "NAME : VALUE".
func field(text, name string) string {
	for line := range strings.Lines(text) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// tick is the unit of times in /proc/PID/stat: USER_HZ, which is 100 on all that Go runs
// on. The kernel knows them better, and only rounds them to it.
const tick = 10 * time.Millisecond

// cpuTime returns what a process has taken of the processors so far.
func cpuTime(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	return parseStat(text)
}

// parseStat reads the user's and the system's time. The second field is the program's
// name in parentheses, in which anything can be.
func parseStat(text []byte) (time.Duration, error) {
	_, after, found := cutLast(text, ')')
	fields := strings.Fields(string(after)) // of which the first is the third of all
	if !found || len(fields) < 13 {
		return 0, fmt.Errorf("not a line of /proc/PID/stat: %.200q", text)
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * tick, nil
}

func cutLast(text []byte, sep byte) (before, after []byte, found bool) {
	i := bytes.LastIndexByte(text, sep)
	if i < 0 {
		return text, nil, false
	}
	return text[:i], text[i+1:], true
}

// resident returns how many bytes of a process are in memory.
func resident(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	return parseResident(string(text))
}

func parseResident(status string) (int64, error) {
	kib, err := strconv.ParseInt(strings.TrimSuffix(field(status, "VmRSS"), " kB"), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("no VmRSS in /proc/PID/status: %w", err)
	}
	return kib << 10, nil
}
