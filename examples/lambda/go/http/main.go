// An HTTP API's event (payload 2.0), answered with bytes.
package main

import (
	"context"
	"encoding/base64"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func handle(_ context.Context, request events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	body := []byte(request.Body)
	if request.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(request.Body)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusBadRequest}, nil
		}
		body = decoded
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: http.StatusCreated,
		Headers: map[string]string{
			"content-type": "application/octet-stream",
			"x-method":     request.RequestContext.HTTP.Method,
			"x-path":       request.RawPath,
			"x-query":      request.QueryStringParameters["q"],
		},
		Cookies:         append(request.Cookies, "made=here"),
		Body:            base64.StdEncoding.EncodeToString(body),
		IsBase64Encoded: true,
	}, nil
}

func main() {
	lambda.Start(handle)
}
