// A disk that loses its power, fills up, fails and is slow, for one database file and its write-ahead log: laid over the C library by
// LD_PRELOAD. It keeps an undo log of what was written and not synced; `disk.rs` reads it, and takes away what a power cut might.
//
// SEVOTTAM_DISK names the folder: `office.db` and `office.db-wal` in it are the files, `undo` is the undo log, and the first byte of `control`
// is what is wrong with the disk at the moment; what is to fail once clears it. On a full disk a file can be written to, and not grow, but
// into the room that the removal of `office.db.reserve` made.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FULL = 'n', FAIL_WRITE = 'w', FAIL_SYNC = 's', SLOW = 'l', VERY_SLOW = 'v' };
enum { FDS = 65536, RESERVE = 3 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile char *control;
static char files[3][4096];
static unsigned char file_of[FDS]; // 0: not one of ours; else its number plus one
static int undo = -1;
static off_t room; // on a full disk

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static int (*real_truncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void begin(void) {
    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_truncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    const char *folder = getenv("SEVOTTAM_DISK");
    if (!folder) return;
    char path[4096];
    snprintf(files[0], sizeof files[0], "%s/office.db", folder);
    snprintf(files[1], sizeof files[1], "%s/office.db-wal", folder);
    snprintf(files[2], sizeof files[2], "%s/office.db.reserve", folder);
    snprintf(path, sizeof path, "%s/undo", folder);
    undo = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    snprintf(path, sizeof path, "%s/control", folder);
    int fd = real_open(path, O_RDWR | O_CLOEXEC);
    if (undo < 0 || fd < 0) abort();
    control = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (control == MAP_FAILED) abort();
    real_close(fd);
}

static int which(const char *path) {
    for (int file = 0; undo >= 0 && file < 3; file++)
        if (strcmp(path, files[file]) == 0) return file + 1;
    return 0;
}

static int ours(int fd) { return fd >= 0 && fd < FDS && file_of[fd]; }

// Notes what is done to a file: what, from where to where, how long the file was, and what stood there.
static void note(int file, char what, off_t from, off_t to, off_t size, size_t length, const void *before) {
    struct __attribute__((packed)) {
        uint8_t file, what;
        uint64_t from, to, size, length;
    } head = {file - 1, what, from, to, size, length};
    if (real_write(undo, &head, sizeof head) != sizeof head) abort();
    for (size_t done = 0; done < length;) {
        ssize_t n = real_write(undo, (const char *)before + done, length - done);
        if (n <= 0) abort();
        done += n;
    }
}

// What stands in a part of a file.
static char *before(int fd, off_t at, size_t *length, off_t *size) {
    struct stat stat;
    if (fstat(fd, &stat)) abort();
    *size = stat.st_size;
    *length = at >= *size ? 0 : (off_t)*length < *size - at ? *length : (size_t)(*size - at);
    char *bytes = malloc(*length + 1);
    for (size_t done = 0; done < *length;) {
        ssize_t n = pread(fd, bytes + done, *length - done, at + done);
        if (n <= 0) abort();
        done += n;
    }
    return bytes;
}

// Fails once.
static int fails(char how) {
    if (*control != how) return 0;
    *control = 0;
    errno = EIO;
    return 1;
}

// Whether there is room for a file to reach so far.
static int grows(int fd, off_t to) {
    struct stat stat;
    if (*control != FULL) {
        room = 0;
        return 1;
    }
    if (fstat(fd, &stat)) abort();
    off_t more = to - stat.st_size;
    if (more <= 0) return 1;
    if (more > room) return 0;
    room -= more;
    return 1;
}

static ssize_t put(int fd, const void *bytes, size_t count, off_t at) {
    ssize_t done = -1;
    pthread_mutex_lock(&lock);
    if (!grows(fd, at + count)) {
        errno = ENOSPC;
    } else if (file_of[fd] == RESERVE) {
        done = real_pwrite(fd, bytes, count, at);
    } else if (!fails(FAIL_WRITE)) {
        size_t length = count;
        off_t size;
        char *old = before(fd, at, &length, &size);
        note(file_of[fd], 'w', at, at + count, size, length, old);
        free(old);
        done = real_pwrite(fd, bytes, count, at);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

static int sync_file(int fd) {
    int done = -1;
    // While others write, as on a slow disk.
    if (*control == SLOW) usleep(4000);
    if (*control == VERY_SLOW) usleep(100000);
    pthread_mutex_lock(&lock);
    // After a failure nobody knows what is on the disk, and a later success does not say so: what was not synced by then never is.
    int failed = fails(FAIL_SYNC);
    note(file_of[fd], failed ? 'f' : 's', 0, 0, 0, 0, NULL);
    if (!failed) done = 0;
    pthread_mutex_unlock(&lock);
    return done;
}

static int shorten(int fd, off_t to) {
    pthread_mutex_lock(&lock);
    size_t length = SIZE_MAX >> 1;
    off_t size;
    char *old = before(fd, to, &length, &size);
    note(file_of[fd], 't', to, size, size, length, old);
    free(old);
    int done = real_truncate(fd, to);
    pthread_mutex_unlock(&lock);
    return done;
}

static int opened(int fd, const char *path) {
    if (fd >= 0 && fd < FDS) file_of[fd] = which(path);
    return fd;
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(real_open(path, flags, mode), path);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return opened(real_open(path, flags | O_LARGEFILE, mode), path);
}

int close(int fd) {
    if (ours(fd)) file_of[fd] = 0;
    return real_close(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) {
    return ours(fd) ? put(fd, bytes, count, at) : real_pwrite(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!ours(fd)) return real_write(fd, bytes, count);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = put(fd, bytes, count, at);
    if (done > 0) lseek(fd, at + done, SEEK_SET);
    return done;
}

int ftruncate64(int fd, off_t to) { return ours(fd) && file_of[fd] != RESERVE ? shorten(fd, to) : real_truncate(fd, to); }

int ftruncate(int fd, off_t to) { return ftruncate64(fd, to); }

int fsync(int fd) { return ours(fd) && file_of[fd] != RESERVE ? sync_file(fd) : real_fsync(fd); }

int fdatasync(int fd) { return ours(fd) && file_of[fd] != RESERVE ? sync_file(fd) : real_fdatasync(fd); }

int unlink(const char *path) {
    int file = which(path);
    struct stat found;
    if (file) {
        pthread_mutex_lock(&lock);
        if (file != RESERVE) note(file, 'u', 0, 0, 0, 0, NULL);
        if (file == RESERVE && *control == FULL && !stat(path, &found)) room += found.st_size;
        pthread_mutex_unlock(&lock);
    }
    return real_unlink(path);
}
