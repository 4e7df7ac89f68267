// A CloudFront Function, run before a request goes on to the JSON APIs: a key that came as `x-api-key` becomes the bearer token.
// API Gateway's authorizer can be told to require one header, not either of two, and its answer is remembered by that header; so the key
// must be in that one and nowhere else. Where both came, `x-api-key` wins, as it does everywhere in the gateway.
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by its name.
function handler(event) {
  const request = event.request;
  const key = request.headers['x-api-key'];
  if (key && key.value !== '') request.headers.authorization = { value: `Bearer ${key.value}` };
  delete request.headers['x-api-key'];
  return request;
}
