// What `npm start` does: serves, says where and how, and stops cleanly.

import { type Served, serve } from './serve.ts';
import { readSettings, StartError } from './settings.ts';

/** How long calls under way may go on after Ctrl-C before they are ended and settled. */
const GRACE_MS = 10_000;

export async function runStart(): Promise<void> {
  try {
    const served = await serve(readSettings(process.env), (line) => process.stderr.write(`${line}\n`));
    for (const warning of served.warnings) process.stderr.write(`\nWARNING  ${warning}\n`);
    process.stdout.write(greeting(served));
    stopOnSignals(served);
  } catch (thrown) {
    const { message, stack } = thrown as Error;
    process.stderr.write(`Outcrop cannot start: ${thrown instanceof StartError ? message : stack}\n`);
    process.exit(1);
  }
}

function greeting({ url, bedrock, masterKeyPath, firstKeyPath }: Served): string {
  const lines = [`Outcrop is ready at ${url}`, `  Bedrock     ${bedrock.label}`, `  Master key  ${masterKeyPath ?? 'ADMIN_API_KEY'}`];
  if (firstKeyPath) lines.push(`  First key   ${firstKeyPath}`);
  lines.push('', firstKeyPath ? 'Say hello:' : 'Make a key (in a shell that has ADMIN_API_KEY):', '');
  lines.push(firstKeyPath ? chatLine(url, firstKeyPath) : keyLine(url), '');
  return `${lines.join('\n')}\n`;
}

function chatLine(url: string, firstKeyPath: string): string {
  const body = JSON.stringify({ model: 'claude-sonnet-4-5', stream: true, messages: [{ role: 'user', content: 'Hello, who are you?' }] });
  return `curl -N ${url}/v1/chat/completions -H "authorization: Bearer $(cat ${shellPath(firstKeyPath)})" -H 'content-type: application/json' -d '${body}'`;
}

function keyLine(url: string): string {
  return `curl ${url}/admin/v1/keys -H "authorization: Bearer $ADMIN_API_KEY" -H 'content-type: application/json' -d '{"name":"First key","monthlyBudget":"10"}'`;
}

/** The path as a shell takes it from any folder. */
function shellPath(path: string): string {
  const absolute = path.startsWith('/') ? path : `${process.cwd()}/${path}`;
  return /^[\w/.-]+$/.test(absolute) ? absolute : `'${absolute.replaceAll("'", `'\\''`)}'`;
}

function stopOnSignals(served: Served): void {
  let isStopping = false;
  const stop = async () => {
    if (isStopping) process.exit(130);
    isStopping = true;
    process.stdout.write('\nStopping; calls under way may finish. Ctrl-C again ends at once.\n');
    await served.stop(GRACE_MS);
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}
