package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

/** A typed event and a typed result, and the ways in which a handler fails. */
public class Greet implements RequestHandler<Greet.Request, Greet.Response> {
  public record Request(String name) {}

  public record Response(String message) {}

  @Override
  public Response handleRequest(Request request, Context context) {
    if (request.name() == null || request.name().isEmpty()) throw new IllegalArgumentException("received no name");
    if (request.name().equals("exit")) System.exit(1);
    return new Response("Hello " + request.name() + "!");
  }
}
