// What was uploaded to S3: the event gives the key as a URL would have it.
export const handler = async ({ Records }) =>
  Records.map(({ eventName, s3: { bucket, object } }) => {
    const key = decodeURIComponent(object.key.replace(/\+/g, ' '));
    return `${eventName} ${bucket.name}/${key}`;
  });
