package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"

	"cartline/server/httplog"
	"cartline/shared"
)

// statuses tells the HTTP status of each code.
var statuses = map[shared.Code]int{
	shared.CodeInvalid:            http.StatusBadRequest,
	shared.CodeTooLarge:           http.StatusRequestEntityTooLarge,
	shared.CodeUnsupportedType:    http.StatusUnsupportedMediaType,
	shared.CodeNotFound:           http.StatusNotFound,
	shared.CodeUnknownProduct:     http.StatusNotFound,
	shared.CodeVersionConflict:    http.StatusConflict,
	shared.CodeCartFull:           http.StatusConflict,
	shared.CodeCartClosed:         http.StatusConflict,
	shared.CodeTotalChanged:       http.StatusConflict,
	shared.CodeCannotUndo:         http.StatusConflict,
	shared.CodeEmailTaken:         http.StatusConflict,
	shared.CodeUnknownCode:        http.StatusNotFound,
	shared.CodeNotAttached:        http.StatusForbidden,
	shared.CodeConsentNeeded:      http.StatusForbidden,
	shared.CodeOverLimit:          http.StatusForbidden,
	shared.CodeTooMuch:            http.StatusBadRequest,
	shared.CodeBadLink:            http.StatusBadRequest,
	shared.CodeUnauthorized:       http.StatusUnauthorized,
	shared.CodeForbidden:          http.StatusForbidden,
	shared.CodeBadCredentials:     http.StatusUnauthorized,
	shared.CodeSecondFactor:       http.StatusUnauthorized,
	shared.CodeTooMany:            http.StatusTooManyRequests,
	shared.CodeTooManyConnections: http.StatusTooManyRequests,
	shared.CodeTooFast:            http.StatusTooManyRequests,
	shared.CodeCrossOrigin:        http.StatusForbidden,
	shared.CodeMethod:             http.StatusMethodNotAllowed,
	shared.CodeNotHere:            http.StatusMisdirectedRequest,
	shared.CodeUnavailable:        http.StatusServiceUnavailable,
	shared.CodeStorageFull:        http.StatusServiceUnavailable,
}

// fail answers with the problem that an error is. This is the one place where an
// error becomes a status.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	problem, away := *shared.ProblemOf(err), a.Away(err)
	switch {
	case problem.Code != shared.CodeInternal:
	case a.StorageFull(err):
		problem = shared.Problem{Code: shared.CodeStorageFull, Detail: "Nothing can be saved at the moment, and nothing was changed. Those who run this server have to make room.", RetryAfter: 60}
	case away != "":
		problem = shared.Problem{Code: shared.CodeUnavailable, Detail: away + " doesn't answer at the moment.", RetryAfter: 5}
	}
	status, ok := statuses[problem.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	if status >= 500 && errors.Is(r.Context().Err(), context.Canceled) {
		// The client is gone, which is why it went wrong.
		a.Log.DebugContext(r.Context(), "request given up", "path", r.URL.Path, "error", err)
	} else if status >= 500 {
		a.Log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	}
	problem.Status = status
	problem.Title = http.StatusText(status)
	problem.Request = httplog.RequestID(r)
	if problem.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(problem.RetryAfter))
	}
	writeJSON(w, a.Log, status, shared.ProblemType, problem)
}

// answer sends a value with status 200.
func (a *API) answer(w http.ResponseWriter, value any) error {
	writeJSON(w, a.Log, http.StatusOK, "application/json", value)
	return nil
}

// done answers what has no more to say than that it went well.
func (a *API) done(w http.ResponseWriter, err error) error {
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func writeJSON(w http.ResponseWriter, logger *slog.Logger, status int, contentType string, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		logger.Error("an answer can't be encoded", "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	// An error here means that the client is gone, which it knows.
	_, _ = w.Write(append(body, '\n'))
}

// read decodes the request's body.
func read[T shared.Validator](w http.ResponseWriter, r *http.Request) (value T, err error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return value, &shared.Problem{Code: shared.CodeUnsupportedType, Detail: "Send the body as application/json."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, shared.MaxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return value, &shared.Problem{Code: shared.CodeTooLarge, Detail: "The body is larger than " + strconv.Itoa(shared.MaxBody) + " bytes."}
	}
	if err != nil {
		return value, &shared.Problem{Code: shared.CodeInvalid, Detail: "The body did not arrive whole."}
	}
	return shared.Decode[T](body)
}

// number reads an optional number from the query.
func number(r *http.Request, name string) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, &shared.Problem{Code: shared.CodeInvalid, Field: name, Detail: name + " is a whole number."}
	}
	return n, nil
}
