export const page = (orders) => ({ orders, size: 10 });
