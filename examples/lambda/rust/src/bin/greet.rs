//! A typed event and a typed result, and the ways in which a handler fails.
use lambda_runtime::{service_fn, Error, LambdaEvent};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Request {
    name: String,
}

#[derive(Serialize)]
struct Response {
    message: String,
}

async fn handle(event: LambdaEvent<Request>) -> Result<Response, Error> {
    match event.payload.name.as_str() {
        "" => Err("received no name".into()),
        "panic" => panic!("a panic"),
        name => Ok(Response {
            message: format!("Hello {name}!"),
        }),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}
