// A CloudFront Function, run before a request goes on to the model API: the viewer's address, written over whatever the viewer said, because
// the proxy counts wrong keys by it.
// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by its name.
function handler(event) {
  const request = event.request;
  request.headers['x-outcrop-viewer'] = { value: event.viewer.ip };
  return request;
}
