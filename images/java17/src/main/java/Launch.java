import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * Starts one Java handler process: AWS's own Runtime Interface Client, in a JVM that is up while the code is still on its way. A byte (or the end) on
 * descriptor 3 says that the code is in the working directory, from whose classes and lib/*.jar the client itself loads the handler.
 */
public final class Launch {
  public Launch() {}

  public static void main(String[] args) throws Throwable {
    try (InputStream ready = new FileInputStream("/proc/self/fd/3")) {
      ready.read();
    } catch (IOException notOpen) {
      // The code was there from the start.
    }
    AWSLambda.main(new String[] {System.getenv("_HANDLER")});
  }

  /** For train.cjs: a handler that needs what most handlers need. */
  public static Map<String, Object> train(Map<String, Object> event, Context context) {
    context.getLogger().log("trained");
    return event;
  }
}
