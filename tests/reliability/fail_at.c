/* Preloaded into a program, makes its n-th call of one kind fail, or kills the program or hangs there:
 *
 *   TERN_FAULT_CALL   open (of a file that is written), fread, write, fflush, fsync, rename or malloc
 *   TERN_FAULT_AT     which call, from 1; 0: none
 *   TERN_FAULT_HOW    an errno, "kill", or "hang": the call does not return
 *   TERN_FAULT_RANK   in which of mpirun's processes; without it in all
 *   TERN_FAULT_COUNT  a file to which the number of such calls is written at the end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* glibc's own, which need no look-up that allocates. */
extern void* __libc_malloc(size_t size);
extern void* __libc_memalign(size_t alignment, size_t size);

static const char* wanted_call;
static long wanted_at;
static const char* how;
static atomic_long calls;

__attribute__((constructor)) static void read_environment(void) {
  const char* at = getenv("TERN_FAULT_AT");
  how = getenv("TERN_FAULT_HOW");
  wanted_at = at == NULL ? 0 : atol(at);
  wanted_call = getenv("TERN_FAULT_CALL");
  const char *wanted_rank = getenv("TERN_FAULT_RANK"), *rank = getenv("OMPI_COMM_WORLD_RANK");
  if (wanted_rank != NULL && (rank == NULL || strcmp(rank, wanted_rank) != 0)) wanted_call = NULL;
}

__attribute__((destructor)) static void write_count(void) {
  const char* path = getenv("TERN_FAULT_COUNT");
  wanted_call = NULL; /* what follows is not counted */
  FILE* file = path == NULL ? NULL : fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%ld\n", (long)atomic_load(&calls));
  fclose(file);
}

/* Whether this call is the one that fails; errno is set then. */
static int fails(const char* call) {
  if (wanted_call == NULL || strcmp(call, wanted_call) != 0) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != wanted_at || how == NULL) return 0;
  if (strcmp(how, "kill") == 0) raise(SIGKILL);
  while (strcmp(how, "hang") == 0) pause();
  errno = atoi(how);
  return 1;
}

#define ORIGINAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void* malloc(size_t size) {
  return fails("malloc") ? NULL : __libc_malloc(size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return fails("malloc") ? NULL : __libc_memalign(alignment, size);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const int mode = (flags & O_CREAT) != 0 ? va_arg(arguments, int) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) != 0 && fails("open")) return -1;
  return ORIGINAL(open)(path, flags, mode);
}

size_t fread(void* bytes, size_t size, size_t count, FILE* file) {
  return fails("fread") ? 0 : ORIGINAL(fread)(bytes, size, count, file);
}

ssize_t write(int file, const void* bytes, size_t size) {
  return fails("write") ? -1 : ORIGINAL(write)(file, bytes, size);
}

int fflush(FILE* file) {
  if (file != stdout && file != stderr && fails("fflush")) return EOF;
  return ORIGINAL(fflush)(file);
}

int fsync(int file) {
  return fails("fsync") ? -1 : ORIGINAL(fsync)(file);
}

int rename(const char* from, const char* to) {
  return fails("rename") ? -1 : ORIGINAL(rename)(from, to);
}
