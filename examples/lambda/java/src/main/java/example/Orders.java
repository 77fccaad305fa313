package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import java.util.ArrayList;
import java.util.List;

/** SQS with partial batch responses: only the messages that failed come again. */
public class Orders implements RequestHandler<SQSEvent, SQSBatchResponse> {
  @Override
  public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
    List<SQSBatchResponse.BatchItemFailure> failures = new ArrayList<>();
    for (SQSEvent.SQSMessage message : event.getRecords()) {
      if (message.getBody().startsWith("{")) continue;
      context.getLogger().log("message " + message.getMessageId() + " is no JSON");
      failures.add(new SQSBatchResponse.BatchItemFailure(message.getMessageId()));
    }
    return new SQSBatchResponse(failures);
  }
}
