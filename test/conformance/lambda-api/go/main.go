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
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

type key struct{ ID, Secret, Token string }

type input struct {
	FunctionName, Qualifier, InvocationType, LogType string
	ClientContext                                    json.RawMessage
}

type oneCase struct {
	Operation   string
	Input       json.RawMessage
	Zip         []byte
	ZipBytes    int
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
	var in input
	if one.Operation == "Invoke" || one.Operation == "InvokeWithResponseStream" {
		if err := json.Unmarshal(one.Input, &in); err != nil {
			return outcome{}, err
		}
	}
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
	case "FunctionActiveV2", "FunctionUpdatedV2":
		call := &lambda.GetFunctionInput{}
		if err := json.Unmarshal(one.Input, call); err != nil {
			return outcome{}, err
		}
		if one.Operation == "FunctionActiveV2" {
			return outcome{Status: 200}, lambda.NewFunctionActiveV2Waiter(api).Wait(ctx, call, 90*time.Second)
		}
		return outcome{Status: 200}, lambda.NewFunctionUpdatedV2Waiter(api).Wait(ctx, call, 90*time.Second)
	}
	return byName(ctx, api, one)
}

// byName runs any other operation: its input's fields are called as AWS calls them.
func byName(ctx context.Context, api *lambda.Client, one oneCase) (outcome, error) {
	method := reflect.ValueOf(api).MethodByName(one.Operation)
	if !method.IsValid() {
		return outcome{}, errors.New("no such operation: " + one.Operation)
	}
	call := reflect.New(method.Type().In(1).Elem())
	if one.Input != nil {
		if err := json.Unmarshal(one.Input, call.Interface()); err != nil {
			return outcome{}, err
		}
	}
	code := one.Zip
	if one.ZipBytes > 0 {
		code = make([]byte, one.ZipBytes)
	}
	switch in := call.Interface().(type) {
	case *lambda.CreateFunctionInput:
		if in.Code == nil {
			in.Code = &types.FunctionCode{}
		}
		in.Code.ZipFile = code
	case *lambda.UpdateFunctionCodeInput:
		in.ZipFile = code
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), call})
	if err, _ := results[1].Interface().(error); err != nil {
		return outcome{}, err
	}
	out := results[0].Elem()
	told := outcome{Status: 200}
	if metadata, ok := out.FieldByName("ResultMetadata").Interface().(middleware.Metadata); ok {
		if raw, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response); ok {
			told.Status = raw.StatusCode
		}
	}
	body, err := json.Marshal(out.Addr().Interface())
	told.Output = string(body)
	return told, err
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
