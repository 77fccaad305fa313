// The same application as a server of its own.
import { app } from './app.mjs';

app.listen(Number(process.env.PORT));
