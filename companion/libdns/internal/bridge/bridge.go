// Package bridge speaks homing's protocol for programs (docs/hosts/exec.md) for a
// library that follows libdns.
//
// libdns promises little, and its libraries keep less: some delete every record of a
// name where one was to go, some read a refusal as an empty zone, and what an error
// means stands in its text alone. So nothing they say counts. A set is read before it
// is written, and again after; what an error means is taken from the answers of the
// host, which Wire sees; and each library is used only in ways that do what they say.
package bridge

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/libdns/libdns"
)

// maxLine is the longest request that is read.
const maxLine = 16 << 20

// Client is what every library here does.
type Client interface {
	libdns.RecordGetter
	libdns.RecordAppender
	libdns.RecordSetter
	libdns.RecordDeleter
}

// Host is a DNS host, and the library for it.
type Host struct {
	Name   string // for people
	Client Client
	Zones  []string // without a dot at the end; none: those that Client lists
	// What the host takes: TTLs in seconds, of which MaxTTL 1 says that a record has
	// none of its own; the only ones there are, where that is so; records in a set.
	MinTTL, MaxTTL, AutoTTL int
	TTLs                    []int
	Values                  int
	TXT                     bool
	// Full says that the NS records of a zone are among those that are read, so that
	// an answer without them is none.
	Full  bool
	Lower Lower
	Wire  *Wire
	Hide  []string      // what is shown nowhere
	Limit time.Duration // of one request
	Pause time.Duration // before a zone is read a second time
}

// Serve answers requests until there are none.
func (h *Host) Serve(in io.Reader, out io.Writer) error {
	return serve(in, out, h.answer)
}

// Refuse answers each request with what is wrong with how the program was started.
func Refuse(in io.Reader, out io.Writer, f *Failure) error {
	return serve(in, out, func(request) (answer, *Failure) { return answer{}, f })
}

func serve(in io.Reader, out io.Writer, do func(request) (answer, *Failure)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var q request
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
		var a answer
		f := &Failure{Kind: rejected, Reason: fmt.Sprintf("this program speaks version %d of the protocol, and was asked in version %d", version, q.Version)}
		if q.Version == version {
			if a, f = do(q); f != nil {
				a = answer{}
			}
		}
		a.Version, a.ID, a.Error = version, q.ID, f
		line, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("write an answer: %w", err)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("write an answer: %w", err)
		}
	}
	return lines.Err()
}

func (h *Host) answer(q request) (answer, *Failure) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), h.Limit, fmt.Errorf("%s did not answer within %s", h.Name, h.Limit))
	defer cancel()
	switch q.Do {
	case "limits":
		return answer{Limits: &limits{h.MinTTL, h.MaxTTL, h.AutoTTL, h.Values, h.TXT}}, nil
	case "zones":
		names, f := h.zones(ctx)
		zones := make([]zone, len(names))
		for i, n := range names {
			zones[i] = zone{n, n}
		}
		return answer{Zones: &zones}, f
	case "records", "apply":
		names, f := h.zones(ctx)
		switch {
		case f != nil:
			return answer{}, f
		case !slices.Contains(names, q.Zone.Name) || q.Zone.ID != "" && q.Zone.ID != q.Zone.Name:
			return answer{}, &Failure{Kind: noZone, Reason: fmt.Sprintf("%s is no zone of this account", q.Zone.Name)}
		case q.Do == "apply":
			return answer{}, h.apply(ctx, q)
		}
		records, f := h.records(ctx, q)
		return answer{Records: &records}, f
	}
	return answer{}, &Failure{Kind: rejected, Reason: "this program does not know what it was asked"}
}

// zones are those that were named, or those that the library lists.
func (h *Host) zones(ctx context.Context) ([]string, *Failure) {
	lister, ok := h.Client.(libdns.ZoneLister)
	if len(h.Zones) > 0 || !ok {
		return h.Zones, nil
	}
	var all []libdns.Zone
	if err := h.call(ctx, func(ctx context.Context) (err error) { all, err = lister.ListZones(ctx); return err }); err != nil {
		return nil, h.failure(ctx, "list the zones", err, false)
	}
	names := make([]string, 0, len(all))
	for _, z := range all {
		if n := plainName(z.Name); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		return nil, &Failure{Kind: unavailable, Reason: h.Name + " lists no zone at all", Hint: "name the zones in the command, behind the word of the host"}
	}
	h.Zones = names // until the end of this run
	return names, nil
}

// call has the library do something, and survives what it does.
func (h *Host) call(ctx context.Context, do func(context.Context) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the library failed inside: %v", r)
		}
	}()
	h.Wire.begin(ctx)
	return do(ctx)
}

// failure is an error of the library, in the words of the protocol: what it means is
// what the host answered first that was no success.
func (h *Host) failure(ctx context.Context, what string, err error, write bool) *Failure {
	f := &Failure{Kind: unavailable, Reason: h.clean(fmt.Sprintf("%s at %s: %v", what, h.Name, err))}
	status, retry := h.Wire.fault()
	switch {
	case ctx.Err() != nil:
		f.Reason = h.clean(fmt.Sprintf("%s: %v", what, context.Cause(ctx)))
	case status == 401 || status == 403:
		f.Kind = auth
	case status == 429:
		f.Kind, f.RetryAfter = throttled, retry
	case status == 404 && !write:
		f.Kind = noZone
	case status >= 400 && status < 500 && write:
		f.Kind = rejected
	}
	return f
}

// plainName is a name without a dot at its end, in small letters.
func plainName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }
