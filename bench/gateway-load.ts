// Load on the gateway over loopback, bounded by a number of calls. Plain HTTP with kept connections, so that the client costs little.
import { Agent, request } from 'node:http';
import type { Report, Task } from './bare.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 1000 });

/** Runs the task against the gateway; CPU is measured by the caller, from outside. */
export async function load(url: string, secret: string, model: string, task: Task): Promise<Omit<Report, 'cpuMs'>> {
  const report = { chunks: 0, firstMs: [] as number[] };
  let left = task.calls;
  const worker = async () => {
    while (left-- > 0) await chat(url, secret, model, task, report);
  };
  await Promise.all(Array.from({ length: task.parallel }, worker));
  return report;
}

function chat(
  url: string,
  secret: string,
  model: string,
  { kind, prompt, maxTokens }: Task,
  report: { chunks: number; firstMs: number[] },
): Promise<void> {
  const body = JSON.stringify({
    model,
    stream: kind === 'stream',
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: prompt }],
  });
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}/v1/chat/completions`, { method: 'POST', agent, headers }, (incoming) => {
      let isFirst = true;
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (part: string) => {
        if (kind === 'whole') return;
        report.chunks += part.split('\n\n').length - 1;
        if (!isFirst) return;
        text += part;
        if (!text.includes('"delta":{"content"')) return;
        isFirst = false;
        report.firstMs.push(performance.now() - startedAt);
      });
      incoming.on('error', reject);
      incoming.on('end', () => (incoming.statusCode === 200 ? resolve() : reject(new Error(`status ${incoming.statusCode}`))));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
