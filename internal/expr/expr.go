// Package expr reads the one boolean grammar of the settings: "!", "&&", "||"
// and parentheses, "!" before "&&" before "||". What stands between them
// depends on what is asked about: Names for domain names, Addrs for addresses.
package expr

import "strings"

// op is what a node does. Its zero value is the constant false.
type op uint8

const (
	no op = iota
	yes
	leaf
	not
	and
	or
)

// symbol is how an operator is written between its arguments.
func (o op) symbol() string {
	if o == and {
		return " && "
	}
	return " || "
}

// binding is how tightly o holds its arguments together.
func (o op) binding() int {
	switch o {
	case or:
		return 1
	case and:
		return 2
	case not:
		return 3
	}
	return 4
}

// A predicate is a question that an expression is built from.
type predicate[T any] interface {
	match(T) bool
	// constant reports whether the answer is the same for everything.
	constant() (value, ok bool)
	String() string
}

// node is an expression about a T. Its zero value is false.
type node[T any] struct {
	op   op
	leaf predicate[T]
	args []node[T] // of not: one; of and, or: two or more, none of the same op
}

func (n node[T]) match(x T) bool {
	switch n.op {
	case yes:
		return true
	case leaf:
		return n.leaf.match(x)
	case not:
		return !n.args[0].match(x)
	case and, or:
		decides := n.op == or // the value of one argument that settles the whole
		for _, a := range n.args {
			if a.match(x) == decides {
				return decides
			}
		}
		return !decides
	}
	return false
}

// constant folds what can be seen without comparing predicates with each other.
func (n node[T]) constant() (value, ok bool) {
	switch n.op {
	case leaf:
		return n.leaf.constant()
	case not:
		v, ok := n.args[0].constant()
		return !v && ok, ok
	case and, or:
		decides, all := n.op == or, true
		for _, a := range n.args {
			v, ok := a.constant()
			if ok && v == decides {
				return decides, true
			}
			all = all && ok
		}
		return !decides && all, all
	}
	return n.op == yes, true
}

// each hands on every predicate of the expression, in order.
func (n node[T]) each(take func(predicate[T])) {
	if n.op == leaf {
		take(n.leaf)
	}
	for _, a := range n.args {
		a.each(take)
	}
}

func (n node[T]) String() string {
	var b strings.Builder
	n.write(&b, 0)
	return b.String()
}

// write puts n in parentheses where it binds less tightly than what is around it.
func (n node[T]) write(b *strings.Builder, around int) {
	if n.op.binding() < around {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch n.op {
	case no:
		b.WriteString("false")
	case yes:
		b.WriteString("true")
	case leaf:
		b.WriteString(n.leaf.String())
	case not:
		b.WriteByte('!')
		n.args[0].write(b, n.op.binding())
	case and, or:
		for i, a := range n.args {
			if i > 0 {
				b.WriteString(n.op.symbol())
			}
			a.write(b, n.op.binding())
		}
	}
}
