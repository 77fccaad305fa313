// As large a result as is asked for; AWS's limit is 6 MB.
package main

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	// Bytes of the result, its two quotes among them.
	Bytes int `json:"bytes"`
	// Of any length: it is only counted.
	Text string `json:"text"`
}

func handle(_ context.Context, event event) (any, error) {
	if event.Bytes == 0 {
		return len(event.Text), nil
	}
	return strings.Repeat("x", event.Bytes-2), nil
}

func main() {
	lambda.Start(handle)
}
