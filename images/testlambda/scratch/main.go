// A handler of AWS's own Go library, in an image that holds nothing else.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

var calls int

func handle(_ context.Context, event map[string]any) (any, error) {
	calls++
	fmt.Println("line", calls)
	asked := event
	_, isHTTP := event["requestContext"]
	if isHTTP {
		asked, _ = event["queryStringParameters"].(map[string]any)
	}
	result, err := do(asked, event)
	if err != nil || !isHTTP {
		return result, err
	}
	body, err := json.Marshal(result)
	return map[string]any{"statusCode": 200, "headers": map[string]string{"content-type": "application/json"}, "body": string(body)}, err
}

func do(asked, event map[string]any) (any, error) {
	switch asked["do"] {
	case "sleep":
		seconds, err := strconv.ParseFloat(fmt.Sprint(asked["seconds"]), 64)
		time.Sleep(time.Duration(seconds * float64(time.Second)))
		return nil, err
	case "write":
		file, err := os.CreateTemp("", "test")
		if err != nil {
			return nil, err
		}
		return file.Name(), file.Close()
	}
	if path, isHTTP := event["rawPath"]; isHTTP {
		return map[string]any{"path": path, "calls": calls}, nil
	}
	return map[string]any{"event": event, "calls": calls}, nil
}

func main() {
	lambda.Start(handle)
}
