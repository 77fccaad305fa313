// A handler that AWS's library registers an internal extension for, so that it hears of the end.
package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	handler := func(context.Context, any) (string, error) { return "from go", nil }
	lambda.StartWithOptions(handler, lambda.WithEnableSIGTERM(func() { fmt.Println("heard SIGTERM") }))
}
