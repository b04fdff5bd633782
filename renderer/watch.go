package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// limits are what one request may take.
type limits struct {
	seconds float64
	memory  uint64
	output  int
}

// watch ends the process, with an answer, when a request goes over its limits: neither a template
// nor a patch can be interrupted from outside.
type watch struct {
	lock    sync.Mutex
	done    bool
	release chan struct{}
}

var (
	temporaryLock sync.Mutex
	temporary     []string
)

// removeLater has a folder removed when the watch ends the process.
func removeLater(folder string) {
	temporaryLock.Lock()
	defer temporaryLock.Unlock()
	temporary = append(temporary, folder)
}

func removeTemporary() {
	temporaryLock.Lock()
	defer temporaryLock.Unlock()
	for _, folder := range temporary {
		os.RemoveAll(folder)
	}
}

const watchInterval = 5 * time.Millisecond

func startWatch(limits limits, said *answer, tell func(*answer)) *watch {
	w := &watch{release: make(chan struct{})}
	id, parent := said.ID, os.Getppid()
	go func() {
		deadline := time.Now().Add(time.Duration(limits.seconds * float64(time.Second)))
		ticker := time.NewTicker(watchInterval)
		defer ticker.Stop()
		for {
			select {
			case <-w.release:
				return
			case now := <-ticker.C:
				if os.Getppid() != parent {
					removeTemporary()
					os.Exit(4)
				}
				message := ""
				if now.After(deadline) {
					message = fmt.Sprintf("rendering takes longer than %g seconds", limits.seconds)
				} else if memoryInUse() > limits.memory {
					message = fmt.Sprintf("rendering takes more than %d MiB of memory", limits.memory>>20)
				}
				if message != "" {
					w.end(id, message, tell)
				}
			}
		}
	}()
	return w
}

// end tells the answer of a request that went over a limit, and exits.
func (w *watch) end(id int64, message string, tell func(*answer)) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.done {
		return
	}
	file := ""
	if name := runningTemplate.Load(); name != nil {
		file = *name
	}
	// Who hears the answer may end this process at once.
	removeTemporary()
	tell(&answer{Version: protocolVersion, ID: id, Error: &failure{
		Kind: kindLimit, Message: message, File: file}})
	os.Exit(exitOverLimit)
}

// stop ends the watch; after it nothing but the caller answers the request.
func (w *watch) stop() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if !w.done {
		w.done = true
		close(w.release)
	}
}

var sample = []metrics.Sample{
	{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}

func memoryInUse() uint64 {
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64()
}

// bound sets what the kernel and Go itself hold the process to.
func bound(limits limits) {
	debug.SetMemoryLimit(int64(limits.memory / 4 * 3))
	// A render is short, and most of what it makes lives as long as it does.
	debug.SetGCPercent(400)
	debug.SetMaxStack(int(min(limits.memory/2, 512<<20)))
	boundAddresses(limits.memory)
}
