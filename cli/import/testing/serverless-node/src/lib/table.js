exports.table = process.env.ORDERS;
