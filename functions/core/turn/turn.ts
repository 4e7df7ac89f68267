// A turn: one model call, whatever surface asked for it.
import type { Key } from '../access/principal.ts';
import type { ConverseEvent, ConverseRequest } from '../bedrock/converse.ts';
import type { Model } from '../catalog/model.ts';
import type { Labels } from '../ledger/journal.ts';
import type { Left } from '../ledger/left.ts';
import type { Charged } from './charged.ts';

export type Turn = {
  requestId: string;
  /** Who calls and pays. */
  key: Key;
  /** The model by the name the client used. */
  modelName: string;
  isStream: boolean;
  /** What the model turns out not to take is an error instead of being left out. */
  isStrict?: boolean;
  /** The id of the client's session, where it sends one. */
  sessionKey?: string;
  /** What the client wrote on it. */
  labels?: Labels | undefined;
  /** The dialect's translation for the model the name stands for. Throws what the model cannot do. Asked again when the model refuses it. */
  toConverse(model: Model): Translated;
};

/** `warnings` name each field that was dropped or changed, as `field;reason`. */
export type Translated = { request: ConverseRequest; warnings: string[] };

/** What is known once the call is admitted, before the model says anything. */
export type Admittance = {
  model: Model;
  warnings: string[];
  maxTokens: number;
  /** `maxTokens` was lowered to what the money left can buy. */
  isLowered: boolean;
  /** What the accounts that pay have left, the hold of this call taken off. */
  left: Left;
};

/**
 * First how the call was admitted, once more where the request had to be changed, then what the model says, as Bedrock sends it, and last,
 * once it is settled, its charge.
 */
export type TurnEvent = { admitted: Admittance } | { charged: Charged } | ConverseEvent;
