package sim

import (
	"encoding/json"
	"mime"
	"net/http"
)

// reply is an answer before it is JSON.
type reply struct {
	status   int
	envelope any
}

// envelope is the frame of every answer but that of DELETE.
type envelope struct {
	Success  bool        `json:"success"`
	Errors   []apiError  `json:"errors"`
	Messages []any       `json:"messages"`
	Result   any         `json:"result"`
	Info     *resultInfo `json:"result_info,omitempty"`
}

type resultInfo struct {
	Page       int `json:"page"`
	PerPage    int `json:"per_page"`
	Count      int `json:"count"`
	TotalCount int `json:"total_count"`
	TotalPages int `json:"total_pages"`
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // the simulator's own values always have a JSON form
	}
	return string(b)
}

func okReply(result any) reply { return okList(result, nil) }

//go:noinline // many callers: see dependencies.md
func okList(result any, info *resultInfo) reply {
	return reply{http.StatusOK, envelope{Success: true, Errors: []apiError{}, Messages: []any{}, Result: result, Info: info}}
}

type apiError struct {
	Code    int        `json:"code"`
	Message string     `json:"message"`
	Chain   []apiError `json:"error_chain,omitempty"`
	Source  *source    `json:"source,omitempty"`
}

type source struct {
	Pointer string `json:"pointer"`
}

// refusal is why a call is not carried out.
type refusal struct {
	status  int
	code    int
	message string
	chain   *apiError
	entry   string // of a batch, such as "/posts/3"
	field   string // of a record, such as "/ttl"
}

//go:noinline // many callers: see dependencies.md
func newRefusal(status, code int, message string) *refusal {
	return &refusal{status: status, code: code, message: message}
}

// invalidField refuses one field of a record.
func invalidField(code int, field, message string) *refusal {
	return &refusal{status: http.StatusBadRequest, code: code, message: message, field: "/" + field}
}

func (no *refusal) toReply(o Options) reply {
	e := apiError{Code: no.code, Message: no.message}
	if no.chain != nil {
		e.Chain = []apiError{*no.chain}
	}
	if o.Chains && no.field != "" {
		e = apiError{Code: 1004, Message: "DNS Validation Error", Chain: []apiError{e}}
	}
	if at := no.entry + no.field; o.Pointers && at != "" {
		e.Source = &source{at}
	}
	return reply{no.status, envelope{Errors: []apiError{e}, Messages: []any{}}}
}

func (q *request) isJSON() bool {
	kind, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	return err == nil && kind == "application/json" && json.Valid(q.body)
}

// decodeBody reads the body into v, of which every field has a type of its own.
func (q *request) decodeBody(v any) *refusal {
	if err := json.Unmarshal(q.body, v); err != nil {
		return newRefusal(http.StatusBadRequest, 9207, "Request body is invalid: "+err.Error())
	}
	return nil
}
