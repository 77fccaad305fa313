//! AWS's own client of the Extensions and Telemetry APIs, as its documentation uses it. Prints what it is told.
use lambda_extension::{service_fn, Error, Extension, LambdaEvent, LambdaTelemetry, NextEvent, SharedService};

async fn on_event(event: LambdaEvent) -> Result<(), Error> {
    match event.next {
        NextEvent::Invoke(invoke) => println!("invoke {} of {}", invoke.request_id, invoke.invoked_function_arn),
        NextEvent::Shutdown(shutdown) => println!("shutdown {}", shutdown.shutdown_reason),
    }
    Ok(())
}

async fn on_telemetry(events: Vec<LambdaTelemetry>) -> Result<(), Error> {
    for event in events {
        println!("telemetry {:?}", event.record);
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    Extension::new()
        .with_events_processor(service_fn(on_event))
        .with_telemetry_types(&["platform", "function"])
        .with_telemetry_processor(SharedService::new(service_fn(on_telemetry)))
        .run()
        .await
}
