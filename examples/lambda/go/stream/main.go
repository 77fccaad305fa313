// A streamed HTTP response: status, headers and cookies first, then bytes as they come.
package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handle(_ context.Context, _ events.LambdaFunctionURLRequest) (*events.LambdaFunctionURLStreamingResponse, error) {
	reader, writer := io.Pipe()
	go func() {
		defer func() { _ = writer.Close() }()
		for i := range 3 {
			_, _ = fmt.Fprintf(writer, "part %d\n", i)
			time.Sleep(100 * time.Millisecond)
		}
	}()
	return &events.LambdaFunctionURLStreamingResponse{
		StatusCode: 200,
		Headers:    map[string]string{"Content-Type": "text/plain"},
		Cookies:    []string{"seen=yes"},
		Body:       reader,
	}, nil
}

func main() {
	lambda.Start(handle)
}
