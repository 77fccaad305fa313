// A typed event and a typed result; an error that is the caller's to see.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	Name string `json:"name"`
}

type greeting struct {
	Message string `json:"message"`
}

func handle(_ context.Context, event *event) (*greeting, error) {
	if event == nil || event.Name == "" {
		return nil, errors.New("received no name")
	}
	return &greeting{Message: fmt.Sprintf("Hello %s!", event.Name)}, nil
}

func main() {
	lambda.Start(handle)
}
