package cli

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// asker asks a person questions, in a terminal.
type asker struct {
	tty *os.File
	in  *bufio.Reader
	out io.Writer
}

// newAsker is nil where nobody is there to answer.
func newAsker(env *Env) *asker {
	tty, ok := env.Stdin.(*os.File)
	if !ok || !isPerson(tty) || !isPerson(env.Stdout) {
		return nil
	}
	return &asker{tty, bufio.NewReader(tty), env.Stdout}
}

// line asks for a line of text; an empty one is what is usual.
func (a *asker) line(ctx context.Context, question, usual string) (string, error) {
	if usual != "" {
		question += " [" + usual + "]"
	}
	fmt.Fprintf(a.out, "%s: ", question)
	answer, err := a.waited(ctx, func() (string, error) {
		b, err := a.in.ReadSlice('\n') // nobody types more than its buffer holds
		if errors.Is(err, io.EOF) && len(b) > 0 {
			err = nil
		}
		return string(b), err
	})
	return cmp.Or(strings.TrimSpace(plain(answer)), usual), err
}

// hidden asks for something that does not show while it is typed.
func (a *asker) hidden(ctx context.Context, question string) (string, error) {
	fd := int(a.tty.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("keep a secret from showing in this terminal: %w", err)
	}
	fmt.Fprintf(a.out, "%s: ", question)
	answer, err := a.waited(ctx, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
	_ = term.Restore(fd, before) // what reads may still wait, and shows nothing
	fmt.Fprintln(a.out)
	return strings.TrimSpace(answer), err
}

// yes asks a question that is answered by yes or no.
func (a *asker) yes(ctx context.Context, question string, usual bool) (bool, error) {
	choice := "y/N"
	if usual {
		choice = "Y/n"
	}
	answer, err := a.line(ctx, question, choice)
	switch strings.ToLower(answer) {
	case "y", "yes":
		return true, err
	case strings.ToLower(choice):
		return usual, err
	}
	return false, err
}

// waited is what read gives, or the end of ctx, whichever comes first: a terminal
// cannot be told that nobody waits for it any more.
func (a *asker) waited(ctx context.Context, read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	done := make(chan answer, 1)
	go func() {
		text, err := read()
		done <- answer{text, err}
	}()
	select {
	case got := <-done:
		return got.text, got.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
