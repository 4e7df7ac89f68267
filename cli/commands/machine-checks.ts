// What the doctor looks at on this machine: Node, the data folder, AWS credentials and the Region.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolders } from '../gateway/connection.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { Check } from './check.ts';

const OUR_NODE = 24;
const CREDENTIALS_PATIENCE_MS = 3_000;

export function checkNode(version: string): Check {
  const name = 'Node';
  if (Number(version.split('.')[0]) >= OUR_NODE) return { name, state: 'ok', found: version };
  return { name, state: 'failed', found: `${version}, older than ${OUR_NODE}`, hint: 'node local/install.mjs brings the right one.' };
}

/** The data folder and the secrets in it are for their owner alone. */
export function checkFolders({ environment, folder }: Pick<Terminal, 'environment' | 'folder'>): Check[] {
  const name = 'Data folder';
  const place = dataFolders(environment, folder).find((path) => existsSync(path));
  if (place === undefined) return [{ name, state: 'skipped', found: 'none here; the first `outcrop start` makes it' }];
  if (process.platform === 'win32') return [{ name, state: 'ok', found: place }];
  const open = [place, join(place, 'master-key'), join(place, 'first-key')].filter(
    (path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0,
  );
  if (open.length === 0) return [{ name, state: 'ok', found: `${place}, for its owner alone` }];
  return [{ name, state: 'warning', found: `Others may read ${open.join(', ')}`, hint: `chmod -R go= ${place}` }];
}

export async function checkAws(environment: Terminal['environment']): Promise<Check> {
  const name = 'AWS';
  const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  const { BedrockRuntimeClient } = await import('@aws-sdk/client-bedrock-runtime');
  const client = new BedrockRuntimeClient({ ...(region === undefined && { region: 'us-east-1' }) });
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('late')), CREDENTIALS_PATIENCE_MS);
    });
    await Promise.race([client.config.credentials(), late]);
  } catch {
    const hint = 'For the real Bedrock: `aws configure`, `aws sso login` with AWS_PROFILE, or AWS_BEARER_TOKEN_BEDROCK.';
    return environment.AWS_BEARER_TOKEN_BEDROCK
      ? { name, state: 'ok', found: 'a Bedrock API key in AWS_BEARER_TOKEN_BEDROCK' }
      : { name, state: 'warning', found: 'no credentials on this machine', hint };
  } finally {
    clearTimeout(timer);
    client.destroy();
  }
  if (region !== undefined) return { name, state: 'ok', found: `credentials found, Region ${region}` };
  return {
    name,
    state: 'warning',
    found: 'credentials found, no Region',
    hint: 'Set AWS_REGION to one with Bedrock, such as us-east-1 or eu-central-1.',
  };
}
