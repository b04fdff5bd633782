package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

// boundAddresses is what stops one allocation of gigabytes; smaller ones the watch sees in time, and
// can say which template made them.
func boundAddresses(memory uint64) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for _, one := range strings.Split(string(status), "\n") {
		var size uint64
		if _, err := fmt.Sscanf(one, "VmSize: %d kB", &size); err == nil {
			wanted := size<<10 + 3*memory
			syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: wanted, Max: wanted})
		}
	}
}
