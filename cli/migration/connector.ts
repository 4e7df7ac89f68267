// A key of the connector, or of BRProxy: /admin/api-key/list, its table as CSV, or the list of people its import takes. Pure.
import { amountOf, isAddress, isNothing, type OldKey, secretOf, type Translation, textOf } from './old-keys.ts';

export function fromConnector(record: OldKey): Translation {
  const { email, role, group_id, group_name, month_quota, balance } = record;
  const losses: string[] = [];
  const address = textOf(email);
  const name = textOf(record['cognito:username']) ?? textOf(record.name);
  const group = textOf(group_name) ?? (isNothing(amountOf(group_id)) ? undefined : textOf(group_id));
  const prepaid = amountOf(balance);
  if (prepaid?.startsWith('-')) losses.push(`its balance is ${prepaid}; it begins with 0`);
  if (!isNothing(amountOf(record.month_fee))) losses.push(`what it spent this month (${record.month_fee} USD) begins at 0 again`);
  if (group !== undefined) losses.push(`the models granted to its group are not carried over; it has the tag "group:${group}"`);
  if (address !== undefined && !isAddress(address)) losses.push(`"${address}" is no address and is left out`);
  return {
    secret: secretOf(record.api_key, losses),
    body: {
      name: name ?? address,
      ...(isAddress(address) && { email: address }),
      role: role === 'admin' ? 'admin' : 'user',
      // Nothing there means nothing, here as well.
      monthlyBudget: amountOf(month_quota) ?? '0',
      balance: prepaid === undefined || prepaid.startsWith('-') ? '0' : prepaid,
      ...(group !== undefined && { tags: [`group:${group}`] }),
    },
    losses,
  };
}
