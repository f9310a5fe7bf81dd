package foreign

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cartline/server/identity"
	"cartline/server/internal/testenv"
	"cartline/shared"
)

func TestMain(m *testing.M) { testenv.Main(m) }

var errAway = errors.New("it is away")

// application is a Source whose proofs are the values of a header.
type application struct {
	asked atomic.Int32
	ask   func(ctx context.Context, proof string) (Answer, error)
}

func (a *application) Proof(r *http.Request) string { return r.Header.Get("Proof") }

func (a *application) Ask(ctx context.Context, proof string) (Answer, error) {
	a.asked.Add(1)
	return a.ask(ctx, proof)
}

// annOnly knows who ann is.
func annOnly(_ context.Context, proof string) (Answer, error) {
	if proof != "ann" {
		return Answer{}, signInFirst()
	}
	return Answer{User: "ann", Roles: []string{"event_listener", "sales", "baker"}}, nil
}

func request(t *testing.T, proof string) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/events/io", nil)
	r.Header.Set("Proof", proof)
	return r
}

func codeOf(err error) shared.Code {
	var problem *shared.Problem
	if errors.As(err, &problem) {
		return problem.Code
	}
	return ""
}

func TestStaff(t *testing.T) {
	app := &application{ask: annOnly}
	a := New(Config{Source: app, Roles: map[string][]string{"sales": {shared.RoleCartEditor, shared.RoleEventListener}}})
	before := time.Now()
	session, err := a.Staff(request(t, "ann"))
	if err != nil || session.Username != "ann" || string(session.Proof) != "ann" || len(session.Hash) == 0 {
		t.Errorf("got %+v, %v; want ann's", session, err)
	}
	if want := []string{shared.RoleCartEditor, shared.RoleEventListener}; !slices.Equal(session.Roles, want) {
		t.Errorf("got the roles %v, want %v", session.Roles, want)
	}
	if lasts := session.ExpiresAt.Sub(before); lasts < identity.StaffLifetime || lasts > identity.StaffLifetime+time.Minute {
		t.Errorf("a session that doesn't say when it ends lasts %v, want %v", lasts, identity.StaffLifetime)
	}
	if printed := fmt.Sprintf("%v %+v %#v", session, session, session); strings.Contains(printed, `Proof:"ann"`) || strings.Contains(printed, "Proof:ann") {
		t.Errorf("printing a session tells its proof: %s", printed)
	}
	asked := app.asked.Load()
	for name, proof := range map[string]string{"nothing": "", "too much": strings.Repeat("x", maxProof+1)} {
		if _, err := a.Staff(request(t, proof)); codeOf(err) != shared.CodeUnauthorized {
			t.Errorf("%s: got %v, want unauthorized", name, err)
		}
	}
	if app.asked.Load() != asked {
		t.Error("the application was asked about nothing")
	}
	if _, err := a.Staff(request(t, "bob")); codeOf(err) != shared.CodeUnauthorized {
		t.Errorf("bob: got %v, want unauthorized", err)
	}
}

func TestRevalidate(t *testing.T) {
	app := &application{ask: annOnly}
	a := New(Config{Source: app})
	session, err := a.Staff(request(t, "ann"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		answer Answer
		err    error
		want   shared.Code
		fails  bool
	}{
		{"she stays", Answer{User: "ann"}, nil, "", false},
		{"signed out", Answer{}, signInFirst(), shared.CodeUnauthorized, true},
		{"may not", Answer{}, &shared.Problem{Code: shared.CodeForbidden}, shared.CodeForbidden, true},
		{"another's by now", Answer{User: "bob"}, nil, shared.CodeUnauthorized, true},
		{"expired", Answer{User: "ann", Expires: time.Now().Add(-time.Second)}, nil, shared.CodeUnauthorized, true},
		{"away", Answer{}, errAway, "", true},
	} {
		app.ask = func(context.Context, string) (Answer, error) { return test.answer, test.err }
		_, err := a.Revalidate(t.Context(), session)
		if codeOf(err) != test.want || (err != nil) != test.fails {
			t.Errorf("%s: got %v, want code %q, failure: %t", test.name, err, test.want, test.fails)
		}
	}
}

// What was answered stands for a moment, also that it is nobody; that nobody could be
// asked doesn't.
func TestAnswersStand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &application{ask: annOnly}
		a := New(Config{Source: app, Keep: 5 * time.Second})
		find := func(proof string, want int32) {
			t.Helper()
			_, _ = a.Staff(request(t, proof)) // TestStaff looks at what it says
			if got := app.asked.Load(); got != want {
				t.Errorf("%s: asked %d times, want %d", proof, got, want)
			}
		}
		find("ann", 1)
		find("ann", 1)
		find("bob", 2)
		find("bob", 2)
		time.Sleep(5 * time.Second)
		find("ann", 3)
		a.Forget("carl")
		find("ann", 3)
		find("bob", 4) // might be carl by now
		a.Forget("ann")
		find("ann", 5)
		a.Forget("")
		find("ann", 6)
		app.ask = func(context.Context, string) (Answer, error) { return Answer{}, errAway }
		a.Forget("")
		find("ann", 7)
		find("ann", 8)
	})
}

// An answer that was asked for before it was said that something has changed is no answer
// to whoever asks after that.
func TestForgetWhileAsking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &application{}
		a := New(Config{Source: app, Keep: time.Minute})
		release := make(chan struct{})
		app.ask = func(context.Context, string) (Answer, error) {
			<-release
			return Answer{User: "ann"}, nil
		}
		var asking sync.WaitGroup
		asking.Go(func() { _, _ = a.Staff(request(t, "ann")) })
		synctest.Wait()
		a.Forget("ann")
		app.ask = func(context.Context, string) (Answer, error) { return Answer{}, signInFirst() }
		if _, err := a.Staff(request(t, "ann")); codeOf(err) != shared.CodeUnauthorized {
			t.Errorf("beside the old question: got %v, want unauthorized", err)
		}
		close(release)
		asking.Wait()
		if _, err := a.Staff(request(t, "ann")); codeOf(err) != shared.CodeUnauthorized {
			t.Errorf("after the old question: got %v, want unauthorized", err)
		}
	})
}

// Who asks the same at the same time asks once.
func TestAskedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		app := &application{ask: func(ctx context.Context, proof string) (Answer, error) {
			<-release
			return annOnly(ctx, proof)
		}}
		a := New(Config{Source: app})
		var asking sync.WaitGroup
		for range 50 {
			asking.Go(func() {
				if _, err := a.Staff(request(t, "ann")); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(release)
		asking.Wait()
		if got := app.asked.Load(); got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}

// One that hangs costs a bounded number of questions, for a bounded time, and lets nobody
// in.
func TestHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &application{ask: func(ctx context.Context, _ string) (Answer, error) {
			<-ctx.Done()
			return Answer{}, ctx.Err()
		}}
		a := New(Config{Source: app, Timeout: 3 * time.Second})
		began := time.Now()
		var asking sync.WaitGroup
		for i := range 3 * maxAsked {
			asking.Go(func() {
				if _, err := a.Staff(request(t, fmt.Sprint(i))); !errors.Is(err, context.DeadlineExceeded) || codeOf(err) != "" {
					t.Errorf("got %v, want that it took too long", err)
				}
			})
		}
		synctest.Wait()
		if got := app.asked.Load(); got != maxAsked {
			t.Errorf("%d questions are open, want %d", got, maxAsked)
		}
		asking.Wait()
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("it took %v, want 3s", took)
		}
	})
}

// Who is told to stop while the application hangs asks nothing more: of thousands of open
// sockets, a server that stops would ask for hours.
func TestAskingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		app := &application{ask: annOnly}
		a := New(Config{Source: app, Timeout: 3 * time.Second})
		session, err := a.Staff(request(t, "ann"))
		if err != nil {
			t.Fatal(err)
		}
		app.ask = func(ctx context.Context, _ string) (Answer, error) {
			<-ctx.Done()
			return Answer{}, ctx.Err()
		}
		asked := app.asked.Load()
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		for range 100 {
			if _, err := a.Revalidate(ctx, session); err == nil || codeOf(err) != "" {
				t.Errorf("got %v, want that it can't be found out", err)
			}
		}
		if got := app.asked.Load() - asked; got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}

func TestTry(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer Answer
		err    error
		want   error
	}{
		{"closed", Answer{}, signInFirst(), nil},
		{"forbidden", Answer{}, &shared.Problem{Code: shared.CodeForbidden}, nil},
		{"open", Answer{User: "guest"}, nil, ErrOpen},
		{"away", Answer{}, errAway, errAway},
	} {
		app := &application{ask: func(context.Context, string) (Answer, error) { return test.answer, test.err }}
		if got := New(Config{Source: app}).Try(t.Context()); !errors.Is(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	a := newAnswers(time.Minute, 10)
	now := time.Now()
	for i := range 100 {
		a.keep([32]byte{byte(i)}, Answer{User: "ann"}, nil, a.since(), now)
		if len(a.kept) > 10 {
			t.Fatalf("%d answers are kept, want at most 10", len(a.kept))
		}
	}
	if _, known := a.find([32]byte{99}, now); !known {
		t.Error("the newest isn't kept")
	}
}

func TestCookieValue(t *testing.T) {
	for header, want := range map[string]string{
		"":                    "",
		"sid=a":               "a",
		"other=b; sid=a":      "a",
		"sid=a; sid=b":        "",
		"sid=a; sid=a":        "",
		"SID=a":               "",
		"sid=s%3Aabc.def%2Bx": "s%3Aabc.def%2Bx",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", header)
		if got := CookieValue(r, "sid"); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
}
