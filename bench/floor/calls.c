/*
 * The system calls of the child, each by an option: `calls` at the end is the list.
 *
 * After `--root=FOLDER` or `--attach=NUMBER,/` the working directory is the new root, and the paths
 * of later options are relative to it; `--pivot=` makes it the root. They run in the parent's
 * memory, on a small stack: nothing here allocates, and nothing is kept.
 *
 * Sources: mount(2), open_tree(2), move_mount(2), pivot_root(2), cgroups(7), capset(2), seccomp(2).
 */
#define _GNU_SOURCE
#include "calls.h"
#include "network.h"
#include "root.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { MOST_BYTES = 256 };

static int make_private(const char *target)
{
	return mount(NULL, target, NULL, MS_PRIVATE | MS_REC, NULL);
}

static int mount_proc(const char *target)
{
	return mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

static int set_host_name(const char *name)
{
	return sethostname(name, strlen(name));
}

static int new_session(const char *nothing)
{
	(void)nothing;
	return setsid() < 0;
}

static int unshare_more(const char *flags)
{
	return unshare(strtoul(flags, NULL, 0));
}

/* 0 in `tasks` moves the thread that writes; this process has no other. */
static int enter_group(const char *directory)
{
	char path[MOST_BYTES];
	snprintf(path, sizeof path, "%s/tasks", directory);
	int file = open(path, O_WRONLY | O_CLOEXEC);
	return file < 0 || write(file, "0", 1) != 1 || close(file) != 0;
}

static int change_root(const char *folder)
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return tree < 0 ||
	       syscall(SYS_move_mount, tree, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0 ||
	       fchdir(tree) != 0;
}

static int pivot_root_here(const char *nothing)
{
	(void)nothing;
	return syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/");
}

/* Cuts `value` at its first commas; the last part keeps the others. */
static void cut(const char *value, char *text, char *parts[], int count)
{
	snprintf(text, MOST_BYTES, "%s", value);
	for (int i = 0; i < count; i++) {
		parts[i] = text;
		char *comma = i + 1 < count ? strchr(text, ',') : NULL;
		text = comma ? comma + 1 : text + strlen(text);
		if (comma)
			*comma = '\0';
	}
}

/* TYPE,TARGET,FLAGS,DATA; a missing folder is made. */
static int mount_type(const char *value)
{
	char text[MOST_BYTES], *part[4];
	cut(value, text, part, 4);
	unsigned long flags = strtoul(part[2], NULL, 0);
	if (mount(part[0], part[1], part[0], flags, part[3]) == 0)
		return 0;
	return errno != ENOENT || mkdir(part[1], 0755) != 0 ||
	       mount(part[0], part[1], part[0], flags, part[3]) != 0;
}

/* PATH,MAJOR,MINOR */
static int make_node(const char *value)
{
	char text[MOST_BYTES], *part[3];
	cut(value, text, part, 3);
	dev_t device = makedev(atoi(part[1]), atoi(part[2]));
	return mknod(part[0], S_IFCHR | 0666, device) != 0 || chmod(part[0], 0666) != 0;
}

/* PATH,TARGET */
static int make_link(const char *value)
{
	char text[MOST_BYTES], *part[2];
	cut(value, text, part, 2);
	return symlink(part[1], part[0]);
}

/* An empty tmpfs over a directory, the null device over a file; what is not there needs none. */
static int mask(const char *path)
{
	struct stat found;
	unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
	if (lstat(path, &found) != 0)
		return errno != ENOENT;
	return S_ISDIR(found.st_mode) ? mount("tmpfs", path, "tmpfs", flags, "size=0")
				      : mount("/dev/null", path, NULL, MS_BIND, NULL);
}

static int protect(const char *path)
{
	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL) != 0)
		return errno != ENOENT;
	return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

/* GROUP,GID,UID: its groups are this one alone */
static int become(const char *value)
{
	char text[MOST_BYTES], *part[3];
	cut(value, text, part, 3);
	gid_t group = atoi(part[0]);
	int gid = atoi(part[1]), uid = atoi(part[2]);
	return syscall(SYS_setgroups, 1, &group) != 0 ||
	       syscall(SYS_setresgid, gid, gid, gid) != 0 ||
	       syscall(SYS_setresuid, uid, uid, uid) != 0;
}

/* The set of those that stay, as one number. */
static int keep_capabilities(const char *value)
{
	unsigned long long kept = strtoull(value, NULL, 0);
	for (int one = 0; one < 64; one++)
		if ((kept >> one & 1) == 0 && prctl(PR_CAPBSET_DROP, one, 0, 0, 0) != 0)
			break;
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	unsigned low = kept, high = kept >> 32;
	struct __user_cap_data_struct data[2] = { { low, low, 0 }, { high, high, 0 } };
	return syscall(SYS_capset, &header, data);
}

/* In hexadecimal; read once, for the memory is our parent's. */
static int filter_calls(const char *value)
{
	static struct sock_filter filter[BPF_MAXINSNS];
	static struct sock_fprog program = { 0, filter };
	unsigned char *bytes = (unsigned char *)filter;
	if (program.len == 0) {
		size_t count = strlen(value) / 2;
		for (size_t i = 0; i < count; i++) {
			char pair[] = { value[2 * i], value[2 * i + 1], '\0' };
			bytes[i] = strtoul(pair, NULL, 16);
		}
		program.len = count / sizeof *filter;
	}
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
		       &program);
}

static const struct {
	const char *option;
	call_function *run;
} calls[] = {
	{ "--enter=", enter_group },
	{ "--unshare=", unshare_more },
	{ "--private=", make_private },
	{ "--root=", change_root },
	{ "--attach=", attach_mount },
	{ "--plug-in=", plug_in },
	{ "--configure=", configure },
	{ "--publish=", publish },
	{ "--mount=", mount_type },
	{ "--node=", make_node },
	{ "--link=", make_link },
	{ "--proc=", mount_proc },
	{ "--mask=", mask },
	{ "--protect=", protect },
	{ "--pivot=", pivot_root_here },
	{ "--hostname=", set_host_name },
	{ "--session=", new_session },
	{ "--directory=", chdir },
	{ "--become=", become },
	{ "--capabilities=", keep_capabilities },
	{ "--seccomp=", filter_calls },
};

call_function *find_call(const char *option, const char **value)
{
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		size_t length = strlen(calls[i].option);
		if (strncmp(option, calls[i].option, length) != 0)
			continue;
		*value = option + length;
		return calls[i].run;
	}
	return NULL;
}
