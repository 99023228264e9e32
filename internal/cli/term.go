package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/homing-dns/homing/internal/config"
	"github.com/homing-dns/homing/internal/provider"
	"github.com/homing-dns/homing/internal/text"
)

// complain tells a person why a command did not start.
func complain(w io.Writer, err error) {
	var problems config.Problems
	if errors.As(err, &problems) {
		fmt.Fprintf(w, "homing did not start: %s\n\nNothing was sent anywhere.\n", plainLines(problems.Error()))
		return
	}
	if bad, online := errors.AsType[*provider.Error](err); online {
		fmt.Fprintf(w, "homing: %s\n", plain(bad.Error()))
		if bad.Hint != "" {
			fmt.Fprintf(w, "    → %s\n", plain(bad.Hint.String()))
		}
		return
	}
	fmt.Fprintf(w, "homing: %s\nRun \"homing help\" for usage.\n", plainLines(err.Error()))
}

// paint colours words for a terminal; elsewhere it leaves them alone.
type paint bool

// painter is on for a terminal whose owner did not ask for no colour
// (https://no-color.org).
func painter(env *Env, w io.Writer) paint {
	return paint(isTerminal(w) && env.Getenv("NO_COLOR") == "" && env.Getenv("TERM") != "dumb" && coloured(w))
}

//go:noinline // many callers: see dependencies.md
func (p paint) in(code, s string) string {
	if !p {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string   { return p.in("1", s) }
func (p paint) dim(s string) string    { return p.in("2", s) }
func (p paint) red(s string) string    { return p.in("31", s) }
func (p paint) green(s string) string  { return p.in("32", s) }
func (p paint) yellow(s string) string { return p.in("33", s) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// isPerson reports whether somebody reads what a stream is told, or types what it
// says. /dev/null is such a device as a terminal is, and nobody.
func isPerson(stream any) bool {
	if !isTerminal(stream) {
		return false
	}
	info, err := stream.(*os.File).Stat()
	null, gone := os.Stat(os.DevNull)
	return err == nil && (gone != nil || !os.SameFile(info, null))
}

// agreed asks a question that is answered by y or yes, and by no in any other way.
func agreed(in io.Reader, out io.Writer, question string) bool {
	fmt.Fprintf(out, "%s [y/N] ", question)
	answer, err := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n')
	if err != nil {
		fmt.Fprintln(out) // nobody typed a line end
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

// plain is s without control characters, which could move the cursor, change
// colours or turn the direction of the text: much of what is printed came from
// the network.
func plain(s string) string { return text.Strip(s) }

// plainLines is plain for a text of several lines, with indents.
func plainLines(s string) string { return text.StripLines(s) }
