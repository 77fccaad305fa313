'use strict';
// What the activator uses of undici, in place of its index, which also loads fetch, WebSocket, caches and mocks: 13 MiB of memory for nothing.
// images/bundle.ts puts this in for `undici` when it bundles the activator; unit tests run with the whole package.
const Dispatcher = require('../node_modules/undici/lib/dispatcher/dispatcher.js');
// As undici's own index does: `request` and its like are methods of every dispatcher.
Object.assign(Dispatcher.prototype, require('../node_modules/undici/lib/api/index.js'));
exports.Agent = require('../node_modules/undici/lib/dispatcher/agent.js');
exports.Pool = require('../node_modules/undici/lib/dispatcher/pool.js');
