/*
 * The parent's side of control groups: mkdir, write, rmdir. How a child gets in: --enter in calls.c
 * for version 1, CLONE_INTO_CGROUP for version 2. Source: cgroups(7).
 */
#define _GNU_SOURCE
#include "groups.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST = 64, PAUSE_US = 100, MOST_TRIES = 10000 };

static const char *directories[MOST];
static int directory_count;
static struct {
	char *path;
	const char *value;
} writes[MOST];
static int write_count;
static const char *into;

int add_group_option(const char *option)
{
	if (strncmp(option, "--group=", 8) == 0 && directory_count < MOST) {
		directories[directory_count++] = option + 8;
		return 1;
	}
	if (strncmp(option, "--into=", 7) == 0) {
		into = option + 7;
		return 1;
	}
	if (strncmp(option, "--write=", 8) != 0 || write_count == MOST)
		return 0;
	char *path = strdup(option + 8);
	char *equals = path ? strchr(path, '=') : NULL;
	if (equals == NULL)
		return 0;
	*equals = '\0';
	writes[write_count].path = path;
	writes[write_count++].value = equals + 1;
	return 1;
}

int make_groups(void)
{
	for (int i = 0; i < directory_count; i++)
		if (mkdir(directories[i], 0755) != 0)
			return -1;
	for (int i = 0; i < write_count; i++) {
		int file = open(writes[i].path, O_WRONLY | O_CLOEXEC);
		ssize_t length = strlen(writes[i].value);
		if (file < 0 || write(file, writes[i].value, length) != length)
			return -1;
		close(file);
	}
	return 0;
}

int group_to_be_born_in(void)
{
	return into ? open(into, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* For a moment after the last process has died the kernel answers EBUSY. */
int remove_groups(void)
{
	for (int i = 0; i < directory_count; i++)
		for (int tries = 0; rmdir(directories[i]) != 0; tries++) {
			if (errno != EBUSY || tries == MOST_TRIES)
				return -1;
			usleep(PAUSE_US);
		}
	return 0;
}
