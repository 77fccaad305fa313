const { table } = require('../lib/table');

exports.handler = async () => ({ statusCode: 200, body: table });
