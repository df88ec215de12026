/* A library to preload: the FAULT_AT-th call of the function FAULT_CALL fails with errno FAULT_ERRNO, or (FAULT_SHORT) does a part
 * of its work. Every call is counted; at the end the file FAULT_REPORT says whether the call was reached. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))

static void report(void) {
    const char* file = getenv("FAULT_REPORT");
    int (*real_open)(const char*, int, ...) = (int (*)(const char*, int, ...))dlsym(RTLD_NEXT, "open");
    if (file) close(real_open(file, O_CREAT | O_WRONLY, 0600));
}

static int is_due(const char* name) {
    const char* call = getenv("FAULT_CALL");
    if (!call || strcmp(call, name) != 0) return 0;
    const char* at = getenv("FAULT_AT");
    if (atomic_fetch_add(&calls, 1) + 1 != (at ? atol(at) : 1)) return 0;
    report();
    return 1;
}

/* Memory is asked for a million times, and first by libraries that set themselves up: counted from the program's start on. */
static atomic_long memory_left = -1;

int __libc_start_main(int (*start)(int, char**, char**), int count, char** values, void (*set_up)(void), void (*take_down)(void),
                      void (*at_end)(void), void* stack) {
    const char* call = getenv("FAULT_CALL");
    if (call && strcmp(call, "malloc") == 0) atomic_store(&memory_left, atol(getenv("FAULT_AT")));
    return REAL(int, __libc_start_main, int (*)(int, char**, char**), int, char**, void (*)(void), void (*)(void), void (*)(void), void*)(
        start, count, values, set_up, take_down, at_end, stack);
}

static int is_memory_due(void) {
    if (atomic_load(&memory_left) < 0 || atomic_fetch_sub(&memory_left, 1) != 1) return 0;
    atomic_store(&memory_left, -1);
    report();
    return 1;
}

static int fail(void) {
    const char* number = getenv("FAULT_ERRNO");
    errno = number ? atoi(number) : EIO;
    return -1;
}

ssize_t write(int file, const void* bytes, size_t size) {
    if (file > 2 && is_due("write")) {
        if (!getenv("FAULT_SHORT")) return fail();
        size = size > 1 ? size / 2 : size;
    }
    return REAL(ssize_t, write, int, const void*, size_t)(file, bytes, size);
}

ssize_t writev(int file, const void* parts, int count) {
    if (file > 2 && is_due("writev")) return fail();
    return REAL(ssize_t, writev, int, const void*, int)(file, parts, count);
}

ssize_t pread(int file, void* bytes, size_t size, off_t at) {
    if (is_due("pread")) {
        if (!getenv("FAULT_SHORT")) return fail();
        size = size > 1 ? size / 2 : size;
    }
    return REAL(ssize_t, pread, int, void*, size_t, off_t)(file, bytes, size, at);
}
ssize_t pread64(int file, void* bytes, size_t size, off_t at) { return pread(file, bytes, size, at); }

int fsync(int file) { return is_due("fsync") ? fail() : REAL(int, fsync, int)(file); }
int fdatasync(int file) { return is_due("fdatasync") ? fail() : REAL(int, fdatasync, int)(file); }
int rename(const char* from, const char* to) { return is_due("rename") ? fail() : REAL(int, rename, const char*, const char*)(from, to); }
int mkdir(const char* path, mode_t mode) { return is_due("mkdir") ? fail() : REAL(int, mkdir, const char*, mode_t)(path, mode); }

void* mmap(void* at, size_t size, int protection, int flags, int file, off_t offset) {
    if (file >= 0 && is_due("mmap")) return fail(), MAP_FAILED;
    return REAL(void*, mmap, void*, size_t, int, int, int, off_t)(at, size, protection, flags, file, offset);
}

int open(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const mode_t mode = va_arg(list, mode_t);
    va_end(list);
    if ((flags & (O_WRONLY | O_RDWR)) && is_due("open")) return fail();
    return REAL(int, open, const char*, int, ...)(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const mode_t mode = va_arg(list, mode_t);
    va_end(list);
    return open(path, flags, mode);
}

/* operator new of the standard library comes here too. */
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

static void* no_memory(void) {
    errno = ENOMEM;
    return NULL;
}

void* malloc(size_t size) { return is_memory_due() ? no_memory() : __libc_malloc(size); }
void* calloc(size_t count, size_t size) { return is_memory_due() ? no_memory() : __libc_calloc(count, size); }
void* realloc(void* old, size_t size) { return is_memory_due() ? no_memory() : __libc_realloc(old, size); }
void* aligned_alloc(size_t alignment, size_t size) { return is_memory_due() ? no_memory() : __libc_memalign(alignment, size); }
int posix_memalign(void** out, size_t alignment, size_t size) {
    void* made = is_memory_due() ? no_memory() : __libc_memalign(alignment, size);
    if (!made) return ENOMEM;
    *out = made;
    return 0;
}
