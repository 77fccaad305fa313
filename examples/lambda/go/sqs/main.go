// SQS with partial batch responses: only the messages that failed come again.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

type order struct {
	ID string `json:"id"`
}

func handle(_ context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	failures := []events.SQSBatchItemFailure{}
	for _, message := range event.Records {
		var order order
		if err := json.Unmarshal([]byte(message.Body), &order); err != nil {
			fmt.Printf("message %s: %v\n", message.MessageId, err)
			failures = append(failures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		}
	}
	return events.SQSEventResponse{BatchItemFailures: failures}, nil
}

func main() {
	lambda.Start(handle)
}
