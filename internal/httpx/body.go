package httpx

import (
	"fmt"
	"io"
	"net/http"
)

// TooLarge is an answer longer than the reader was willing to take. Nothing of
// it is used: an address cut in the middle is another address.
type TooLarge struct{ Limit int64 }

func (e *TooLarge) Error() string { return fmt.Sprintf("the answer is longer than %d bytes", e.Limit) }

// ReadBody reads and closes the body of an answer of at most limit bytes.
func ReadBody(r *http.Response, limit int64) ([]byte, error) {
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, &TooLarge{limit}
	}
	return b, nil
}

// Limit makes reading more than limit bytes from r an error.
func Limit(r io.Reader, limit int64) io.Reader {
	return &limitedReader{r: r, left: limit, limit: limit}
}

type limitedReader struct {
	r           io.Reader
	left, limit int64
}

func (c *limitedReader) Read(p []byte) (int, error) {
	// One byte more than is left tells an answer that ends at the limit from
	// one that goes on.
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		n, c.left = int(c.left), 0
		return n, &TooLarge{c.limit}
	}
	c.left -= int64(n)
	return n, err
}
