// Preloaded before AWS's runtime client: what its native addon does (ask for work, answer it), over plain HTTP, so that no compiler is needed.
const { Agent, request } = require('node:http');
const Module = require('node:module');

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let posted = Promise.resolve();

function call(method, path, body = '', headers = {}) {
  return new Promise((resolve, reject) => {
    const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
    const sent = request({ host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}`, headers }, async (response) => {
      const chunks = await response.toArray();
      resolve({ bodyJson: Buffer.concat(chunks).toString(), headers: response.headers });
    });
    sent.on('error', reject).end(body);
  });
}

// The addon posts synchronously; here the next question waits for the post.
const post = (path, body, headers) => {
  posted = call('POST', path, body, headers);
};

const client = {
  next: () => posted.then(() => call('GET', 'next')),
  done: (id, body) => post(`${id}/response`, body),
  error: (id, body) => post(`${id}/error`, body, { 'Lambda-Runtime-Function-Error-Type': 'Handled' }),
};

const load = Module._load;
Module._load = (name, ...rest) => (name.endsWith('rapid-client.node') ? client : load(name, ...rest));
