package web

import (
	"net/url"
	"strconv"
)

// pageLink leads to one page of several.
type pageLink struct {
	Number int
	Href   string
	Here   bool
	Gap    bool // pages are left out here
}

// pageLinks is the first and the last of so many pages and those around this one.
func pageLinks(here, all int, href func(page int) string) (links []pageLink) {
	const around = 2
	for n := 1; n <= all; n++ {
		if n > 1 && n < all && (n < here-around || n > here+around) {
			if len(links) > 0 && !links[len(links)-1].Gap {
				links = append(links, pageLink{Gap: true})
			}
			continue
		}
		links = append(links, pageLink{Number: n, Href: href(n), Here: n == here})
	}
	return links
}

// pageAsked is the page that a query asks for, which there is.
func pageAsked(q url.Values, all int) int {
	n, err := strconv.Atoi(q.Get("page"))
	if err != nil {
		return 1
	}
	return min(max(n, 1), max(all, 1))
}

// pagesFor is how many pages so many things take.
func pagesFor(things, each int) int { return max(1, (things+each-1)/each) }

// query is an address with those of the pairs that say something.
func query(path string, pairs ...string) string {
	q := make(url.Values)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
