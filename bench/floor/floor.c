/*
 * The floor: the least that a program can do to start a container, for the bench to compare with.
 *
 *   floor [--memory BYTES] [--namespaces FLAGS] [--CALL[=VALUE]]... -- PROGRAM [ARGUMENT]...
 *
 * For each line on standard input: one container is started, waited for, and its nanoseconds are
 * written as one line. With no FLAGS it is a plain vfork and execve: so commands are measured.
 *
 * - calls.c: what the child can do before execve, in the order of the command line. A later
 *   chapter adds a row there and the matching step to ../floor-options.ts
 * - groups.c: control groups that are made before, and removed after
 * - root.c: the same for what a root is made of; network.c: a cable and what is sent by it
 *
 * The child shares our memory until execve (CLONE_VM | CLONE_VFORK), as slipway-init does at its
 * birth. Sources: clone(2), execve(2), waitid(2).
 */
#define _GNU_SOURCE
#include "calls.h"
#include "groups.h"
#include "network.h"
#include "root.h"
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CALLS = 128, STACK_SIZE = 64 * 1024 };

struct child {
	struct {
		call_function *run;
		const char *value;
	} calls[MOST_CALLS];
	int count;
	char **argv;
};

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Runs in the new process, on a stack of its own, in our memory. */
static __attribute__((noreturn)) void live(struct child *child)
{
	char *const no_environment[] = { NULL };
	for (int i = 0; i < child->count; i++)
		if (child->calls[i].run(child->calls[i].value) != 0)
			_exit(125);
	execve(child->argv[0], child->argv, no_environment);
	_exit(127);
}

/* clone3 whose child calls live(child) on the new stack; the parent gets the pid or -errno. */
static long start(struct clone_args *args, struct child *child)
{
#if defined(__x86_64__)
	long result = SYS_clone3;
	register void *entry __asm__("r8") = live;
	register void *argument __asm__("r9") = child;
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov %%r9, %%rdi\n\t"
			 "call *%%r8\n\t"
			 "1:"
			 : "+a"(result)
			 : "D"(args), "S"(sizeof *args), "r"(entry), "r"(argument)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long number __asm__("x8") = SYS_clone3;
	register long result __asm__("x0") = (long)args;
	register long size __asm__("x1") = sizeof *args;
	register void *entry __asm__("x2") = live;
	register void *argument __asm__("x3") = child;
	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x0, x3\n\t"
			 "blr x2\n\t"
			 "1:"
			 : "+r"(result)
			 : "r"(number), "r"(size), "r"(entry), "r"(argument)
			 : "x30", "memory");
	return result;
#endif
}

static long now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000L + now.tv_nsec;
}

static long one_round(unsigned long namespaces, struct child *child, char *stack)
{
	struct clone_args args = {
		.flags = namespaces | CLONE_VM | CLONE_VFORK,
		.exit_signal = SIGCHLD,
		.stack = (unsigned long)stack,
		.stack_size = STACK_SIZE,
	};
	siginfo_t ended;
	long began = now_ns();
	if (make_groups() != 0)
		die("a control group");
	if (make_root() != 0)
		die("a part of the root");
	int group = group_to_be_born_in();
	if (group >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = group;
	}
	long pid = start(&args, child);
	if (group >= 0)
		close(group);
	if (pid < 0) {
		errno = -pid;
		die("clone3");
	}
	if (waitid(P_PID, pid, &ended, WEXITED) != 0)
		die("waitid");
	if (ended.si_code != CLD_EXITED || ended.si_status != 0) {
		fprintf(stderr, "floor: %s ended with %d\n", child->argv[0], ended.si_status);
		exit(1);
	}
	if (leave_network() != 0)
		die("leaving the network");
	if (remove_root() != 0)
		die("removing a part of the root");
	if (remove_groups() != 0)
		die("removing a control group");
	return now_ns() - began;
}

static int add_call(struct child *child, const char *argument)
{
	const char *value;
	call_function *run = find_call(argument, &value);
	if (run == NULL || child->count == MOST_CALLS)
		return 0;
	child->calls[child->count].run = run;
	child->calls[child->count++].value = value;
	return 1;
}

/* What is done before the child is born, and undone after it. */
static int add_parents_option(const char *option)
{
	return add_group_option(option) || add_root_option(option) || add_network_option(option);
}

int main(int argc, char **argv)
{
	static struct child child;
	unsigned long namespaces = 0;
	int at = 1;
	for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
		if (strcmp(argv[at], "--memory") == 0 && at + 1 < argc) {
			size_t size = strtoul(argv[++at], NULL, 0);
			/* Touched, not only asked for: what a copy of page tables would cost. */
			if (size != 0 && memset(malloc(size), 1, size) == NULL)
				die("memory");
		} else if (strcmp(argv[at], "--namespaces") == 0 && at + 1 < argc) {
			namespaces = strtoul(argv[++at], NULL, 0);
		} else if (!add_call(&child, argv[at]) && !add_parents_option(argv[at])) {
			fprintf(stderr, "floor: what is %s? See the head of floor.c\n", argv[at]);
			return 2;
		}
	}
	child.argv = argv + at + 1;
	if (at >= argc || child.argv[0] == NULL) {
		fprintf(stderr, "floor: no program: put it behind --\n");
		return 2;
	}
	char *stack = malloc(STACK_SIZE);
	for (char line[16]; fgets(line, sizeof line, stdin) != NULL;) {
		printf("%ld\n", one_round(namespaces, &child, stack));
		fflush(stdout);
	}
	return 0;
}
