// A CloudFront Function, run before a request goes on to the JSON APIs: a key that came as `x-api-key` becomes a bearer token, because
// API Gateway's authorizer can be told to require one header, not either of two.
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by its name.
function handler(event) {
  const request = event.request;
  const key = request.headers['x-api-key'];
  if (key && !request.headers.authorization) request.headers.authorization = { value: `Bearer ${key.value}` };
  return request;
}
