//! The context, the environment, what stays in memory between invocations, and /tmp.
use std::{
    env, fs,
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use lambda_runtime::{service_fn, Error, LambdaEvent};
use serde_json::{json, Value};

static INVOCATIONS: AtomicU64 = AtomicU64::new(0);

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let context = event.context;
    let config = &context.env_config;
    println!("invocation of {}", context.request_id);
    let kept = fs::read_to_string("/tmp/lull-example-rust").unwrap_or_default();
    fs::write("/tmp/lull-example-rust", &context.request_id)?;
    let remaining = context.deadline().duration_since(SystemTime::now())?;
    Ok(json!({
        "requestId": context.request_id,
        "arn": context.invoked_function_arn,
        "function": config.function_name,
        "version": config.version,
        "memoryMb": config.memory,
        "logGroup": config.log_group,
        "logStream": config.log_stream,
        "remainingMillis": remaining.as_millis() as u64,
        "custom": context.client_context.map(|client| client.custom),
        "region": env::var("AWS_REGION")?,
        "handler": env::var("_HANDLER")?,
        "taskRoot": env::var("LAMBDA_TASK_ROOT")?,
        "traceId": context.xray_trace_id,
        "greeting": env::var("GREETING")?,
        "invocations": INVOCATIONS.fetch_add(1, Ordering::Relaxed) + 1,
        "kept": kept,
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::run(service_fn(handle)).await
}
