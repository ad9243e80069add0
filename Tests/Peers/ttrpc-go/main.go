// A stock ttrpc client (Debian: golang-github-containerd-ttrpc-dev, version 1.1, unary calls only) against our server's base
// profile, over mutual TLS. Prints "ok CASE" or "FAIL CASE: why" for each case; exits 1 after a failure.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go ADDRESS CA.pem CLIENT.pem CLIENT.key
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/ioutil"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/containerd/ttrpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// raw is a message that is its own bytes.
type raw struct{ b []byte }

func (r *raw) Reset()                   { r.b = nil }
func (r *raw) String() string           { return string(r.b) }
func (r *raw) ProtoMessage()            {}
func (r *raw) Marshal() ([]byte, error) { return r.b, nil }
func (r *raw) Unmarshal(b []byte) error { r.b = append([]byte(nil), b...); return nil }

var (
	address string
	config  *tls.Config
)

const service = "test.v1.Echo"

func connect(opts ...ttrpc.ClientOpts) (*ttrpc.Client, error) {
	conn, err := tls.Dial("tcp", address, config)
	if err != nil {
		return nil, err
	}
	if p := conn.ConnectionState().NegotiatedProtocol; p != "ttrpc" {
		return nil, fmt.Errorf("ALPN chose %q", p)
	}
	return ttrpc.NewClient(conn, opts...), nil
}

func call(ctx context.Context, c *ttrpc.Client, name, method string, payload []byte) ([]byte, error) {
	var reply raw
	err := c.Call(ctx, name, method, &raw{payload}, &reply)
	return reply.b, err
}

// expect checks that err is the status code with a text that contains part.
func expect(err error, code codes.Code, part string) error {
	s, ok := status.FromError(err)
	if err == nil || !ok {
		return fmt.Errorf("want %v, have %v", code, err)
	}
	if s.Code() != code || !strings.Contains(s.Message(), part) {
		return fmt.Errorf("want %v %q, have %v %q", code, part, s.Code(), s.Message())
	}
	return nil
}

func echo(c *ttrpc.Client, size int) error {
	payload := bytes.Repeat([]byte{0xA5, 0, 7}, size/3+1)[:size]
	reply, err := call(context.Background(), c, service, "Echo", payload)
	if err != nil {
		return err
	}
	if !bytes.Equal(reply, payload) {
		return fmt.Errorf("%d bytes came back as %d", size, len(reply))
	}
	return nil
}

func unaryEcho(c *ttrpc.Client) error {
	for _, size := range []int{0, 1, 128, 16384, 100000, 1000000} {
		if err := echo(c, size); err != nil {
			return fmt.Errorf("%d bytes: %v", size, err)
		}
	}
	return nil
}

func errorStatus(c *ttrpc.Client) error {
	_, err := call(context.Background(), c, service, "Fail", nil)
	return expect(err, codes.FailedPrecondition, "已办结\t的事项不能退回 😀")
}

func unimplemented(c *ttrpc.Client) error {
	_, err := call(context.Background(), c, service, "Missing", nil)
	if err := expect(err, codes.Unimplemented, "Missing"); err != nil {
		return err
	}
	_, err = call(context.Background(), c, "no.Such", "Echo", nil)
	return expect(err, codes.Unimplemented, "no.Such")
}

// The timeout is written without one of the client's own, so the server's timer has to answer.
func serverDeadline(_ *ttrpc.Client) error {
	c, err := connect(ttrpc.WithUnaryClientInterceptor(func(ctx context.Context, req *ttrpc.Request,
		resp *ttrpc.Response, _ *ttrpc.UnaryClientInfo, invoke ttrpc.Invoker) error {
		req.TimeoutNano = int64(200 * time.Millisecond)
		return invoke(ctx, req, resp)
	}))
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = call(context.Background(), c, service, "Never", nil)
	return expect(err, codes.DeadlineExceeded, "deadline")
}

func clientDeadline(c *ttrpc.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := call(ctx, c, service, "Never", nil); err == nil {
		return fmt.Errorf("no error")
	}
	return echo(c, 10)
}

func deadlineIsTold(c *ttrpc.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	reply, err := call(ctx, c, service, "Deadline", nil)
	if err != nil {
		return err
	}
	left, err := time.ParseDuration(string(reply) + "ns")
	if err != nil || left <= 30*time.Second || left > 90*time.Second {
		return fmt.Errorf("the server saw %q", reply)
	}
	return nil
}

func metadata(c *ttrpc.Client) error {
	md := ttrpc.MD{}
	md.Set("trace", "00-ab", "second")
	md.Set("office", "随州")
	reply, err := call(ttrpc.WithMetadata(context.Background(), md), c, service, "Metadata", nil)
	if err != nil {
		return err
	}
	if string(reply) != "office=随州\ntrace=00-ab\ntrace=second\n" {
		return fmt.Errorf("the server saw %q", reply)
	}
	return nil
}

func identity(c *ttrpc.Client) error {
	reply, err := call(context.Background(), c, service, "WhoAmI", nil)
	if err == nil && string(reply) != "twolists://421300/county/421321/officer/k7f2" {
		err = fmt.Errorf("the server saw %q", reply)
	}
	return err
}

func concurrent(c *ttrpc.Client) error {
	var wait sync.WaitGroup
	errs := make(chan error, 64)
	for i := 0; i < 64; i++ {
		wait.Add(1)
		go func(size int) {
			defer wait.Done()
			for n := 0; n < 50; n++ {
				if err := echo(c, size*37+n); err != nil {
					errs <- err
					return
				}
			}
		}(i)
	}
	wait.Wait()
	close(errs)
	return <-errs
}

func health(c *ttrpc.Client) error {
	reply, err := call(context.Background(), c, "grpc.health.v1.Health", "Check", nil)
	if err != nil {
		return err
	}
	if !bytes.Equal(reply, []byte{0x08, 0x01}) {
		return fmt.Errorf("want SERVING, have % x", reply)
	}
	_, err = call(context.Background(), c, "grpc.health.v1.Health", "Check", append([]byte{0x0A, 7}, "no.Such"...))
	return expect(err, codes.NotFound, "no such service")
}

func streamAsUnary(c *ttrpc.Client) error {
	_, err := call(context.Background(), c, "grpc.health.v1.Health", "Watch", nil)
	return expect(err, codes.InvalidArgument, "streams")
}

// Answered, and then the connection ends; another one works.
func oversized(_ *ttrpc.Client) error {
	c, err := connect()
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = call(context.Background(), c, service, "Echo", make([]byte, 2<<20))
	if err := expect(err, codes.ResourceExhausted, "the limit is 1048576 (max_message_bytes)"); err != nil {
		return err
	}
	again, err := connect()
	if err != nil {
		return err
	}
	defer again.Close()
	return echo(again, 128)
}

func run() error {
	if len(os.Args) != 5 {
		return fmt.Errorf("usage: main ADDRESS CA.pem CLIENT.pem CLIENT.key")
	}
	address = os.Args[1]
	ca, err := ioutil.ReadFile(os.Args[2])
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(os.Args[3], os.Args[4])
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	config = &tls.Config{
		Certificates: []tls.Certificate{pair}, RootCAs: roots, ServerName: "localhost",
		MinVersion: tls.VersionTLS13, NextProtos: []string{"ttrpc"},
	}
	c, err := connect()
	if err != nil {
		return err
	}
	defer c.Close()
	failed := false
	for _, test := range []struct {
		name string
		run  func(*ttrpc.Client) error
	}{
		{"unary-echo", unaryEcho}, {"error-status", errorStatus}, {"unimplemented", unimplemented},
		{"server-deadline", serverDeadline}, {"client-deadline", clientDeadline},
		{"deadline-is-told", deadlineIsTold}, {"metadata", metadata}, {"identity", identity},
		{"concurrent", concurrent}, {"health", health}, {"stream-as-unary", streamAsUnary},
		{"oversized", oversized},
	} {
		if err := test.run(c); err != nil {
			fmt.Printf("FAIL %s: %v\n", test.name, err)
			failed = true
		} else {
			fmt.Printf("ok %s\n", test.name)
		}
	}
	if failed {
		os.Exit(1)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Println("FAIL setup:", err)
		os.Exit(1)
	}
}
