// The floor: the bare Bedrock SDK over HTTP/1.1, in a process of its own, told over IPC what to do and answering with what it cost.
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export type Task = { kind: 'whole' | 'stream'; calls: number; parallel: number; prompt: string; maxTokens: number };
/** CPU of this process over the task; `firstMs`: time to the first text of each call. */
export type Report = { cpuMs: number; chunks: number; firstMs: number[] };

const client = new BedrockRuntimeClient({
  region: 'us-east-1',
  endpoint: process.env.STANDIN_URL,
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
  authSchemePreference: ['sigv4'],
  requestHandler: new NodeHttpHandler({ httpAgent: { keepAlive: true, maxSockets: 1000 } }),
});

process.on('message', async (task: Task) => {
  const before = process.cpuUsage();
  const report: Report = { cpuMs: 0, chunks: 0, firstMs: [] };
  let left = task.calls;
  const worker = async () => {
    while (left-- > 0) await call(task, report);
  };
  await Promise.all(Array.from({ length: task.parallel }, worker));
  const { user, system } = process.cpuUsage(before);
  report.cpuMs = (user + system) / 1000;
  process.send!(report);
});

async function call({ kind, prompt, maxTokens }: Task, report: Report): Promise<void> {
  const startedAt = performance.now();
  const input = {
    modelId: process.env.MODEL_ID!,
    messages: [{ role: 'user' as const, content: [{ text: prompt }] }],
    inferenceConfig: { maxTokens },
  };
  if (kind === 'whole') {
    await client.send(new ConverseCommand(input));
    report.chunks += 1;
    return;
  }
  const { stream } = await client.send(new ConverseStreamCommand(input));
  let isFirst = true;
  for await (const event of stream!) {
    if (event.contentBlockDelta && isFirst) {
      report.firstMs.push(performance.now() - startedAt);
      isFirst = false;
    }
    report.chunks += 1;
  }
}
