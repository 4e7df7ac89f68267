// What these clients send, read one field at a time: JSON or forms, numbers or numeric text, an empty text for nothing.
import { GatewayError } from '../../core/platform/errors.ts';
import type { Picodollars } from '../../core/platform/money.ts';
import { parseAmount } from '../native/amount.ts';
import { parseJson } from '../parse-json.ts';
import type { ConnectorContext } from './envelope.ts';

export type Fields = Record<string, unknown>;

/** The body as fields, whatever it was sent as. */
export async function readFields(c: ConnectorContext): Promise<Fields> {
  const type = c.req.header('content-type') ?? '';
  if (/^(multipart\/form-data|application\/x-www-form-urlencoded)/i.test(type)) {
    return c.req.parseBody().catch(() => {
      throw new GatewayError('invalid_value', 'The body is not the form that its content type says.');
    });
  }
  const text = await c.req.text();
  const body = text === '' ? {} : parseJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new GatewayError('invalid_value', 'The body must be a JSON object.');
  }
  return body as Fields;
}

/** One line; `undefined` where there is none. */
export function lineIn(fields: Fields, name: string, longest = 200): string | undefined {
  const given = fields[name];
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'string' && typeof given !== 'number') throw invalid(name, 'must be a text');
  const text = String(given).trim();
  if ([...text].length > longest) throw invalid(name, `must have at most ${longest} characters`);
  if (!text.isWellFormed() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) throw invalid(name, 'must not contain control characters or line breaks');
  return text === '' ? undefined : text;
}

export function requiredLineIn(fields: Fields, name: string, longest?: number): string {
  return lineIn(fields, name, longest) ?? missing(`${name} is required`);
}

/** A whole number from 0 up; `undefined` where there is none. */
export function wholeIn(fields: Fields, name: string): number | undefined {
  const given = fields[name];
  if (given === undefined || given === null || given === '') return undefined;
  const text = String(given).trim();
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) throw invalid(name, 'is invalid');
  return Number(text);
}

/** An amount of USD; `undefined` where there is none. */
export function amountIn(fields: Fields, name: string): Picodollars | undefined {
  const given = fields[name];
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given !== 'string' && typeof given !== 'number') throw invalid(name, 'must be an amount of USD such as "12.50"');
  const amount = parseAmount(given);
  if (typeof amount === 'bigint') return amount;
  throw invalid(name, amount.fault.replace(', or null', ''));
}

export function missing(message: string): never {
  throw new GatewayError('missing_required_parameter', message);
}

export function invalid(name: string, fault: string): GatewayError {
  return new GatewayError('invalid_value', `${name} ${fault}`, { param: name });
}
