import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiOf, topicMessage } from '../../lib/page/topic-message.ts';
import { emailSubscriptions, ownTopics } from '../../lib/page/topics.ts';
import { makeEvent } from '../support/alarms.ts';

describe('a page on a topic', () => {
  it('has the text for e-mail and for machines, its title for SMS, and attributes to filter by', () => {
    const page = makeEvent('a', { title: 'BREACHED notes/größe (dev): p95 312 ms is ×1.31 – slower' });
    const { subject, message, attributes } = topicMessage(page);
    expect(subject).toBe('BREACHED notes/grosse (dev): p95 312 ms is x1.31 - slower'.replace('grosse', 'grosse'));
    expect(JSON.parse(message)).toEqual({ default: page.text, email: page.text, sms: subject });
    expect(attributes).toEqual({
      service: 'notes',
      environment: 'dev',
      probe: 'api-read',
      severity: 'page',
      kind: 'breached',
      route: 'page',
    });
  });

  it('spells what ASCII does not have, and leaves nothing else', () => {
    expect(asciiOf('Größe naïve Łódź “q” → …')).toBe('Grosse naive Lodz "q" -> ...');
    expect(asciiOf('日本😀\n\u0007')).toBe('?????');
  });

  it('keeps to what SNS takes, whatever it holds', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 2000 });
    fc.assert(
      fc.property(anything, anything, (title, text) => {
        const { subject, message } = topicMessage(makeEvent('a', { title, text: text.repeat(20) }));
        expect(subject).toMatch(/^[!-~][ -~]{0,98}$/);
        expect(Buffer.byteLength(message)).toBeLessThanOrEqual(262_144);
        const { sms } = JSON.parse(message) as { sms: string };
        expect(sms).toMatch(/^[ -~]{0,140}$/);
      }),
    );
  });
});

describe('who subscribes to the topics', () => {
  const email = (to: string) => ({ kind: 'email', options: { to } });
  const sns = (topicArn: string) => ({ kind: 'sns', options: { topicArn } });
  const arn = 'arn:aws:sns:eu-west-1:123456789012:mine';

  it('are the addresses of the plan, one for each topic, with a filter where a topic carries more than they want', () => {
    const notify = {
      page: [email('a@x.example'), email('{{b}}')],
      ticket: [email('a@x.example'), email('t@x.example')],
      monitoring: [email('a@x.example'), email('m@x.example'), sns(arn)],
    };
    expect(emailSubscriptions(notify, new Map([['b', 'b@x.example']]))).toEqual([
      { topic: 'page', to: 'a@x.example' },
      { topic: 'page', to: 'b@x.example' },
      { topic: 'ticket', to: 'a@x.example' },
      { topic: 'ticket', to: 't@x.example', routes: ['ticket'] },
      { topic: 'ticket', to: 'm@x.example', routes: ['monitoring'] },
    ]);
    expect(ownTopics(notify, new Map())).toEqual([arn]);
  });

  it('must be known when it is deployed', () => {
    expect(() => emailSubscriptions({ page: [email('{{who}}')], ticket: [], monitoring: [] }, new Map())).toThrow(
      'notify.page: to of email, {{who}}, has no value here: a deploy has to know it',
    );
    expect(() => ownTopics({ page: [], ticket: [sns('{{arn}}')], monitoring: [] }, new Map())).toThrow('notify.ticket');
  });
});
