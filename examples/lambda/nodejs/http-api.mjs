// An HTTP API's event (payload 2.0), answered with bytes.
export const handler = async ({ body, isBase64Encoded, rawPath, requestContext, queryStringParameters }) => ({
  statusCode: 201,
  headers: {
    'content-type': 'application/octet-stream',
    'x-method': requestContext.http.method,
    'x-path': rawPath,
    'x-query': queryStringParameters.q,
  },
  cookies: ['made=here'],
  body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8').toString('base64'),
  isBase64Encoded: true,
});
