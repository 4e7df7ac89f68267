// Members of a body are changed in place; every other byte stays.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectUniqueMembers, withMembers } from '../../../functions/core/relay/members.ts';

describe('a member', () => {
  it.each([
    ['{"model":"a"}', { model: 'b' }, '{"model":"b"}'],
    ['{}', { model: 'b' }, '{"model":"b"}'],
    [' { } ', { model: 'b' }, ' { "model":"b"} '],
    ['{ "x" : [1, {"model":"a"}], "model" :\n"a" }', { model: 'b' }, '{ "x" : [1, {"model":"a"}], "model" :"b"}'],
    ['{"x":"\\"model\\":1","n":1.00}', { model: 'b' }, '{"x":"\\"model\\":1","n":1.00,"model":"b"}'],
    ['{"mod\\u0065l":"a","y":12345678901234567890}', { model: 'b' }, '{"mod\\u0065l":"b","y":12345678901234567890}'],
    ['{"x":"ends in \\\\","model":"a"}', { model: 'b', max: 3 }, '{"x":"ends in \\\\","model":"b","max":3}'],
    ['{"x":"}","y":{"z":"]"},"model":null}', { model: 'b' }, '{"x":"}","y":{"z":"]"},"model":"b"}'],
  ])('of %s is changed or added, and nothing else', (text, members, expected) => {
    expect(withMembers(text, members)).toBe(expected);
  });

  it('is changed in any object as assigning it would', () => {
    const body = fc.dictionary(fc.string(), fc.jsonValue()).filter((value) => !('__proto__' in value));
    fc.assert(
      fc.property(body, fc.constantFrom('model', 'a', ''), fc.jsonValue(), fc.constantFrom(0, 1, 3), (value, name, member, indent) => {
        const text = JSON.stringify(value, null, indent);
        const expected = JSON.parse(JSON.stringify({ ...value, [name]: member }));
        expect(JSON.parse(withMembers(text, { [name]: member }))).toEqual(expected);
      }),
    );
  });

  it('that is there twice is refused, however it is written', () => {
    expect(() => expectUniqueMembers('{"max_tokens":1,"max\\u005ftokens":2}')).toThrow('twice');
    expect(() => expectUniqueMembers('{"a":{"b":1,"c":{"b":2}},"b":[{"b":1}]}')).not.toThrow();
  });
});
