//! As large a result as is asked for; AWS's limit is 6 MB.
use lambda_runtime::{service_fn, Error, LambdaEvent};
use serde::Deserialize;
use serde_json::{json, Value};

#[derive(Deserialize)]
struct Request {
    /// Bytes of the result, its two quotes among them.
    #[serde(default)]
    bytes: usize,
    /// Of any length: it is only counted.
    #[serde(default)]
    text: String,
}

async fn handle(event: LambdaEvent<Request>) -> Result<Value, Error> {
    let Request { bytes, text } = event.payload;
    Ok(match bytes {
        0 => json!(text.len()),
        _ => json!("x".repeat(bytes - 2)),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}
