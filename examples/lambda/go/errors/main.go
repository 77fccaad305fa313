// The ways in which a Go handler fails: an error, an error of its own type, a panic, an exit, and too long a wait.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	How string `json:"how"`
}

type notFoundError struct{ id string }

func (e notFoundError) Error() string { return fmt.Sprintf("there is no %s", e.id) }

func handle(ctx context.Context, event event) (string, error) {
	switch event.How {
	case "error":
		return "", errors.New("something went wrong")
	case "typed":
		return "", notFoundError{"order 7"}
	case "panic":
		panic("a panic")
	case "exit":
		os.Exit(1)
	case "wait":
		<-ctx.Done()
		select {}
	}
	return "well", nil
}

func main() {
	lambda.Start(handle)
}
