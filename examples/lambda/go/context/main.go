// The context, the environment, what stays in memory between invocations, and /tmp.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Made once, in the init phase.
var (
	startedAt   = time.Now()
	invocations int
)

type seen struct {
	RequestID       string            `json:"requestId"`
	Arn             string            `json:"arn"`
	Function        string            `json:"function"`
	Version         string            `json:"version"`
	MemoryMB        int               `json:"memoryMb"`
	LogGroup        string            `json:"logGroup"`
	LogStream       string            `json:"logStream"`
	RemainingMillis int64             `json:"remainingMillis"`
	Custom          map[string]string `json:"custom"`
	Region          string            `json:"region"`
	Handler         string            `json:"handler"`
	TaskRoot        string            `json:"taskRoot"`
	TraceID         string            `json:"traceId"`
	Greeting        string            `json:"greeting"`
	Invocations     int               `json:"invocations"`
	AgeMillis       int64             `json:"ageMillis"`
	Kept            string            `json:"kept"`
}

func handle(ctx context.Context) (seen, error) {
	invocations++
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	log.Printf("invocation %d", invocations)
	kept, _ := os.ReadFile("/tmp/lull-example-go")
	if err := os.WriteFile("/tmp/lull-example-go", []byte(lc.AwsRequestID), 0o600); err != nil {
		return seen{}, err
	}
	return seen{
		RequestID:       lc.AwsRequestID,
		Arn:             lc.InvokedFunctionArn,
		Function:        lambdacontext.FunctionName,
		Version:         lambdacontext.FunctionVersion,
		MemoryMB:        lambdacontext.MemoryLimitInMB,
		LogGroup:        lambdacontext.LogGroupName,
		LogStream:       lambdacontext.LogStreamName,
		RemainingMillis: time.Until(deadline).Milliseconds(),
		Custom:          lc.ClientContext.Custom,
		Region:          os.Getenv("AWS_REGION"),
		Handler:         os.Getenv("_HANDLER"),
		TaskRoot:        os.Getenv("LAMBDA_TASK_ROOT"),
		TraceID:         os.Getenv("_X_AMZN_TRACE_ID"),
		Greeting:        os.Getenv("GREETING"),
		Invocations:     invocations,
		AgeMillis:       time.Since(startedAt).Milliseconds(),
		Kept:            string(kept),
	}, nil
}

func main() {
	lambda.Start(handle)
}
