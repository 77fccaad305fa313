package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** An HTTP API's event (payload 2.0), answered with bytes. */
public class Http implements RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
  @Override
  public APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
    String text = event.getBody() == null ? "" : event.getBody();
    byte[] body = event.getIsBase64Encoded() ? Base64.getDecoder().decode(text) : text.getBytes(StandardCharsets.UTF_8);
    return APIGatewayV2HTTPResponse.builder()
        .withStatusCode(201)
        .withHeaders(
            Map.of(
                "content-type", "application/octet-stream",
                "x-method", event.getRequestContext().getHttp().getMethod(),
                "x-path", event.getRawPath(),
                "x-query", event.getQueryStringParameters().get("q")))
        .withCookies(List.of("made=here"))
        .withBody(Base64.getEncoder().encodeToString(body))
        .withIsBase64Encoded(true)
        .build();
  }
}
