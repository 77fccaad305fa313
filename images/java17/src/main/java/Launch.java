import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.util.Map;

/**
 * Starts one Java handler process: AWS's own Runtime Interface Client, in a JVM that is up while the code is still on its way. A byte (or the end) on
 * descriptor 3 says that the code is in the working directory, from whose classes and lib/*.jar the client itself loads the handler.
 */
public final class Launch {
  public Launch() {}

  public static void main(String[] args) throws Throwable {
    waitForCode();
    AWSLambda.main(new String[] {System.getenv("_HANDLER")});
  }

  /** The descriptor is a socket, which cannot be opened anew as /proc/self/fd/3: it is taken by its number (Add-Opens in the manifest allows that). */
  private static void waitForCode() throws ReflectiveOperationException {
    Constructor<FileDescriptor> byNumber = FileDescriptor.class.getDeclaredConstructor(int.class);
    byNumber.setAccessible(true);
    try (InputStream ready = new FileInputStream(byNumber.newInstance(3))) {
      ready.read();
    } catch (IOException notOpen) {
      // The code was there from the start.
    }
  }

  /** For train.cjs: a handler that needs what most handlers need. */
  public static Map<String, Object> train(Map<String, Object> event, Context context) {
    context.getLogger().log("trained");
    return event;
  }
}
