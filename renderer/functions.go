package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

// fixedNow is what `now` answers: two renders of a chart must be equal.
var fixedNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const (
	maxText  = 64 << 20
	maxItems = 1_000_000
)

// observer watches the templates of one render: which runs, what it looks up and generates.
type observer struct {
	running []string
	// places are the files of the templates, below the chart.
	places    map[string]string
	lookups   []lookup
	generated []generated
	seen      map[any]struct{}
	asked     map[string]int
}

func newObserver() *observer {
	return &observer{seen: map[any]struct{}{}, asked: map[string]int{}}
}

const (
	enterFunction = "portsideEnter"
	leaveFunction = "portsideLeave"
)

// prologue is put before a template's text: one rune wide for each that an error's column counts.
func prologue(name string) string { return fmt.Sprintf("{{%s %q}}", enterFunction, name) }

const epilogue = "{{" + leaveFunction + "}}"

func (o *observer) enter(name string) string {
	o.running = append(o.running, name)
	first := o.running[0]
	if place := o.places[first]; place != "" {
		first = place
	}
	runningTemplate.Store(&first)
	return ""
}

func (o *observer) leave() string {
	if len(o.running) > 0 {
		o.running = o.running[:len(o.running)-1]
	}
	return ""
}

// current is the template that Helm executes; "" outside of all.
func (o *observer) current() string {
	if len(o.running) == 0 {
		return ""
	}
	return o.running[0]
}

// each calls with every template that is being executed: a file may include another.
func (o *observer) each(record func(template string)) {
	done := map[string]bool{}
	for _, name := range o.running {
		if !done[name] {
			done[name] = true
			record(name)
		}
	}
}

func (o *observer) lookup(version, kind, namespace, name string) (map[string]any, error) {
	o.each(func(template string) {
		one := lookup{template, version, kind, namespace, name}
		if _, known := o.seen[one]; !known && len(o.lookups) < maxFiles {
			o.seen[one] = struct{}{}
			o.lookups = append(o.lookups, one)
		}
	})
	return map[string]any{}, nil
}

func (o *observer) generate(function string) {
	o.each(func(template string) {
		one := generated{template, function}
		if _, known := o.seen[one]; !known && len(o.generated) < maxFiles {
			o.seen[one] = struct{}{}
			o.generated = append(o.generated, one)
		}
	})
}

// stream is bytes that depend on the template, the function, its arguments and how often it was
// asked the same, and on nothing else: a call more elsewhere changes nothing here.
func (o *observer) stream(function string, arguments ...any) *stream {
	o.generate(function)
	key := fmt.Sprintf("%s\x00%s\x00%v", o.current(), function, arguments)
	o.asked[key]++
	return newStream(fmt.Sprintf("%s\x00%d", key, o.asked[key]))
}

type stream struct {
	seed    [32]byte
	counter uint64
	rest    []byte
}

func newStream(seed string) *stream { return &stream{seed: sha256.Sum256([]byte(seed))} }

func (s *stream) Read(into []byte) (int, error) {
	for filled := 0; filled < len(into); {
		if len(s.rest) == 0 {
			block := sha256.Sum256(binary.BigEndian.AppendUint64(s.seed[:], s.counter))
			s.counter++
			s.rest = block[:]
		}
		count := copy(into[filled:], s.rest)
		filled, s.rest = filled+count, s.rest[count:]
	}
	return len(into), nil
}

func (s *stream) bytes(count int) []byte {
	all := make([]byte, count)
	s.Read(all)
	return all
}

func (s *stream) below(limit int) int {
	return int(binary.BigEndian.Uint64(s.bytes(8)) % uint64(limit))
}

const (
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	digits  = "0123456789"
)

func printable() string {
	var all strings.Builder
	for one := rune(' '); one < 127; one++ {
		all.WriteRune(one)
	}
	return all.String()
}

// functions are what replaces Helm's own: lookups recorded, chance fixed, sizes bounded.
func (o *observer) functions() template.FuncMap {
	all := template.FuncMap{
		enterFunction: o.enter,
		leaveFunction: o.leave,
		"lookup":      o.lookup,
		"repeat":      repeat,
		"until":       until,
		"untilStep":   untilStep,
		"seq":         seq,
	}
	for _, more := range []template.FuncMap{o.times(), o.chances(), o.cryptography()} {
		for name, function := range more {
			all[name] = function
		}
	}
	return all
}

func (o *observer) chances() template.FuncMap {
	text := func(function, alphabet string) func(int) (string, error) {
		return func(count int) (string, error) { return o.randomText(function, alphabet, count) }
	}
	return template.FuncMap{
		"randAlphaNum": text("randAlphaNum", letters+digits),
		"randAlpha":    text("randAlpha", letters),
		"randNumeric":  text("randNumeric", digits),
		"randAscii":    text("randAscii", printable()),
		"randBytes": func(count int) (string, error) {
			if err := bounded("randBytes", count, maxItems); err != nil {
				return "", err
			}
			return base64.StdEncoding.EncodeToString(o.stream("randBytes", count).bytes(count)), nil
		},
		"randInt": func(low, high int) (int, error) {
			if high <= low {
				return 0, errors.New("invalid argument to Intn")
			}
			return low + o.stream("randInt", low, high).below(high-low), nil
		},
		"uuidv4": func() string {
			raw := o.stream("uuidv4").bytes(16)
			raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
			text := hex.EncodeToString(raw)
			return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
		},
		"shuffle": func(text string) string {
			runes, source := []rune(text), o.stream("shuffle", text)
			for at := len(runes) - 1; at > 0; at-- {
				other := source.below(at + 1)
				runes[at], runes[other] = runes[other], runes[at]
			}
			return string(runes)
		},
	}
}

func (o *observer) randomText(function, alphabet string, count int) (string, error) {
	if count <= 0 {
		return "", nil
	}
	if err := bounded(function, count, maxItems); err != nil {
		return "", err
	}
	source, text := o.stream(function, count), make([]byte, count)
	for at := range text {
		text[at] = alphabet[source.below(len(alphabet))]
	}
	return string(text), nil
}

func (o *observer) times() template.FuncMap {
	real := sprig.TxtFuncMap()
	inZone := real["dateInZone"].(func(string, any, string) string)
	fixed := func(function string, date any) any {
		switch date.(type) {
		case time.Time, *time.Time, int64, int, int32:
			return date
		}
		o.generate(function)
		return fixedNow
	}
	zoned := func(format string, date any, zone string) string {
		return inZone(format, fixed("dateInZone", date), zone)
	}
	return template.FuncMap{
		"now": func() time.Time {
			o.generate("now")
			return fixedNow
		},
		"ago": func(date any) string {
			o.generate("ago")
			since := fixedNow
			switch date := date.(type) {
			case time.Time:
				since = date
			case int64:
				since = time.Unix(date, 0)
			case int:
				since = time.Unix(int64(date), 0)
			}
			return fixedNow.Sub(since).Round(time.Second).String()
		},
		"date": func(format string, date any) string {
			return inZone(format, fixed("date", date), "UTC")
		},
		"dateInZone":   zoned,
		"date_in_zone": zoned,
		"htmlDate": func(date any) string {
			return inZone(time.DateOnly, fixed("htmlDate", date), "UTC")
		},
		"htmlDateInZone": func(date any, zone string) string {
			return inZone(time.DateOnly, fixed("htmlDateInZone", date), zone)
		},
	}
}

// limitMark begins what our own limits say, so that the failure is known as one.
const limitMark = "over the renderer's limit: "

func bounded(function string, count, limit int) error {
	if count > limit {
		return fmt.Errorf("%s%s of %d is more than %d", limitMark, function, count, limit)
	}
	return nil
}

func repeat(count int, text string) (string, error) {
	if count < 0 {
		return "", errors.New("strings: negative Repeat count")
	}
	if len(text) > 0 {
		if err := bounded("repeat", count, maxText/len(text)); err != nil {
			return "", err
		}
	}
	return strings.Repeat(text, count), nil
}

func until(count int) ([]int, error) {
	if count < 0 {
		return untilStep(0, count, -1)
	}
	return untilStep(0, count, 1)
}

func untilStep(start, stop, step int) ([]int, error) {
	numbers := []int{}
	if step == 0 || (stop < start) != (step < 0) || start == stop {
		return numbers, nil
	}
	size := (float64(stop) - float64(start)) / float64(step)
	if size > maxItems {
		return nil, fmt.Errorf("%s%.0f numbers are more than %d", limitMark, size, maxItems)
	}
	for at := start; (step > 0 && at < stop) || (step < 0 && at > stop); at += step {
		numbers = append(numbers, at)
	}
	return numbers, nil
}

func seq(bounds ...int) (string, error) {
	start, step, end := 1, 1, 0
	switch len(bounds) {
	case 1:
		end = bounds[0]
	case 2:
		start, end = bounds[0], bounds[1]
	case 3:
		start, step, end = bounds[0], bounds[1], bounds[2]
	default:
		return "", nil
	}
	beyond := 1
	if end < start {
		beyond = -1
		if len(bounds) == 3 && step > 0 {
			return "", nil
		}
		if len(bounds) < 3 {
			step = -1
		}
	}
	numbers, err := untilStep(start, end+beyond, step)
	if err != nil {
		return "", err
	}
	return strings.Trim(fmt.Sprint(numbers), "[]"), nil
}
