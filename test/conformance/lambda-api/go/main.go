// Runs the table with aws-sdk-go-v2: {"endpoint", "keys", "cases"} on stdin, one JSON line a case on stdout.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type key struct{ ID, Secret, Token string }

type input struct {
	FunctionName, Qualifier, InvocationType, LogType string
	ClientContext                                    json.RawMessage
	MaxItems                                         int32
}

type oneCase struct {
	Operation   string
	Input       input
	JSON        json.RawMessage
	Text        *string
	Bytes       int
	Key         string
	SkewSeconds int
	Region      string
}

type table struct {
	Endpoint string
	Keys     map[string]key
	Cases    []oneCase
}

type outcome struct {
	Status          int     `json:"status"`
	ExecutedVersion *string `json:"executedVersion,omitempty"`
	FunctionError   *string `json:"functionError,omitempty"`
	Payload         *string `json:"payload,omitempty"`
	Output          string  `json:"output,omitempty"`
	Log             string  `json:"log"`
	Error           string  `json:"error,omitempty"`
	Message         string  `json:"message,omitempty"`
	Reason          string  `json:"reason,omitempty"`
}

// skewed signs as if its clock were wrong.
type skewed struct {
	*v4.Signer
	by time.Duration
}

func (s skewed) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, options ...func(*v4.SignerOptions)) error {
	return s.Signer.SignHTTP(ctx, c, r, hash, service, region, at.Add(s.by), options...)
}

func client(given table, one oneCase) *lambda.Client {
	options := lambda.Options{
		BaseEndpoint: aws.String(given.Endpoint),
		Region:       "us-east-1",
		// One attempt: what is answered is to be seen, not what becomes of it after two more.
		RetryMaxAttempts: 1,
		HTTPSignerV4:     skewed{v4.NewSigner(), time.Duration(one.SkewSeconds) * time.Second},
	}
	if one.Region != "" {
		options.Region = one.Region
	}
	name := one.Key
	if name == "" {
		name = "all"
	}
	if name == "none" {
		options.Credentials = aws.AnonymousCredentials{}
	} else {
		k := given.Keys[name]
		options.Credentials = credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token)
	}
	return lambda.New(options)
}

func payload(one oneCase) []byte {
	switch {
	case one.JSON != nil:
		return one.JSON
	case one.Text != nil:
		return []byte(*one.Text)
	case one.Bytes > 0:
		return append(append([]byte{'"'}, bytes.Repeat([]byte{'x'}, one.Bytes-2)...), '"')
	}
	return nil
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func decoded(log *string) string {
	out, _ := base64.StdEncoding.DecodeString(aws.ToString(log))
	return string(out)
}

func run(given table, one oneCase) (outcome, error) {
	ctx := context.Background()
	api := client(given, one)
	in := one.Input
	name := text(in.FunctionName)
	switch one.Operation {
	case "Invoke":
		call := &lambda.InvokeInput{
			FunctionName: name, Qualifier: text(in.Qualifier), Payload: payload(one),
			InvocationType: types.InvocationType(in.InvocationType), LogType: types.LogType(in.LogType),
		}
		if in.ClientContext != nil {
			call.ClientContext = aws.String(base64.StdEncoding.EncodeToString(in.ClientContext))
		}
		out, err := api.Invoke(ctx, call)
		if err != nil {
			return outcome{}, err
		}
		body := string(out.Payload)
		return outcome{Status: int(out.StatusCode), ExecutedVersion: out.ExecutedVersion, FunctionError: out.FunctionError, Payload: &body, Log: decoded(out.LogResult)}, nil
	case "InvokeWithResponseStream":
		out, err := api.InvokeWithResponseStream(ctx, &lambda.InvokeWithResponseStreamInput{FunctionName: name, Payload: payload(one), LogType: types.LogType(in.LogType)})
		if err != nil {
			return outcome{}, err
		}
		told := outcome{Status: int(out.StatusCode), ExecutedVersion: out.ExecutedVersion}
		var body bytes.Buffer
		stream := out.GetStream()
		for event := range stream.Events() {
			switch e := event.(type) {
			case *types.InvokeWithResponseStreamResponseEventMemberPayloadChunk:
				body.Write(e.Value.Payload)
			case *types.InvokeWithResponseStreamResponseEventMemberInvokeComplete:
				told.FunctionError = e.Value.ErrorCode
				body.WriteString(aws.ToString(e.Value.ErrorDetails))
				told.Log = decoded(e.Value.LogResult)
			}
		}
		all := body.String()
		told.Payload = &all
		return told, stream.Err()
	case "GetFunction":
		return read(api.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: name}))
	case "GetFunctionConfiguration":
		return read(api.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: name}))
	case "ListFunctions":
		call := &lambda.ListFunctionsInput{}
		if in.MaxItems > 0 {
			call.MaxItems = &in.MaxItems
		}
		return read(api.ListFunctions(ctx, call))
	case "DeleteFunction":
		return read(api.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: name}))
	case "GetPolicy":
		return read(api.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: name}))
	}
	return outcome{}, errors.New("no such operation: " + one.Operation)
}

func read[T any](out *T, err error) (outcome, error) {
	if err != nil {
		return outcome{}, err
	}
	body, err := json.Marshal(out)
	return outcome{Status: 200, Output: string(body)}, err
}

func failed(err error) outcome {
	told := outcome{Error: "Error", Message: err.Error()}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) {
		told.Status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		told.Error, told.Message = api.ErrorCode(), api.ErrorMessage()
	}
	var throttled *types.TooManyRequestsException
	if errors.As(err, &throttled) {
		told.Reason = string(throttled.Reason)
	}
	return told
}

func main() {
	var given table
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, one := range given.Cases {
		told, err := run(given, one)
		if err != nil {
			told = failed(err)
		}
		if err := out.Encode(told); err != nil {
			panic(err)
		}
	}
}
