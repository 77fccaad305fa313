// SQS with partial batch responses: only the messages that failed come again. CommonJS, as most handlers of old.
exports.handler = async ({ Records }) => {
  const batchItemFailures = [];
  for (const { messageId, body } of Records) {
    try {
      JSON.parse(body);
    } catch (error) {
      console.log(`message ${messageId}: ${error.message}`);
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};
