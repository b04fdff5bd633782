package main

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"slices"
	"strings"
	"sync"
)

// said gathers what Helm and Kustomize log while a request is answered.
type said struct {
	lock  sync.Mutex
	lines []string
}

var warnings = &said{}

const maxWarnings = 1000

func (s *said) add(text string) {
	s.lock.Lock()
	defer s.lock.Unlock()
	text = strings.TrimSpace(text)
	if len(text) > 2000 {
		text = text[:2000] + "…"
	}
	for _, known := range s.lines {
		if known == text {
			return
		}
	}
	if text != "" && len(s.lines) < maxWarnings {
		s.lines = append(s.lines, text)
	}
}

func (s *said) take() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	lines := s.lines
	s.lines = nil
	return lines
}

// unreplaced begins what Kustomize says of variables; their names come in the order of a map.
const unreplaced = "well-defined vars that were never replaced: "

// Write is for package log, through which Helm tells of values that it skips.
func (s *said) Write(text []byte) (int, error) {
	s.add(inOrder(string(text)))
	return len(text), nil
}

// inOrder makes what is said of two equal builds equal.
func inOrder(text string) string {
	names, found := strings.CutPrefix(strings.TrimSpace(text), unreplaced)
	if !found {
		return text
	}
	listed := strings.Split(names, ",")
	slices.Sort(listed)
	return unreplaced + strings.Join(listed, ",")
}

// unknownHook is of level Info with Helm, but an object that is left out is to be known.
const unknownHook = "skipping unknown hooks"

func (s *said) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelInfo }
func (s *said) WithAttrs([]slog.Attr) slog.Handler               { return s }
func (s *said) WithGroup(string) slog.Handler                    { return s }
func (s *said) Handle(_ context.Context, record slog.Record) error {
	if record.Level < slog.LevelWarn && record.Message != unknownHook {
		return nil
	}
	var text strings.Builder
	text.WriteString(record.Message)
	record.Attrs(func(one slog.Attr) bool {
		fmt.Fprintf(&text, " %s=%s", one.Key, one.Value)
		return true
	})
	s.add(text.String())
	return nil
}

func gatherWarnings() {
	slog.SetDefault(slog.New(warnings))
	log.SetFlags(0)
	log.SetOutput(warnings)
}
