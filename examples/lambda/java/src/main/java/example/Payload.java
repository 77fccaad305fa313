package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Streams in and out instead of objects: as large a result as is asked for; AWS's limit is 6 MB. */
public class Payload implements RequestStreamHandler {
  private static final Pattern BYTES = Pattern.compile("\"bytes\": ?(\\d+)");

  @Override
  public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    byte[] event = input.readAllBytes();
    Matcher asked = BYTES.matcher(new String(event, 0, Math.min(event.length, 100), StandardCharsets.UTF_8));
    if (asked.find()) output.write(('"' + "x".repeat(Integer.parseInt(asked.group(1)) - 2) + '"').getBytes(StandardCharsets.US_ASCII));
    else output.write(Integer.toString(event.length - "{\"text\":\"\"}".length()).getBytes(StandardCharsets.US_ASCII));
  }
}
