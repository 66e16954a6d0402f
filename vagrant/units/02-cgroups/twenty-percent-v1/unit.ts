/** Chapter 02: a loop at a fifth of a processor, by hand, in version 1: a folder, `tasks`. */
import { groupFile } from '../../../sight/groups.ts';
import { shareUnit } from '../share.ts';

const tree = '/sys/fs/cgroup/cpu';

export const twentyPercentV1 = shareUnit({
  id: '02-cgroups/twenty-percent-v1',
  needs: ['root', 'cgroup-v1:cpu'],
  tree,
  limit: path => {
    const [quota, period] = ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map(file =>
      groupFile(path, file),
    );
    return quota === undefined || period === undefined
      ? undefined
      : [Number(quota), Number(period)];
  },
  setLimit: quota => [`echo ${quota} > ${tree}/{group}/cpu.cfs_quota_us`],
  enter: 'tasks',
});
