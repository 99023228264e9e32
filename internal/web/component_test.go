package web

import (
	"bytes"
	"testing"
)

func TestTextAndAddressesRunNothing(t *testing.T) {
	var page bytes.Buffer
	escape(&page, `<b a="1">&'`)
	for _, url := range []string{"javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", `record?name="x":&at=1`, "./#records", "#a:b", "https://example.org/?a=b:c"} {
		page.WriteString(" ")
		escapeURL(&page, url)
	}
	const want = `&lt;b a=&#34;1&#34;&gt;&amp;&#39; about:invalid about:invalid about:invalid record?name=&#34;x&#34;:&amp;at=1 ./#records #a:b https://example.org/?a=b:c`
	if page.String() != want {
		t.Errorf("written:\n%s\nwant\n%s", page.String(), want)
	}
}

func TestOnlyClassesThatApplyAreWritten(t *testing.T) {
	for want, got := range map[string]string{
		"card lost": classes("card", when("lost", true)),
		"card":      classes("card", when("lost", false)),
		"":          classes(when("lost", false)),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
