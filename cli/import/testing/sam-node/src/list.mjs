import { page } from './page.mjs';

export const handler = async () => ({ statusCode: 200, body: JSON.stringify(page([])) });
