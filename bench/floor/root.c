/*
 * The parent's side of a root: folders and files of the container's own layer, an overlay, a
 * volume, small files in memory. Each has a function that makes it and one that takes it away.
 *
 * Sources: fsopen(2), fsconfig(2), fsmount(2), open_tree(2), move_mount(2), flock(2), overlayfs.rst.
 */
#define _GNU_SOURCE
#include "root.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 64, MOST_BYTES = 4096 };

struct part;
typedef int part_function(struct part *part);

static struct part {
	part_function *make, *remove;
	/* The option's value, cut at its first separator. */
	char *name, *rest;
	/* Given back by closing. */
	int held;
} parts[MOST];
static int part_count;

/* The mounts of this round, and the tmpfs that small files lie in. */
static int mounts[MOST];
static int mount_count;
static int memory = -1;

static int make_folder(struct part *part)
{
	return mkdir(part->name, 0755);
}

static int remove_folder(struct part *part)
{
	return rmdir(part->name);
}

static int write_file(int folder, const char *name, const char *text)
{
	int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	ssize_t length = strlen(text);
	return file < 0 || write(file, text, length) != length || close(file) != 0;
}

static int make_file(struct part *part)
{
	return write_file(AT_FDCWD, part->name, part->rest);
}

static int remove_file(struct part *part)
{
	return unlink(part->name);
}

static int set_string(int context, const char *key, const char *value)
{
	return syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0);
}

/* The mount of what `context` describes, and an end to that; -1 if it is none. */
static int mount_of(int context)
{
	int mount = syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0
			    ? syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0)
			    : -1;
	close(context);
	return mount;
}

static int keep_mount(int mount)
{
	mounts[mount_count++] = mount;
	return mount < 0;
}

static int make_overlay(struct part *part)
{
	char text[MOST_BYTES];
	snprintf(text, sizeof text, "%s", part->rest);
	char *lower = strchr(text, ',');
	if (lower == NULL)
		return -1;
	*lower++ = '\0';
	int context = syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
	if (context < 0 || set_string(context, "upperdir", part->name) != 0 ||
	    set_string(context, "workdir", text) != 0)
		return -1;
	for (char *one; (one = strsep(&lower, ":")) != NULL;)
		if (set_string(context, "lowerdir+", one) != 0)
			return -1;
	return keep_mount(mount_of(context));
}

/* The kernel has left its own folder in the one that it worked in. */
static int remove_overlay(struct part *part)
{
	char text[MOST_BYTES];
	const char *end = strchr(part->rest, ',');
	snprintf(text, sizeof text, "%.*s/work", (int)(end - part->rest), part->rest);
	return rmdir(text);
}

static int make_text(struct part *part)
{
	char name[16];
	if (memory < 0) {
		int context = syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC);
		if (context < 0 || set_string(context, "mode", "0755") != 0)
			return -1;
		memory = mount_of(context);
	}
	snprintf(name, sizeof name, "%d", mount_count);
	return write_file(memory, name, part->name) != 0 ||
	       keep_mount(syscall(SYS_open_tree, memory, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));
}

static int make_volume(struct part *part)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	part->held = open(part->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return part->held < 0 || flock(part->held, LOCK_SH | LOCK_NB) != 0 ||
	       keep_mount(syscall(SYS_open_tree, part->held, "_data", flags));
}

/* A mount of a folder that is there. */
static int make_clone(struct part *part)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	return keep_mount(syscall(SYS_open_tree, AT_FDCWD, part->name, flags));
}

static int close_held(struct part *part)
{
	return close(part->held);
}

static const struct {
	const char *option;
	char separator;
	part_function *make, *remove;
} kinds[] = {
	{ "--folder=", '\0', make_folder, remove_folder },
	{ "--file=", '=', make_file, remove_file },
	{ "--overlay=", ',', make_overlay, remove_overlay },
	{ "--text=", '\0', make_text, NULL },
	{ "--volume=", '\0', make_volume, close_held },
	{ "--clone=", '\0', make_clone, NULL },
};

int add_root_option(const char *option)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		size_t length = strlen(kinds[i].option);
		if (strncmp(option, kinds[i].option, length) != 0 || part_count == MOST)
			continue;
		char *name = strdup(option + length);
		char *rest = kinds[i].separator ? strchr(name, kinds[i].separator) : NULL;
		if (rest != NULL)
			*rest++ = '\0';
		parts[part_count++] =
			(struct part){ kinds[i].make, kinds[i].remove, name, rest, -1 };
		return 1;
	}
	return 0;
}

int make_root(void)
{
	for (int i = 0; i < part_count; i++)
		if (parts[i].make(&parts[i]) != 0)
			return -1;
	return 0;
}

int remove_root(void)
{
	while (mount_count > 0)
		close(mounts[--mount_count]);
	if (memory >= 0)
		close(memory);
	memory = -1;
	for (int i = part_count - 1; i >= 0; i--)
		if (parts[i].remove != NULL && parts[i].remove(&parts[i]) != 0)
			return -1;
	return 0;
}

int attach_mount(const char *value)
{
	const char *target = strchr(value, ',') + 1;
	int mount = mounts[atoi(value)];
	if (syscall(SYS_move_mount, mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) == 0)
		return strcmp(target, "/") == 0 && fchdir(mount) != 0;
	/* A missing folder is made. */
	return errno != ENOENT || mkdir(target, 0755) != 0 ||
	       syscall(SYS_move_mount, mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) != 0;
}
