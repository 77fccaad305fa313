import type { HttpHead } from './direct-head.ts';
import { bodyOf, headerPairs, multiple, rawPairs, single, splitTarget } from './event-parts.ts';
import type { EventFacts } from './translation.ts';

/**
 * An HTTP request as an Application Load Balancer hands it to a Lambda target: path and query stay encoded. `multiValue`: as with the target group's attribute
 * lambda.multi_value_headers.enabled; without it the last of several values counts.
 */
export function toEventAlb(req: HttpHead, body: Buffer, { function: name, traceId }: EventFacts, multiValue: boolean): string {
  const { path, query } = splitTarget(req.url);
  const headers = headerPairs(req, traceId);
  const parameters = rawPairs(query);
  // A load balancer does not look into what is encoded.
  const encoded = req.headers['content-encoding'] !== undefined && body.length > 0;
  return JSON.stringify({
    requestContext: { elb: { targetGroupArn: `arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/${name}/0000000000000000` } },
    httpMethod: req.method,
    path,
    ...(multiValue
      ? { multiValueQueryStringParameters: multiple(parameters) ?? {}, multiValueHeaders: multiple(headers) }
      : { queryStringParameters: single(parameters, 'last') ?? {}, headers: single(headers, 'last') }),
    ...(encoded ? { body: body.toString('base64'), isBase64Encoded: true } : bodyOf(req, body)),
  });
}
