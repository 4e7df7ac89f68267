// A key of BricksLLM: /api/key-management/keys. There 0, or nothing, is no limit. Pure.
import { amountOf, isNothing, isTrue, listOf, type OldKey, secretOf, type Translation, textOf } from './old-keys.ts';

const MS_PER_UNIT: Record<string, number> = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };

export function fromBricks(record: OldKey, now: number): Translation {
  const {
    createdAt,
    costLimitInUsd,
    costLimitInUsdOverTime,
    costLimitInUsdUnit,
    rateLimitOverTime,
    rateLimitUnit,
    allowedPaths,
    policyId,
  } = record;
  const losses: string[] = [];
  const windows: object[] = [];
  const inAll = amountOf(costLimitInUsd);
  const overTime = amountOf(costLimitInUsdOverTime);
  const unit = textOf(costLimitInUsdUnit);
  const isMonthly = unit === 'mo' && !isNothing(overTime);
  if (!isNothing(overTime) && !isMonthly) windows.push({ kind: 'cost', limit: overTime, per: `1${unit}` });
  const rate = amountOf(rateLimitOverTime);
  if (!isNothing(rate)) windows.push({ kind: 'requests', limit: Number(rate), per: `1${textOf(rateLimitUnit)}` });
  if (Array.isArray(allowedPaths) && allowedPaths.length > 0) losses.push('its allowed paths are not carried over');
  if (textOf(policyId) !== undefined) losses.push('its policy is not carried over');
  if (!isNothing(inAll)) losses.push('what it spent so far begins at 0 again');

  const endsAt = endOf(textOf(record.ttl), Number(createdAt) * 1_000);
  const isOver = endsAt !== undefined && endsAt <= now;
  if (isOver) losses.push(`it expired on ${new Date(endsAt).toISOString()} and comes revoked`);
  const reason = isTrue(record.revoked)
    ? (textOf(record.revokedReason) ?? 'revoked before the import')
    : isOver
      ? 'expired before the import'
      : undefined;
  // What it lists as the key is its hash; a secret that somebody kept may stand beside it.
  return {
    secret: secretOf(record.secret, losses),
    body: {
      name: textOf(record.name),
      tags: listOf(record.tags),
      ...(!isNothing(inAll) && { lifetimeBudget: inAll }),
      ...(isMonthly && { monthlyBudget: overTime }),
      ...(windows.length > 0 && { windows }),
      ...(endsAt !== undefined && !isOver && { expiresAt: new Date(endsAt).toISOString() }),
    },
    revoked: reason === undefined ? undefined : { reason: reason.slice(0, 200) },
    losses,
  };
}

/** `48h`, `2d`, `1h30m`, from when the key was made; `undefined` for none. */
function endOf(ttl: string | undefined, createdAtMs: number): number | undefined {
  if (ttl === undefined || !/^(\d+[wdhms])+$/.test(ttl) || !Number.isFinite(createdAtMs)) return undefined;
  const lengthMs = [...ttl.matchAll(/(\d+)([wdhms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * MS_PER_UNIT[unit!]!, 0);
  return lengthMs > 0 ? createdAtMs + lengthMs : undefined;
}
