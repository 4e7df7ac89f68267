// Runs the stand-in by itself: node local/bedrock/main.ts --port 8867 [--host 127.0.0.1] [--first-token-ms 0] [--token-ms 0]
import { parseArgs } from 'node:util';
import { createStandin } from './standin.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8867' },
    host: { type: 'string', default: '127.0.0.1' },
    'first-token-ms': { type: 'string', default: '0' },
    'token-ms': { type: 'string', default: '0' },
    recordings: { type: 'string' },
  },
});

const standin = createStandin({
  firstTokenMs: Number(values['first-token-ms']),
  tokenMs: Number(values['token-ms']),
  recordingsFolder: values.recordings,
});
const { url } = await standin.listen(Number(values.port), values.host);
process.stdout.write(`${JSON.stringify({ url })}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void standin.close());
