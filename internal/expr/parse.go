package expr

import "fmt"

// parser reads one expression about a T by recursive descent:
//
//	or    := and { "||" and }
//	and   := not { "&&" not }
//	not   := "!" not | "(" or ")" | atom
type parser[T any] struct {
	tokens []token // the last one is the end
	depth  int
	// atom reads what begins with this word; atoms says in words what it could be.
	atom  func(p *parser[T], word token) (node[T], error)
	atoms string
}

func (p *parser[T]) peek() token { return p.tokens[0] }

func (p *parser[T]) next() token {
	t := p.tokens[0]
	if len(p.tokens) > 1 {
		p.tokens = p.tokens[1:]
	}
	return t
}

// parse reads the whole text as one expression.
func (p *parser[T]) parse() (node[T], error) {
	n, err := p.joined(or)
	if err != nil {
		return node[T]{}, err
	}
	if t := p.peek(); t.text != "" {
		return node[T]{}, t.expected(`"&&", "||" or the end`)
	}
	return n, nil
}

// joined reads arguments joined by o. Those that are joined by o themselves,
// in parentheses, are taken in: both operators are associative.
func (p *parser[T]) joined(o op) (node[T], error) {
	inner, symbol := p.not, "&&"
	if o == or {
		inner, symbol = func() (node[T], error) { return p.joined(and) }, "||"
	}
	var args []node[T]
	for {
		n, err := inner()
		if err != nil {
			return node[T]{}, err
		}
		if n.op == o {
			args = append(args, n.args...)
		} else {
			args = append(args, n)
		}
		if !p.peek().is(symbol) {
			break
		}
		p.next()
	}
	if len(args) == 1 {
		return args[0], nil
	}
	return node[T]{op: o, args: args}, nil
}

func (p *parser[T]) not() (node[T], error) {
	t := p.next()
	if p.depth++; p.depth > maxDepth {
		return node[T]{}, &Error{t.column, fmt.Sprintf("more than %d parentheses and negations around one another", maxDepth)}
	}
	defer func() { p.depth-- }()
	switch {
	case t.is("!"):
		n, err := p.not()
		return node[T]{op: not, args: []node[T]{n}}, err
	case t.is("("):
		n, err := p.joined(or)
		if err != nil {
			return node[T]{}, err
		}
		if end := p.next(); !end.is(")") {
			return node[T]{}, end.expected(`"&&", "||" or ")"`)
		}
		return n, nil
	case t.isWord():
		return p.atom(p, t)
	}
	return node[T]{}, t.expected(fmt.Sprintf(`%s, "!" or "("`, p.atoms))
}
