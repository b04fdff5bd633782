// Command oracle answers what Kubernetes' own packages make of a text, an object or an expression.
//
// It reads a question a line on standard input and writes an answer a line, in the same order, on
// standard output. Both are JSON. The questions are described in __init__.py beside this file.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

type answer map[string]any

type operation func(question []byte) (answer, error)

func operations() map[string]operation {
	return map[string]operation{
		"yaml":     readYAML,
		"pss":      judgePodSecurity,
		"cel":      evaluateCEL,
		"default":  defaultObject,
		"strict":   decodeStrictly,
		"quantity": parseQuantity,
		"valid":    validateText,
		"types":    describeTypes,
		"version":  tellVersion,
	}
}

func main() {
	questions := bufio.NewReaderSize(os.Stdin, 1<<20)
	known := operations()
	pending := make(chan chan []byte, 64)
	finished := make(chan error, 1)
	go func() { finished <- writeAnswers(pending) }()

	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for {
		line, err := questions.ReadBytes('\n')
		if len(line) > 1 {
			reply := make(chan []byte, 1)
			pending <- reply
			slots <- struct{}{}
			go func() {
				defer func() { <-slots }()
				reply <- respond(known, line)
			}()
		}
		if err != nil {
			break
		}
	}
	close(pending)
	if err := <-finished; err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// writeAnswers flushes whenever no answer waits, so that a lone question is answered at once and
// many questions share their writes.
func writeAnswers(pending <-chan chan []byte) error {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	for reply := range pending {
		var text []byte
		select {
		case text = <-reply:
		default:
			if err := out.Flush(); err != nil {
				return err
			}
			text = <-reply
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return err
		}
		if len(pending) == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

func respond(known map[string]operation, line []byte) []byte {
	var head struct {
		ID json.RawMessage `json:"id"`
		Op string          `json:"op"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return encode(answer{"bad_question": err.Error()})
	}
	result := ask(known, head.Op, line)
	if head.ID != nil {
		result["id"] = head.ID
	}
	return encode(result)
}

func ask(known map[string]operation, name string, line []byte) (result answer) {
	defer func() {
		if trouble := recover(); trouble != nil {
			result = answer{"error": fmt.Sprintf("panic: %v", trouble), "panic": string(debug.Stack())}
		}
	}()
	run, ok := known[name]
	if !ok {
		return answer{"bad_question": fmt.Sprintf("unknown op %q", name)}
	}
	result, err := run(line)
	if err != nil {
		return answer{"bad_question": err.Error()}
	}
	return result
}

func encode(result answer) []byte {
	text, err := json.Marshal(result)
	if err != nil {
		text, _ = json.Marshal(answer{"id": result["id"], "bad_question": "answer has no JSON: " + err.Error()})
	}
	return text
}
