/**
 * What the guide itself says, in both languages. A unit's own words stand in its prose.
 *
 * - languageOf(env)   LAB_LANG, else what the locale begins with
 * - wordsOf(language) the sentences
 */
import type { Language } from './prose.ts';

export function languageOf(env: NodeJS.ProcessEnv = process.env): Language {
  const wanted = env['LAB_LANG'] || env['LC_ALL'] || env['LANG'] || '';
  return wanted.startsWith('zh') ? 'zh' : 'en';
}

export interface GuideWords {
  readonly opening: string;
  readonly keys: string;
  readonly halves: string;
  readonly finished: string;
  readonly hint: string;
  readonly solution: string;
  readonly again: string;
  readonly againHow: string;
  readonly restoring: string;
  readonly close: string;
  readonly clean: string;
  readonly left: (things: string) => string;
  readonly obstacle: (reason: string, machine: string) => string;
  readonly unknown: (word: string) => string;
  readonly none: string;
  readonly all: string;
  readonly otherOpen: (unit: string) => string;
  /** Hints that a look may give in every unit. */
  readonly anywhere: Readonly<Record<string, string>>;
}

const english: GuideWords = {
  opening: 'opening the unit …',
  keys: 'h hint   s one solution   r put back and begin anew   q leave (goes on next time)',
  halves: 'The keys work in this half: click on it, or Ctrl-b and then an arrow key.',
  finished: 'Done. Enter puts everything back and goes on to the next unit; q leaves it as it is.',
  hint: 'Hint:',
  solution: 'One way, in a root shell:',
  again: 'Put everything back and begin anew?',
  againHow: 'r once more does it; any other key does not.',
  restoring: 'putting the machine back as it was …',
  close: 'Enter closes this half of the screen.',
  clean: 'The machine is as it was before.',
  left: things => `Still different from before: ${things}`,
  obstacle: (reason, machine) =>
    `It cannot run on this machine: ${reason}.\nOutside: vagrant/lab up ${machine}`,
  unknown: word => `there is no unit "${word}"; there are:`,
  none: 'No unit is under way: lab guide',
  all: 'All units that can run on this machine are finished. lab guide UNIT does one again.',
  otherOpen: unit => `${unit} is under way: finish it, or put it back with lab guide --drop`,
  anywhere: {
    'covered-proc':
      'Another /proc is mounted over that of the machine now, in the machine’s own table of ' +
      'mounts: out here, too, everybody reads the wrong one, and finds nobody. Take it away ' +
      'again. Whoever wants another /proc needs a table of mounts of his own first.',
  },
};

const chinese: GuideWords = {
  opening: '正在打开单元……',
  keys: 'h 提示   s 一种做法   r 复原并重新开始   q 离开（下次接着来）',
  halves: '这些键要在上半屏按：先点一下上半屏，或者按 Ctrl-b 再按方向键。',
  finished: '完成。按回车复原一切，进入下一个单元；按 q 原样离开。',
  hint: '提示：',
  solution: '一种做法（在 root 的 shell 里）：',
  again: '要复原一切、重新开始吗？',
  againHow: '再按一次 r 就这么做；按别的键就不做。',
  restoring: '正在把机器恢复原样……',
  close: '按回车关掉这半屏。',
  clean: '机器和做之前一样了。',
  left: things => `和之前还有不同：${things}`,
  obstacle: (reason, machine) =>
    `这台机器上做不了：${reason}。\n在外面运行：vagrant/lab up ${machine}`,
  unknown: word => `没有“${word}”这个单元；有这些：`,
  none: '没有正在做的单元：lab guide',
  all: '这台机器上能做的单元都做完了。lab guide 单元名 可以再做一遍。',
  otherOpen: unit => `${unit} 正在做：先做完，或者用 lab guide --drop 复原`,
  anywhere: {
    'covered-proc':
      '现在机器自己的挂载表里，/proc 上面又挂了另一个 /proc：外面的人读到的也是那一个，一个进程都找不到。' +
      '先把它卸下来。想要另一个 /proc，得先有一张自己的挂载表。',
  },
};

export function wordsOf(language: Language): GuideWords {
  return language === 'zh' ? chinese : english;
}
