package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The context, the environment, what stays in memory between invocations, and /tmp. */
public class WithContext implements RequestHandler<Map<String, Object>, Map<String, Object>> {
  private static final Path FILE = Path.of("/tmp/lull-example-java");
  private int invocations;

  @Override
  public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
    invocations++;
    context.getLogger().log("invocation " + invocations);
    Map<String, Object> seen = new LinkedHashMap<>();
    try {
      seen.put("kept", Files.exists(FILE) ? Files.readString(FILE) : "");
      Files.writeString(FILE, context.getAwsRequestId());
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
    seen.put("requestId", context.getAwsRequestId());
    seen.put("arn", context.getInvokedFunctionArn());
    seen.put("function", context.getFunctionName());
    seen.put("version", context.getFunctionVersion());
    seen.put("memoryMb", context.getMemoryLimitInMB());
    seen.put("logGroup", context.getLogGroupName());
    seen.put("logStream", context.getLogStreamName());
    seen.put("remainingMillis", context.getRemainingTimeInMillis());
    seen.put("custom", context.getClientContext() == null ? null : context.getClientContext().getCustom());
    seen.put("region", System.getenv("AWS_REGION"));
    seen.put("handler", System.getenv("_HANDLER"));
    seen.put("taskRoot", System.getenv("LAMBDA_TASK_ROOT"));
    seen.put("traceId", System.getProperty("com.amazonaws.xray.traceHeader"));
    seen.put("greeting", System.getenv("GREETING"));
    seen.put("invocations", invocations);
    return seen;
  }
}
