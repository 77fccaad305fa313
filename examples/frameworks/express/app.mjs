// An Express application, which knows nothing of where it runs.
import express from 'express';

export const app = express();
app.set('query parser', 'extended');

app.get('/hello/:name', (req, res) => {
  res.json({ hello: req.params.name, tags: [req.query.tag ?? []].flat(), trace: req.get('x-trace') ?? null });
});

app.post('/echo', express.json(), (req, res) => {
  res.cookie('a', '1').cookie('b', '2').status(201).json(req.body);
});

app.post('/upload', express.raw({ type: '*/*', limit: '10mb' }), (req, res) => {
  res.json({ bytes: req.body.length, base64: req.body.toString('base64') });
});

app.get('/binary', (_req, res) => {
  res.type('image/png').send(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
});

app.get('/old', (_req, res) => res.redirect(302, '/hello/new'));

app.get('/fails', () => {
  throw new Error('on purpose');
});
