package addr

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// says makes the vote of an operator that is asked over HTTPS.
func says(operator string, said Observation) Vote {
	return Vote{Voter: Voter{Source: operator, Operator: operator, Route: operator, Authenticated: true}, Said: said}
}

// forged is a vote that came over plain DNS.
func forged(operator string, said Observation) Vote {
	v := says(operator, said)
	v.Authenticated = false
	return v
}

func TestAgree(t *testing.T) {
	x, y, down := known("192.0.2.1"), known("192.0.2.2"), Unknown(errDown)
	for _, c := range []struct {
		name      string
		rule      Rule
		operators int
		votes     []Vote
		want      Observation
	}{
		{"first: the earliest that knows", First(), 3, []Vote{says("a", down), says("b", x), says("c", y)}, x},
		{"first: known to be none is an answer", First(), 1, []Vote{says("a", None())}, None()},
		{"first: nobody knows", First(), 1, []Vote{says("a", down)}, down},
		{"majority: two of three", Majority(), 3, []Vote{says("a", y), says("b", x), says("c", x)}, x},
		{"majority: silence counts against", Majority(), 4, []Vote{says("a", x), says("b", x), says("c", down)}, down},
		{"majority: half is not more than half", Majority(), 2, []Vote{says("a", x), says("b", y)}, down},
		{"majority: one operator has one vote", Majority(), 3, []Vote{says("a", x), says("a", x), says("b", y)}, down},
		{"majority: who contradicts itself has none", Majority(), 3, []Vote{says("a", x), says("a", y), says("b", x), says("c", x)}, x},
		{"majority: not even for what it said first", Majority(), 3, []Vote{says("a", x), says("a", y), says("b", x)}, down},
		{"number: enough", AtLeast(2), 5, []Vote{says("a", x), says("b", y), says("c", x)}, x},
		{"number: too few", AtLeast(3), 5, []Vote{says("a", x), says("b", y), says("c", x)}, down},
		{"number: a tie", AtLeast(2), 4, []Vote{says("a", x), says("b", y), says("c", x), says("d", y)}, down},
		{"number: more than the other is no tie", AtLeast(1), 3, []Vote{says("a", x), says("b", y), says("c", x)}, x},
		{"plain DNS alone is not believed", AtLeast(2), 2, []Vote{forged("a", x), forged("b", x)}, down},
		{"one that cannot be forged is enough", AtLeast(2), 2, []Vote{forged("a", x), says("b", x)}, x},
		{"its being elsewhere is not", AtLeast(2), 3, []Vote{forged("a", x), forged("b", x), says("c", y)}, down},
		{"no source was asked", Majority(), 0, nil, down},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Agree(c.rule, c.operators, c.votes)
			if got.Known() != c.want.Known() || got.Known() && !got.Same(c.want) {
				t.Fatalf("it is %s, want %s", got.Describe(), c.want.Describe())
			}
			if len(got.Votes()) != len(c.votes) {
				t.Errorf("it carries %d of %d votes", len(got.Votes()), len(c.votes))
			}
		})
	}
}

func TestAgreeSaysWhyNothingIsBelieved(t *testing.T) {
	x, y, down := known("192.0.2.1"), known("192.0.2.2"), Unknown(errDown)
	t.Run("doubt", func(t *testing.T) {
		d, ok := errors.AsType[*Doubt](Agree(Majority(), 3, []Vote{says("a", x), says("b", y), says("c", down), says("c", down)}).Why())
		if !ok {
			t.Fatal("contradicting answers are no doubt")
		}
		if want := "2 of 3 must agree, but 1 did: a says 192.0.2.1; b says 192.0.2.2; no answer from c"; d.Error() != want {
			t.Errorf("got %q, want %q", d, want)
		}
	})
	t.Run("failure", func(t *testing.T) {
		err := Agree(Majority(), 2, []Vote{says("a", down), says("b", down)}).Why()
		if _, ok := errors.AsType[*NoAnswer](err); !ok || err.Error() != "no answer from a, b (the line is down)" {
			t.Errorf("got %v", err)
		}
	})
}

// No minority of liars, whatever they answer and in whatever order, changes
// what a majority that tells the truth says.
func TestMajorityWithstandsEveryMinorityOfLiars(t *testing.T) {
	truth := known("192.0.2.1")
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		operators := 1 + r.IntN(9)
		liars := r.IntN((operators + 1) / 2)
		silent := r.IntN(operators - liars + 1)
		var votes []Vote
		for i := range operators {
			name := fmt.Sprint("operator", i)
			switch {
			case i < liars:
				for range 1 + r.IntN(3) {
					votes = append(votes, Vote{Voter: Voter{Operator: name, Route: fmt.Sprint(r.Int()), Authenticated: r.IntN(2) == 0}, Said: lie(r)})
				}
			case i < liars+silent:
				votes = append(votes, says(name, Unknown(errDown)))
			default:
				votes = append(votes, says(name, truth))
			}
		}
		r.Shuffle(len(votes), func(i, j int) { votes[i], votes[j] = votes[j], votes[i] })
		got := Agree(Majority(), operators, votes)
		if got.Known() && !got.Same(truth) {
			t.Fatalf("%d liars and %d silent of %d: %s", liars, silent, operators, got.Describe())
		}
		if 2*(operators-liars-silent) > operators && !got.Same(truth) {
			t.Fatalf("%d liars and %d silent of %d keep the truth out: %s", liars, silent, operators, got.Describe())
		}
	}
}

// lie is anything: another address, the truth and more, none at all, nothing.
func lie(r *rand.Rand) Observation {
	switch r.IntN(4) {
	case 0:
		return known("192.0.2.1", "192.0.2.66")
	case 1:
		return None()
	case 2:
		return Unknown(errDown)
	}
	return known(fmt.Sprintf("192.0.2.%d", 60+r.IntN(3)))
}

func TestParseRule(t *testing.T) {
	for s, want := range map[string]Rule{"first": First(), "majority": Majority(), "1": AtLeast(1), "3": AtLeast(3)} {
		got, err := ParseRule(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("ParseRule(%q) = %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "0", "-1", "all", "1.5"} {
		if r, err := ParseRule(s); err == nil {
			t.Errorf("ParseRule(%q) = %v", s, r)
		}
	}
	if r := (Rule{}); !r.IsFirst() {
		t.Error("the zero Rule is not first")
	}
}

func TestRuleNeeds(t *testing.T) {
	for operators, want := range map[int]int{1: 1, 2: 2, 3: 2, 4: 3, 5: 3} {
		if got := Majority().Needs(operators); got != want {
			t.Errorf("a majority of %d is %d, want %d", operators, got, want)
		}
	}
	if First().Needs(5) != 1 || AtLeast(4).Needs(5) != 4 {
		t.Error("first needs one, a number as many as it says")
	}
}
