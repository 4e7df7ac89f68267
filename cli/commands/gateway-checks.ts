// What the doctor looks at on the gateway's side: reachable, ready, the key, the clock, which Bedrock, a model.
import { CommandError } from '../failure.ts';
import { readAbilities } from '../gateway/abilities.ts';
import type { Gateway } from '../gateway/client.ts';
import type { Connection } from '../gateway/connection.ts';
import { type Check, failedCheck } from './check.ts';
import { describe, whoIs } from './login.ts';
import { MODELS, type Model, pathOf, TEST_PATIENCE_MS, type Trial } from './models.ts';

export type CallOptions = { call: boolean; model?: string };

/** The date of an answer has whole seconds, and the answer took time to come. */
const SKEW_SECONDS = 5;
/** AWS refuses signatures that are off by more. */
const MOST_SKEW_SECONDS = 300;
const SMALL_MODEL = 'haiku';
const STANDIN = 'standin.echo';

export async function checkGateway(
  gateway: Gateway,
  { url, key, source }: Connection,
  options: CallOptions,
  clock: () => number,
): Promise<Check[]> {
  const checks: Check[] = [];
  try {
    const startedAt = clock();
    const health = await gateway.send('GET', '/health');
    const endedAt = clock();
    if (!health.ok) throw new CommandError('unhealthy', `${url}/health answered HTTP ${health.status}.`);
    await health.text();
    checks.push({ name: 'Reachable', state: 'ok', found: `${url} (${source}) in ${endedAt - startedAt} ms` });
    checks.push(clockCheck(health.headers.get('date'), (startedAt + endedAt) / 2));
  } catch (thrown) {
    return [failedCheck('Reachable', thrown)];
  }
  checks.push(await checkReady(gateway));
  if (key === undefined)
    return [...checks, { name: 'Key', state: 'failed', found: `There is no key for ${url}.`, hint: 'Sign in with `outcrop login`.' }];
  try {
    checks.push({ name: 'Key', state: 'ok', found: `${describe(await whoIs(gateway, true))}, may administer` });
  } catch (thrown) {
    return [...checks, failedCheck('Key', thrown)];
  }
  checks.push(await checkVersion(gateway));
  checks.push(await checkBedrock(gateway));
  checks.push(await checkUnpriced(gateway));
  checks.push(await checkCall(gateway, options));
  return checks;
}

/** The gateway's clock says when months and expiries begin; this machine's signs calls to AWS. */
export function clockCheck(date: string | null, now: number): Check {
  const name = 'Clock';
  if (date === null) return { name, state: 'skipped', found: 'The gateway does not say what time it is.' };
  const seconds = Math.round(Math.abs(Date.parse(date) + 500 - now) / 1_000);
  if (seconds <= SKEW_SECONDS) return { name, state: 'ok', found: 'as the gateway has it' };
  const state = seconds > MOST_SKEW_SECONDS ? 'failed' : 'warning';
  return {
    name,
    state,
    found: `${seconds} seconds from the gateway's`,
    hint: 'Let this machine, or the one of the gateway, take its time from the network.',
  };
}

/** What the commands ask for, newest last. A gateway has no number that would say more than what it can do. */
const ASKED = ['/admin/v1/keys', '/admin/v1/statements', '/admin/v1/prices', '/admin/v1/threads', '/admin/v1/audit-log', '/me/limits'];

async function checkVersion(gateway: Gateway): Promise<Check> {
  const name = 'Version';
  try {
    const { hasPath } = await readAbilities(gateway);
    const missing = ASKED.filter((path) => !hasPath(path));
    if (missing.length === 0) return { name, state: 'ok', found: 'the gateway can do what this command asks for' };
    const found = `the gateway is older than this command: it has no ${missing.join(', ')}`;
    return { name, state: 'warning', found, hint: 'Deploy it again, or start it again, from this checkout.' };
  } catch (thrown) {
    return failedCheck(name, thrown);
  }
}

async function checkReady(gateway: Gateway): Promise<Check> {
  const name = 'Ready';
  try {
    const answer = await gateway.send('GET', '/ready');
    await answer.text();
    if (answer.ok) return { name, state: 'ok', found: 'the database answers' };
    return {
      name,
      state: 'failed',
      found: `/ready answered HTTP ${answer.status}.`,
      hint: 'The database cannot be reached. Calls are refused with 503, nothing is lost.',
    };
  } catch (thrown) {
    return failedCheck(name, thrown);
  }
}

async function checkBedrock(gateway: Gateway): Promise<Check> {
  const name = 'Bedrock';
  try {
    const { callable } = await gateway.ask<{ callable: boolean }>('POST', `${MODELS}/validate`, { body: { name: STANDIN } });
    if (!callable) return { name, state: 'ok', found: 'the real one' };
    return {
      name,
      state: 'warning',
      found: 'the stand-in; its answers are made up',
      hint: 'With AWS credentials, `outcrop start --bedrock aws` uses the real one.',
    };
  } catch (thrown) {
    return failedCheck(name, thrown);
  }
}

async function checkUnpriced(gateway: Gateway): Promise<Check> {
  const name = 'Prices';
  try {
    const { items } = await gateway.list<Model>(MODELS, { unpriced: 'true' }, 1_000);
    if (items.length === 0) return { name, state: 'ok', found: 'every model has one' };
    return {
      name,
      state: 'warning',
      found: `${items.length} models have none, and keys with a budget cannot call them`,
      hint: '`outcrop models unpriced` lists them.',
    };
  } catch (thrown) {
    return failedCheck(name, thrown);
  }
}

async function checkCall(gateway: Gateway, { call, model }: CallOptions): Promise<Check> {
  const name = 'Model call';
  if (!call) return { name, state: 'skipped', found: 'not wanted' };
  try {
    const chosen = model ?? (await chooseModel(gateway));
    if (chosen === undefined) return { name, state: 'failed', found: 'There is no chat model that may be called.' };
    const { ok, latencyMs, error } = await gateway.ask<Trial>('POST', `${pathOf(chosen)}/test`, { timeoutMs: TEST_PATIENCE_MS });
    if (ok) return { name, state: 'ok', found: `${chosen} answered in ${latencyMs} ms` };
    return { name, state: 'failed', found: `${chosen}: ${error!.message}`, hint: hintOf(error!.code) };
  } catch (thrown) {
    return failedCheck(name, thrown);
  }
}

async function chooseModel(gateway: Gateway): Promise<string | undefined> {
  const query = { kind: 'chat', enabled: 'true', unpriced: 'false' };
  const small = await gateway.list<Model>(MODELS, { ...query, q: SMALL_MODEL }, 1_000);
  const found = small.items.at(-1) ?? (await gateway.list<Model>(MODELS, query, 1)).items[0];
  return found?.name;
}

function hintOf(code: string): string | undefined {
  if (code === 'model_access_denied') return "Ask for access to the model in the Bedrock console of the gateway's Region.";
  if (code === 'upstream_auth_error') return "The gateway's AWS credentials are missing or not valid.";
  return code === 'upstream_unreachable' ? 'Is Bedrock offered in that Region, and does the network let the gateway out?' : undefined;
}
