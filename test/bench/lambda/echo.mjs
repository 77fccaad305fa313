// The smallest handler: what is left is the runtime's own cost.
export const handler = async () => ({ statusCode: 200, body: 'echo' });
