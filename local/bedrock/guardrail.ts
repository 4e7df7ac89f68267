// A guardrail with fixed rules: a few telling words per content filter, prompt attacks, and e-mail addresses, which are masked. Pure.
import { invalid } from './refusal.ts';
import type { ContentBlock } from './wire.ts';

export const BLOCKED_MESSAGE = 'Sorry, the model cannot answer this question.';

const FILTERS: Record<string, RegExp> = {
  HATE: /\b(?:hate speech|racial slur)\b|仇恨/i,
  INSULTS: /\b(?:idiot|stupid|moron)\b|白痴/i,
  SEXUAL: /\b(?:porn|explicit sex)\b|色情/i,
  VIOLENCE: /\b(?:kill|murder|bomb)\b|杀人|炸弹/i,
  MISCONDUCT: /\b(?:steal|launder money|hack into)\b|洗钱/i,
  PROMPT_ATTACK: /ignore (?:all )?(?:previous|prior) instructions|忽略(?:之前|以上)的指令/i,
};
const EMAIL = /[\w.+-]+@[\w-]+\.[\w.-]*\w/g;
const UNIT_CHARACTERS = 1000;

interface Assessed {
  isBlocked: boolean;
  types: string[];
  emails: string[];
}

export interface GuardrailRequest {
  source?: string;
  outputScope?: string;
  content?: ContentBlock[];
}

export function assessText(text: string): Assessed {
  const types = Object.keys(FILTERS).filter((type) => FILTERS[type]!.test(text));
  return { isBlocked: types.length > 0, types, emails: text.match(EMAIL) ?? [] };
}

export function applyGuardrail(request: GuardrailRequest): object {
  if (request.source !== 'INPUT' && request.source !== 'OUTPUT') throw invalid('source must be one of INPUT, OUTPUT.');
  if (!Array.isArray(request.content)) throw invalid('content is required.');
  const texts = request.content.flatMap(({ text }) => (text as { text?: string } | undefined)?.text ?? []);
  const whole = texts.join('\n');
  const { isBlocked, types, emails } = assessText(whole);
  const isFull = request.outputScope === 'FULL';
  const filters = Object.keys(FILTERS)
    .filter((type) => isFull || types.includes(type))
    .map((type) => ({
      type,
      confidence: types.includes(type) ? 'HIGH' : 'NONE',
      filterStrength: 'HIGH',
      action: types.includes(type) ? 'BLOCKED' : 'NONE',
      detected: types.includes(type),
    }));
  const piiEntities = emails.map((match) => ({ type: 'EMAIL', match, action: 'ANONYMIZED', detected: true }));
  const isMasked = piiEntities.length > 0;
  const units = Math.max(1, Math.ceil(whole.length / UNIT_CHARACTERS));
  return {
    action: isBlocked || isMasked ? 'GUARDRAIL_INTERVENED' : 'NONE',
    actionReason: isBlocked ? 'Guardrail blocked.' : isMasked ? 'Guardrail masked.' : 'No action.',
    outputs: isBlocked ? [{ text: BLOCKED_MESSAGE }] : isMasked ? texts.map((text) => ({ text: text.replaceAll(EMAIL, '{EMAIL}') })) : [],
    assessments: [
      {
        ...(filters.length > 0 && { contentPolicy: { filters } }),
        ...(isMasked && { sensitiveInformationPolicy: { piiEntities, regexes: [] } }),
      },
    ],
    usage: {
      topicPolicyUnits: 0,
      contentPolicyUnits: units,
      wordPolicyUnits: 0,
      sensitiveInformationPolicyUnits: units,
      sensitiveInformationPolicyFreeUnits: 0,
      contextualGroundingPolicyUnits: 0,
    },
  };
}
