// A CloudFront Function, run before a request goes on to the JSON APIs: a key that came as `x-api-key` becomes the bearer token.
// API Gateway's authorizer can be told to require one header, not either of two, and its answer is remembered by that header; so the key
// must be in that one and nowhere else. Where both came, `x-api-key` wins, as it does everywhere in the gateway. Where none came, a word in
// its place lets the gateway itself say what is missing. The viewer's address is written over whatever the viewer said.
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by its name.
function handler(event) {
  const request = event.request;
  const key = request.headers['x-api-key'];
  if (key && key.value !== '') request.headers.authorization = { value: `Bearer ${key.value}` };
  else if (!request.headers.authorization || request.headers.authorization.value === '') request.headers.authorization = { value: 'None' };
  delete request.headers['x-api-key'];
  request.headers['x-outcrop-viewer'] = { value: event.viewer.ip };
  return request;
}
