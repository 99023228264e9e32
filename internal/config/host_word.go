package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// CheckHost refuses a word that is no host's.
func (c *Catalogue) CheckHost(word string) error {
	return c.checkHost(word, c.hostWords(), nil, func(word, service string) string {
		if service == "" {
			return "it is called " + word + " here"
		}
		return fmt.Sprintf("it is a service of %s: write provider: %s and service: %s", word, word, service)
	})
}

// CheckHostOutside refuses a word that is no host's, or one's whose accounts only
// homing.yaml can hold: there alone a record can say that it is there.
func (c *Catalogue) CheckHostOutside(word string) error {
	var outside, inside []string
	for _, h := range c.Hosts {
		if h.Named || h.Inside {
			inside = append(inside, h.Word)
		} else {
			outside = append(outside, h.Word)
		}
	}
	write := func(word, service string) string {
		if service != "" {
			service = " service: " + service + ","
		}
		return fmt.Sprintf("write into homing.yaml: accounts: {mine: {provider: %s,%s …}}, and account: mine at its records; homing hosts says what it needs", word, service)
	}
	if slices.Contains(inside, word) {
		return hinted("an account at "+c.host(word).Name+" is set in homing.yaml, where a record can say that it is there", write(word, ""))
	}
	return c.checkHost(word, outside, inside, func(word, service string) string {
		if service == "" && slices.Contains(outside, word) {
			return "it is called " + word + " here"
		}
		return write(word, service)
	})
}

// checkHost refuses a word that is none of these, and says what is called so
// elsewhere.
func (c *Catalogue) checkHost(word string, words, inside []string, called func(word, service string) string) error {
	if slices.Contains(words, word) {
		return nil
	}
	hint := ""
	if known, service := c.hostCalled(word); known != "" {
		hint = called(known, service)
	}
	known := "the hosts are " + listed(words)
	switch {
	case len(inside) > 0:
		known += ", and in homing.yaml " + listed(inside)
	case len(words) == 1:
		known = "the only one is " + words[0]
	}
	return hinted(fmt.Sprintf("there is no DNS host %.40q", word), cmp.Or(hint, DidYouMean(strings.ToLower(word), words), known))
}

// hostCalled is the word of what others call so, and which of its services it is.
func (c *Catalogue) hostCalled(name string) (word, service string) {
	name = bare(name)
	for _, h := range c.Hosts {
		if slices.Contains(h.Also, name) {
			return h.Word, ""
		}
		for _, s := range h.Services {
			if bare(s) == name {
				return h.Word, s
			}
		}
	}
	return "", ""
}

// bare is a name without what people write in different ways.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-_", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
}
