package web

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/a-h/templ"
	templruntime "github.com/a-h/templ/runtime"
)

// full takes no text.
type full struct{}

var errFull = errors.New("full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAComponentTellsThatItCouldNotBeWritten(t *testing.T) {
	inner := block(func(_ context.Context, to *templruntime.Buffer) error {
		to.WriteString("inside")
		return nil
	})
	outer := component(func(ctx context.Context, to *templruntime.Buffer, _ templ.Component) error {
		escape(to, "outside")
		return inner.Render(ctx, to)
	})
	if err := outer.Render(t.Context(), full{}); !errors.Is(err, errFull) {
		t.Errorf("written to what takes nothing: %v, want %v", err, errFull)
	}
	var page strings.Builder
	if err := outer.Render(t.Context(), &page); err != nil || page.String() != "outsideinside" {
		t.Errorf("written: %q, %v", page.String(), err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := outer.Render(gone, &page); !errors.Is(err, context.Canceled) {
		t.Errorf("drawn for nobody: %v", err)
	}
}

func TestTextAndAddressesRunNothing(t *testing.T) {
	c := block(func(_ context.Context, to *templruntime.Buffer) error {
		escape(to, `<b a="1">&'`)
		to.WriteString(" ")
		escapeURL(to, "javascript:alert(1)")
		to.WriteString(" ")
		escapeURL(to, `records?name="x"&at=1`)
		return nil
	})
	var page strings.Builder
	if err := c.Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	const want = `&lt;b a=&#34;1&#34;&gt;&amp;&#39; about:invalid#TemplFailedSanitizationURL records?name=&#34;x&#34;&amp;at=1`
	if page.String() != want {
		t.Errorf("written:\n%s\nwant\n%s", page.String(), want)
	}
}
