/** Chapter 02: a loop at a fifth of a processor, by hand, in version 2: a folder, `cpu.max`. */
import { groupFile } from '../../../sight/groups.ts';
import { shareUnit } from '../share.ts';

const tree = '/sys/fs/cgroup';

export const twentyPercentV2 = shareUnit({
  id: '02-cgroups/twenty-percent-v2',
  needs: ['root', 'cgroup-v2:cpu'],
  tree,
  limit: path => {
    const text = groupFile(path, 'cpu.max');
    if (text === undefined) return undefined;
    const [quota, period] = text.split(' ');
    return [quota === 'max' ? -1 : Number(quota), Number(period)];
  },
  setLimit: quota => [`echo ${quota} > ${tree}/{group}/cpu.max`],
  enter: 'cgroup.procs',
});
