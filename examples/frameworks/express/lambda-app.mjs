// The same application as a Lambda handler.
import serverless from 'serverless-http';
import { app } from './app.mjs';

export const handler = serverless(app, { binary: ['image/png'] });
