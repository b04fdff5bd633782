// portside-render renders Helm charts and kustomizations for Portside: JSON lines in and out, as
// docs/reference/render-protocol.md has them. It fetches nothing, executes nothing but itself (for
// the helmCharts of a kustomization) and reads nothing outside the folder of a request.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
)

// Set when the program is linked, from go.mod.
var helmVersion = "v4.0"

const exitOverLimit = 3

// maxRequest is more than any request with replaced texts needs.
const maxRequest = 256 << 20

// runningTemplate is what a template that never ends is called.
var runningTemplate atomic.Pointer[string]

func main() { os.Exit(run()) }

func run() int {
	limits := limits{}
	megabytes, outputs := uint64(0), 0
	flag.Float64Var(&limits.seconds, "seconds", 30, "time for a request")
	flag.Uint64Var(&megabytes, "memory", 1024, "memory in MiB")
	flag.IntVar(&outputs, "output", 64, "size of an answer in MiB")
	text, inflating := os.LookupEnv(inflateVariable)
	if !inflating {
		flag.Parse()
		if flag.NArg() > 0 {
			fmt.Fprintln(os.Stderr, "portside-render: reads requests from its standard input, "+
				"one JSON object a line; it takes no arguments but flags (-h)")
			return 2
		}
		os.Setenv("PORTSIDE_RENDER_LIMITS", fmt.Sprintf("%g %d %d", limits.seconds, megabytes, outputs))
	} else {
		limits.seconds, megabytes, outputs = 30, 1024, 64
		fmt.Sscan(os.Getenv("PORTSIDE_RENDER_LIMITS"), &limits.seconds, &megabytes, &outputs)
	}
	limits.memory, limits.output = megabytes<<20, outputs<<20
	time.Local = time.UTC
	offline()
	bound(limits)
	gatherWarnings()
	if inflating {
		return inflate(text, os.Args[1:], limits)
	}
	// Who starts it may do so in any folder, which is not to be held.
	if err := os.Chdir(string(os.PathSeparator)); err != nil {
		fmt.Fprintln(os.Stderr, "portside-render:", err)
		return 2
	}
	return serve(os.Stdin, os.Stdout, limits)
}

// serve answers requests until there are none.
func serve(in io.Reader, out io.Writer, limits limits) int {
	reader := bufio.NewReaderSize(in, 1<<16)
	for {
		text, err := readLine(reader)
		if len(text) > 0 {
			out.Write(reply(text, out, limits))
		}
		if errors.Is(err, io.EOF) {
			return 0
		}
		if err != nil {
			out.Write(line(answer{Version: protocolVersion, Error: refused(err.Error())}))
			return 2
		}
	}
}

func readLine(reader *bufio.Reader) ([]byte, error) {
	var all []byte
	for {
		part, err := reader.ReadSlice('\n')
		all = append(all, part...)
		if len(all) > maxRequest {
			return nil, fmt.Errorf("a request is longer than %d MiB", maxRequest>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return []byte(strings.TrimSpace(string(all))), err
		}
	}
}

func reply(text []byte, out io.Writer, limits limits) []byte {
	var asked head
	if err := json.Unmarshal(text, &asked); err != nil {
		return line(answer{Version: protocolVersion, Error: refused("no request in JSON: " + err.Error())})
	}
	if asked.Version != protocolVersion {
		return line(answer{Version: protocolVersion, ID: asked.ID, Error: refused(fmt.Sprintf(
			"version %d of the protocol is not spoken, only %d", asked.Version, protocolVersion))})
	}
	if asked.Op == "versions" {
		return line(versions{protocolVersion, asked.ID, helmVersion, kustomizeVersion(),
			common.DefaultCapabilities.KubeVersion.Version})
	}
	said := &answer{Version: protocolVersion, ID: asked.ID}
	watch := startWatch(limits, said, func(over *answer) { out.Write(line(over)) })
	said.Error = asFailure(handle(asked.Op, text, said))
	whole := line(said)
	watch.stop()
	runningTemplate.Store(nil)
	if len(whole) > limits.output {
		return line(answer{Version: protocolVersion, ID: asked.ID, Error: &failure{Kind: kindLimit,
			Message: fmt.Sprintf("what was rendered is larger than %d MiB", limits.output>>20)}})
	}
	return whole
}

func handle(op string, text []byte, said *answer) (err error, root string) {
	defer func() {
		if problem := recover(); problem != nil {
			err = refused(fmt.Sprintf("rendering ended in a fault of Helm's or Kustomize's code: %v", problem))
		}
		said.Warnings = append(said.Warnings, warnings.take()...)
		if err != nil {
			said.Files = nil
		}
	}()
	warnings.take()
	switch op {
	case "helm":
		var request helmRequest
		if err := json.Unmarshal(text, &request); err != nil {
			return refused("not a request for a chart: " + err.Error()), ""
		}
		watched := newObserver()
		err := renderHelm(request, said, watched)
		said.Lookups, said.Generated = watched.lookups, watched.generated
		return err, absolute(request.Root, request.Chart)
	case "kustomize":
		var request kustomizeRequest
		if err := json.Unmarshal(text, &request); err != nil {
			return refused("not a request for a kustomization: " + err.Error()), ""
		}
		return renderKustomize(request, said), absolute(request.Root, request.Path)
	case "template":
		var request templateRequest
		if err := json.Unmarshal(text, &request); err != nil {
			return refused("not a request for templates: " + err.Error()), ""
		}
		watched := newObserver()
		err := renderTemplates(request, said, watched)
		said.Generated = watched.generated
		return err, ""
	}
	return refused(fmt.Sprintf("op %q is unknown: helm, kustomize, template, versions", op)), ""
}

func kustomizeVersion() string {
	info, ok := debug.ReadBuildInfo()
	if ok {
		for _, module := range info.Deps {
			if module.Path == "sigs.k8s.io/kustomize/api" {
				return module.Version
			}
		}
	}
	return "unknown"
}
