// The documented experiments as a reader starts them: run.ts, in a process of its own.

import { experimentTests } from '@slipway/lab/suites/experiments.ts';

const ids = [...['union', 'seven', 'signs', 'cow', 'commit', 'shared']];

experimentTests({ folder: import.meta.dirname, ids, files: ids.length });
