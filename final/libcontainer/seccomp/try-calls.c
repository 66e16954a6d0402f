// Tries every system call under a filter that lets none of them happen: for filter.test.ts.
//
//     try-calls FILTER RESULTS
//
// FILTER holds instructions of classic BPF in which "allow" answers with an errno as well. RESULTS
// gets 2 x 700 numbers of 32 bits: what calls 0 to 699 of the machine, and then those of 32-bit x86
// (0 elsewhere), have answered. `uretprobe` and `uprobe` are left out (0): newer kernels let them pass every
// filter, and end whoever calls them by hand. It ends by an illegal instruction: no call is left to end with.

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { most = 700 };

int main(int count, char **arguments) {
  if (count != 3) return 2;
  int file = open(arguments[1], O_RDONLY);
  int results = open(arguments[2], O_RDWR);
  struct stat found;
  if (file < 0 || results < 0 || fstat(file, &found) != 0) return 3;
  struct sock_filter *filter = mmap(NULL, found.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  volatile int *answers = mmap(NULL, 2 * most * sizeof(int), PROT_WRITE, MAP_SHARED, results, 0);
  if (filter == MAP_FAILED || (void *)answers == MAP_FAILED) return 4;
  struct sock_fprog program = {found.st_size / sizeof(struct sock_filter), filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 5;
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return 6;
  for (long number = 0; number < most; number++) {
#if defined(__x86_64__)
    if (number == 335 || number == 336) continue;
    long answer;
    register long fourth __asm__("r10") = 0;
    __asm__ volatile("syscall"
                     : "=a"(answer)
                     : "a"(number), "D"(0), "S"(0), "d"(0), "r"(fourth)
                     : "rcx", "r11", "memory");
    answers[number] = answer;
    int narrow;
    __asm__ volatile("int $0x80"
                     : "=a"(narrow)
                     : "a"((int)number), "b"(0), "c"(0), "d"(0), "S"(0), "D"(0)
                     : "r8", "r9", "r10", "r11", "memory");
    answers[most + number] = narrow;
#else
    register long call __asm__("x8") = number;
    register long answer __asm__("x0") = 0;
    __asm__ volatile("svc #0" : "+r"(answer) : "r"(call) : "memory");
    answers[number] = answer;
#endif
  }
  __builtin_trap();
}
