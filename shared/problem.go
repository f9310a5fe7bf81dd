package shared

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Code names an error for programs. A sentence for people goes with it, in
// Problem.Detail.
type Code string

// The codes. What each one means for the HTTP status is told in
// docs/protocol.md.
const (
	CodeInvalid            Code = "invalid"          // the request can't be understood or breaks a rule
	CodeTooLarge           Code = "too_large"        // the body or the message is too big
	CodeUnsupportedType    Code = "unsupported_type" // the body is not JSON
	CodeNotFound           Code = "not_found"        // no such thing, or not for you
	CodeUnknownProduct     Code = "unknown_product"  // no product has this SKU
	CodeVersionConflict    Code = "version_conflict" // the line has changed since you read it
	CodeCartFull           Code = "cart_full"        // no more lines fit
	CodeCartClosed         Code = "cart_closed"      // it was ordered or merged, and can't change
	CodeTotalChanged       Code = "total_changed"    // the total is not the one you saw
	CodeUnknownCode        Code = "unknown_code"     // no cart has this assist code now
	CodeNotAttached        Code = "not_attached"     // attend the cart first
	CodeConsentNeeded      Code = "consent_needed"   // the customer has to agree first
	CodeOverLimit          Code = "over_limit"       // more than you may take off
	CodeTooMuch            Code = "too_much"         // more than there is to take off
	CodeBadLink            Code = "bad_link"         // not a page that can be sent
	CodeCannotUndo         Code = "cannot_undo"      // that change can't be taken back any more
	CodeEmailTaken         Code = "email_taken"      // there is an account with this address
	CodeUnauthorized       Code = "unauthorized"     // sign in first
	CodeForbidden          Code = "forbidden"        // signed in, but not allowed
	CodeBadCredentials     Code = "bad_credentials"  // name or password is wrong
	CodeSecondFactor       Code = "second_factor"    // the password is right; give the code as well
	CodeTooMany            Code = "too_many_attempts"
	CodeTooManyConnections Code = "too_many_connections" // close another, or come later
	CodeTooFast            Code = "too_fast"             // more messages, or handshakes, in a second than may be
	CodeStorageFull        Code = "storage_full"         // the server's disk is full, or can't be written to
	CodeCrossOrigin        Code = "cross_origin"         // the request comes from another site
	CodeUnknownChannel     Code = "unknown_channel"      // there is no such channel to listen to
	CodeMethod             Code = "method_not_allowed"
	CodeNotHere            Code = "not_here"    // another process of the same shop answers this
	CodeUnavailable        Code = "unavailable" // try again later
	CodeInternal           Code = "internal"    // our fault; the cause is in the server's log
)

// ProblemType is the media type of a Problem (RFC 9457, section 3).
const ProblemType = "application/problem+json"

// Problem is the body of every HTTP error (RFC 9457), and, without its status,
// the payload of KindError on a socket.
type Problem struct {
	Title  string `json:"title,omitempty"`
	Status int    `json:"status,omitempty"`
	Code   Code   `json:"code"`
	Detail string `json:"detail"`
	// Field names the part of the request that is at fault, where one is.
	Field string `json:"field,omitempty"`
	// Channel is what a request to listen was for, on a socket.
	Channel string `json:"channel,omitempty"`
	// RetryAfter is in seconds, where waiting helps.
	RetryAfter int `json:"retry_after,omitempty"`
	// Request is the id under which the server's log has what happened, short enough to be
	// read out on the phone. It is nowhere but in an HTTP answer.
	Request string `json:"request,omitempty"`
	// Cart is the current state, with CodeVersionConflict.
	Cart *Cart `json:"cart,omitempty"`
}

// Error returns the sentence for people.
func (p *Problem) Error() string { return p.Detail }

// ProblemOf finds the problem in an error. An error that isn't one is
// CodeInternal, and its text, which may tell of our insides, is not passed on.
func ProblemOf(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return &Problem{Code: CodeInternal, Detail: "Something went wrong on our side."}
}

func invalid(field, detail string) *Problem {
	return &Problem{Code: CodeInvalid, Field: field, Detail: detail}
}

// Validator is a request that can tell what is wrong with it, as a *Problem.
type Validator interface{ Validate() error }

// Decode parses one JSON value strictly, in UTF-8 (RFC 8259, section 8.1), with
// nothing after it, no field that the type doesn't have, and none twice, and
// validates it. As in encoding/json, the case of a field's name doesn't matter.
// Every error is a *Problem.
func Decode[T Validator](body []byte) (T, error) {
	var value, none T
	if !utf8.Valid(body) {
		return none, invalid("", "This is not UTF-8, as JSON has to be.")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&value); err != nil {
		return none, invalid("", "This is not the JSON that is expected here: "+explain(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return none, invalid("", "There is something after the JSON value.")
	}
	if name := repeatedName(body); name != "" {
		return none, invalid(name, fmt.Sprintf("There is more than one %q.", name))
	}
	if err := value.Validate(); err != nil {
		return none, err
	}
	return value, nil
}

// repeatedName returns the first name that a JSON object has twice, or "".
// encoding/json believes the last one, others the first (RFC 8259, section 4): so
// whoever looked at the message before us may have seen another. Objects in the
// object are not looked at; no request has any.
func repeatedName(object []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return ""
	}
	var seen []string
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return "" // not reached: the object has been decoded before
		}
		if slices.ContainsFunc(seen, func(s string) bool { return strings.EqualFold(s, name) }) {
			return name
		}
		seen = append(seen, name)
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return "" // as above
		}
	}
	return ""
}

// explain puts what encoding/json says into words that name no Go type.
func explain(err error) string {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty."
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early."
	case errors.As(err, &syntax):
		return fmt.Sprintf("it can't be read at byte %d.", syntax.Offset)
	case errors.As(err, &wrong):
		if wrong.Field == "" {
			return fmt.Sprintf("%s can't stand here.", withArticle(wrong.Value))
		}
		return fmt.Sprintf("%s can't be %s.", wrong.Field, withArticle(wrong.Value))
	default:
		// Only DisallowUnknownFields is left, whose text is `json: unknown
		// field "name"`.
		return strings.TrimPrefix(err.Error(), "json: ") + "."
	}
}

// withArticle makes "an array" of one of encoding/json's words for a value.
func withArticle(value string) string {
	if value == "array" || value == "object" {
		return "an " + value
	}
	return "a " + value
}
