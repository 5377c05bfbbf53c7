import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openDrillView } from '../../lib/cli/drill/view.ts';

const openView = (errIsTerminal: boolean) => {
  let nowMs = 0;
  let shown = '';
  const terminal = {
    out: () => {},
    err: (text: string) => {
      shown += text;
    },
    env: {},
    cwd: '.',
    columns: 60,
    outColour: false,
    errColour: errIsTerminal,
    errIsTerminal,
    signal: new AbortController().signal,
  };
  const view = openDrillView(terminal, () => nowMs);
  const tick = (good: boolean, acknowledged: number, downMs: number) => {
    nowMs += 250;
    view.progress({ kind: 'tick', good, acknowledged, downMs });
  };
  return { view, tick, shown: () => shown };
};

const play = ({ view, tick }: ReturnType<typeof openView>): void => {
  view.progress({ kind: 'state', state: 'Restart' });
  tick(true, 1234, 0);
  tick(false, 1235, 250);
  tick(false, 1235, 500);
  tick(true, 1236, 0);
  view.say('ended \u001b[2Jit');
  view.close();
};

describe('the live view of a drill', () => {
  it('is a line for each state and each change where nothing can be redrawn', () => {
    const opened = openView(false);
    play(opened);
    expect(opened.shown()).toBe(
      [
        '+0.00 s   Restart',
        '+0.50 s   down, after 1,235 acknowledged',
        '+1.00 s   answers again after 500 ms, 1,236 acknowledged',
        '+1.00 s   ended \\x1b[2Jit',
        '',
      ].join('\n'),
    );
  });

  it('redraws one line on a terminal, with the writes and the time down, and leaves it clean', () => {
    const opened = openView(true);
    play(opened);
    const drawn = opened
      .shown()
      .split('\r\u001b[2K')
      .map((drawn) => stripVTControlCharacters(drawn));
    expect(drawn).toContain('Restart  1,235 acknowledged  down 500 ms');
    expect(drawn.at(-1)).toBe('');
  });
});
