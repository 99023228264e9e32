package bridge

// Version is that of the protocol: docs/hosts/exec.md.
const version = 1

// request is a line of homing.
type request struct {
	Version int      `json:"version"`
	ID      int64    `json:"id"`
	Do      string   `json:"do"`
	Zone    zone     `json:"zone"`
	Names   []string `json:"names"`
	Texts   []string `json:"texts"`
	Set     set      `json:"set"`
}

type zone struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// set is one set as homing read it, and as it is to stand.
type set struct {
	Name   string   `json:"name"`
	Type   string   `json:"type"`
	Read   []record `json:"read"`
	Wanted []record `json:"wanted"`
}

type record struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Content string `json:"content"`
	TTL     int    `json:"ttl,omitempty"`
}

// answer is a line to homing. A list that was asked for is there even where it is empty.
type answer struct {
	Version int       `json:"version"`
	ID      int64     `json:"id"`
	Error   *Failure  `json:"error,omitempty"`
	Limits  *limits   `json:"limits,omitempty"`
	Zones   *[]zone   `json:"zones,omitempty"`
	Records *[]record `json:"records,omitempty"`
}

type limits struct {
	MinTTL  int  `json:"min_ttl,omitempty"`
	MaxTTL  int  `json:"max_ttl,omitempty"`
	AutoTTL int  `json:"auto_ttl,omitempty"`
	Values  int  `json:"values,omitempty"`
	TXT     bool `json:"txt"`
}

// Kinds of failures.
const (
	auth        = "auth"
	noZone      = "no zone"
	rejected    = "rejected"
	throttled   = "throttled"
	unavailable = "unavailable"
	stale       = "stale"
	unconfirmed = "unconfirmed"
)

// Failure is what went wrong, in the words of the protocol.
type Failure struct {
	Kind       string `json:"kind"`
	Reason     string `json:"reason"`
	Hint       string `json:"hint,omitempty"`
	RetryAfter int64  `json:"retry_after,omitempty"`
}

func (f *Failure) Error() string { return f.Reason }
