package web

import (
	"context"

	"github.com/a-h/templ"
	templruntime "github.com/a-h/templ/runtime"
)

// What templ makes of a .templ file begins each component with the same lines,
// and asks for an error after each piece of text. tools/slim.go leaves out both
// and calls these instead.

// component is a component, with what its caller puts between its tags.
func component(draw func(ctx context.Context, to *templruntime.Buffer, children templ.Component) error) templ.Component {
	return block(func(ctx context.Context, to *templruntime.Buffer) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		children := templ.GetChildren(ctx)
		if children == nil {
			children = templ.NopComponent
		}
		return draw(templ.ClearChildren(ctx), to, children)
	})
}

// block is what stands between the tags of a component. A buffer keeps its
// first error and tells it when it is released, so that draw need not ask.
func block(draw func(ctx context.Context, to *templruntime.Buffer) error) templ.Component {
	return templruntime.GeneratedTemplate(func(in templruntime.GeneratedComponentInput) (err error) {
		to, shared := templruntime.GetBuffer(in.Writer)
		if !shared {
			defer func() {
				if released := templruntime.ReleaseBuffer(to); err == nil {
					err = released
				}
			}()
		}
		return draw(templ.InitializeContext(in.Context), to)
	})
}

// escape writes a text so that no part of it is read as HTML.
func escape(to *templruntime.Buffer, text string) {
	to.WriteString(templ.EscapeString(text))
}

// escapeURL writes an address; one that would run a script becomes one that
// does nothing.
func escapeURL[T ~string](to *templruntime.Buffer, url T) {
	safe, _ := templ.JoinURLErrs(url) // its errors would be those it is handed
	escape(to, string(safe))
}
