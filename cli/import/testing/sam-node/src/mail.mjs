import { SNSClient } from '@aws-sdk/client-sns';

export const handler = async (event) => ({ sent: new SNSClient({}) !== undefined, event });
