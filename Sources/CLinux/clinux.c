#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

_Static_assert(CLINUX_IN == EPOLLIN && CLINUX_OUT == EPOLLOUT && CLINUX_ERR == EPOLLERR, "epoll bits");
_Static_assert(CLINUX_HUP == EPOLLHUP && CLINUX_RDHUP == EPOLLRDHUP, "epoll bits");

static int answer(int r) { return r < 0 ? -errno : r; }

int clinux_poller_create(void) { return answer(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int poller, int op, int fd, uint32_t events, uint64_t data) {
  struct epoll_event e = {.events = events, .data.u64 = data};
  return answer(epoll_ctl(poller, op, fd, &e));
}
int clinux_poller_add(int p, int fd, uint32_t events, uint64_t data) { return control(p, EPOLL_CTL_ADD, fd, events, data); }
int clinux_poller_change(int p, int fd, uint32_t events, uint64_t data) { return control(p, EPOLL_CTL_MOD, fd, events, data); }
int clinux_poller_remove(int p, int fd) { return control(p, EPOLL_CTL_DEL, fd, 0, 0); }

int clinux_poller_wait(int poller, clinux_event *events, int timeout_ms) {
  struct epoll_event got[CLINUX_EVENTS_MAX];
  int n = epoll_wait(poller, got, CLINUX_EVENTS_MAX, timeout_ms);
  if (n < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < n; i++) {
    events[i].data = got[i].data.u64;
    events[i].events = got[i].events;
  }
  return n;
}

int clinux_waker_create(void) { return answer(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }
void clinux_waker_signal(int fd) {
  uint64_t one = 1;
  if (write(fd, &one, sizeof one) < 0) return;  // EAGAIN: the counter is full, so the poller wakes anyway
}
void clinux_waker_clear(int fd) {
  uint64_t count;
  if (read(fd, &count, sizeof count) < 0) return;
}

int clinux_timer_create(void) { return answer(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)); }
void clinux_timer_set(int fd, int64_t monotonic_ns) {
  struct itimerspec at = {.it_value = {.tv_sec = monotonic_ns / 1000000000, .tv_nsec = monotonic_ns % 1000000000}};
  timerfd_settime(fd, TFD_TIMER_ABSTIME, &at, 0);
}
void clinux_timer_clear(int fd) { clinux_waker_clear(fd); }

// The address of a numeric host, or -EINVAL.
static int numeric(const char *address, uint16_t port, struct sockaddr_storage *to, socklen_t *size) {
  memset(to, 0, sizeof *to);
  struct sockaddr_in *four = (struct sockaddr_in *)to;
  if (inet_pton(AF_INET, address, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    *size = sizeof *four;
    return 0;
  }
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;
  if (inet_pton(AF_INET6, address, &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    *size = sizeof *six;
    return 0;
  }
  return -EINVAL;
}

int clinux_listen(const char *address, uint16_t port, int backlog) {
  struct sockaddr_storage a;
  socklen_t size;
  int r = numeric(address, port, &a, &size);
  if (r < 0) return r;
  int fd = socket(a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&a, size) < 0 || listen(fd, backlog) < 0) {
    r = -errno;
    close(fd);
    return r;
  }
  return fd;
}

int clinux_local_port(int fd) {
  struct sockaddr_storage a;
  socklen_t size = sizeof a;
  if (getsockname(fd, (struct sockaddr *)&a, &size) < 0) return -errno;
  return ntohs(a.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&a)->sin6_port : ((struct sockaddr_in *)&a)->sin_port);
}

int clinux_accept(int fd, char *address, size_t address_size, uint16_t *port) {
  struct sockaddr_storage a;
  socklen_t size = sizeof a;
  int c = accept4(fd, (struct sockaddr *)&a, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (c < 0) return -errno;
  if (address_size) address[0] = 0;
  if (a.ss_family == AF_INET6) {
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)&a;
    inet_ntop(AF_INET6, &six->sin6_addr, address, (socklen_t)address_size);
    *port = ntohs(six->sin6_port);
  } else {
    struct sockaddr_in *four = (struct sockaddr_in *)&a;
    inet_ntop(AF_INET, &four->sin_addr, address, (socklen_t)address_size);
    *port = ntohs(four->sin_port);
  }
  return c;
}

int clinux_connect(const char *address, uint16_t port) {
  struct sockaddr_storage a;
  socklen_t size;
  int r = numeric(address, port, &a, &size);
  if (r < 0) return r;
  int fd = socket(a.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (connect(fd, (struct sockaddr *)&a, size) < 0 && errno != EINPROGRESS) {
    r = -errno;
    close(fd);
    return r;
  }
  return fd;
}

int clinux_socket_error(int fd) {
  int e = 0;
  socklen_t size = sizeof e;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &size) < 0) return -errno;
  return -e;
}

static int option(int fd, int level, int name, int value) { return answer(setsockopt(fd, level, name, &value, sizeof value)); }
int clinux_socket_options(int fd, uint32_t user_timeout_ms) {
  int r = option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (r < 0 || user_timeout_ms == 0) return r;
  return option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, (int)user_timeout_ms);
}
int clinux_send_buffer(int fd, int bytes) { return option(fd, SOL_SOCKET, SO_SNDBUF, bytes); }
int clinux_receive_buffer(int fd, int bytes) { return option(fd, SOL_SOCKET, SO_RCVBUF, bytes); }
int clinux_reset_on_close(int fd) {
  struct linger now = {.l_onoff = 1, .l_linger = 0};
  return answer(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now));
}
int clinux_shutdown_write(int fd) { return answer(shutdown(fd, SHUT_WR)); }
long clinux_read(int fd, void *to, size_t size) {
  long r = read(fd, to, size);
  return r < 0 ? -errno : r;
}
long clinux_write(int fd, const void *from, size_t size) {
  long r = write(fd, from, size);
  return r < 0 ? -errno : r;
}
void clinux_close(int fd) { close(fd); }
int clinux_spare_descriptor(void) { return answer(open("/dev/null", O_RDONLY | O_CLOEXEC)); }

int clinux_resolve(const char *host, char *addresses, size_t size, int max) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list = 0;
  struct sockaddr_storage plain;
  socklen_t plain_size;
  if (max > 0 && numeric(host, 0, &plain, &plain_size) == 0) {
    if (strlen(host) >= size) return -10000;
    strcpy(addresses, host);
    return 1;
  }
  int r = getaddrinfo(host, 0, &hints, &list), n = 0;
  if (r != 0) return r - 10000;  // EAI_* are below zero
  for (struct addrinfo *i = list; i && n < max; i = i->ai_next) {
    if (getnameinfo(i->ai_addr, i->ai_addrlen, addresses + (size_t)n * size, (socklen_t)size, 0, 0, NI_NUMERICHOST) == 0) n++;
  }
  freeaddrinfo(list);
  return n;
}
const char *clinux_resolve_error(int code) { return gai_strerror(code + 10000); }
const char *clinux_error_text(int e) {
  const char *text = strerrordesc_np(e);
  return text ? text : "unknown error";
}

void clinux_ignore_broken_pipe(void) { signal(SIGPIPE, SIG_IGN); }
static void stop_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGHUP);
}
void clinux_block_signals(void) {
  sigset_t set;
  stop_signals(&set);
  pthread_sigmask(SIG_BLOCK, &set, 0);
}
int clinux_wait_signal(void) {
  sigset_t set;
  int got = 0;
  stop_signals(&set);
  return sigwait(&set, &got) == 0 ? got : -1;
}

static int64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
int64_t clinux_monotonic_ns(void) { return clock_ns(CLOCK_MONOTONIC); }
int64_t clinux_wall_ns(void) { return clock_ns(CLOCK_REALTIME); }
int64_t clinux_cpu_ns(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }
int64_t clinux_resident_bytes(int pid) {
  char path[64];
  if (pid > 0) snprintf(path, sizeof path, "/proc/%d/statm", pid);
  else strcpy(path, "/proc/self/statm");
  FILE *f = fopen(path, "re");
  if (!f) return -errno;
  long total = 0, resident = 0;
  int n = fscanf(f, "%ld %ld", &total, &resident);
  fclose(f);
  return n == 2 ? (int64_t)resident * sysconf(_SC_PAGESIZE) : -EIO;
}
int clinux_pin(int cpu) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return -EINVAL;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return answer(sched_setaffinity(0, sizeof set, &set));
}
int clinux_leave_processor(int cpu) {
  cpu_set_t set;
  if (cpu < 0 || cpu >= CPU_SETSIZE) return -EINVAL;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return -errno;
  CPU_CLR(cpu, &set);
  return CPU_COUNT(&set) ? answer(sched_setaffinity(0, sizeof set, &set)) : -ENOENT;
}
static int heap_is_tuned;
void clinux_tune_allocator(void) {
  // A store only grows: ask the kernel in large pieces, give back in large pieces, and keep buffers of a message in the heap. (Setting
  // one of these ends glibc's own adjusting, so all three are set.) Nothing is resident before it is used.
  mallopt(M_TOP_PAD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 32 << 20);
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
  heap_is_tuned = 1;
}
void clinux_keep_heap_room(void) {
  // glibc lengthens the heap of any thread but the first by no more than is asked for (M_TOP_PAD counts for the first alone): a growing
  // store pays an mprotect every 4 KiB, under the lock that every page fault of the process takes. What is freed here stays at the heap's end,
  // below the trim threshold, and the small pieces that follow are cut from it. Nothing of it is resident before it is used.
  enum { ROOM = 6 << 20 };
  if (!heap_is_tuned) return;
  void *volatile room = malloc(ROOM);
  free(room);
}
int clinux_processors(void) { return (int)sysconf(_SC_NPROCESSORS_ONLN); }
void *clinux_map_zeros(size_t count) {
  void *start = mmap(NULL, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return start == MAP_FAILED ? NULL : start;
}
void clinux_unmap(void *start, size_t count) { munmap(start, count); }

static _Thread_local void *current_loop;
// glibc 2.36 has neither wrapper nor struct.
static int set_scheduling(int policy, int niceness, int64_t slice_ns) {
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } how = {.size = 48, .policy = (uint32_t)policy, .nice = niceness, .runtime = (uint64_t)slice_ns};
  // 0 is the calling thread, not the process.
  return answer((int)syscall(SYS_sched_setattr, 0, &how, 0));
}

int clinux_share(int idle, int niceness, int64_t slice_ns) {
  int now = getpriority(PRIO_PROCESS, 0), policy = idle ? SCHED_IDLE : SCHED_OTHER;
  if (now > niceness) niceness = now;
  if (set_scheduling(policy, niceness, slice_ns) == 0) return 0;
  // A sandbox may know only the older calls.
  struct sched_param none = {0};
  setpriority(PRIO_PROCESS, 0, niceness);
  return answer(sched_setscheduler(0, policy, &none));
}

int clinux_slices(int64_t slice_ns) {
  return set_scheduling(sched_getscheduler(0), getpriority(PRIO_PROCESS, 0), slice_ns);
}

static int64_t all_pieces;
static __thread int64_t pieces, way_given;
void clinux_work_in_pieces(int64_t ns) {
  clinux_slices(ns);
  pieces = ns;
}
void clinux_all_work_in_pieces(int64_t ns) {
  clinux_slices(ns);
  all_pieces = ns;
}
static __thread struct {
  int64_t every, at;
  void (*act)(void *);
  void *context;
} look;
void clinux_look_every(int64_t ns, void (*act)(void *), void *context) {
  look.every = ns;
  look.at = clinux_monotonic_ns();
  look.act = act;
  look.context = context;
}
void clinux_give_way(void) {
  int64_t every = pieces != 0 ? pieces : all_pieces;
  if (every == 0 || clinux_monotonic_ns() - way_given < every) return;
  sched_yield();
  way_given = clinux_monotonic_ns();
  if (look.act == NULL || way_given - look.at < look.every) return;
  look.at = way_given;
  look.act(look.context);
}

int clinux_thread_times(int64_t *ran_ns, int64_t *waited_ns) {
  char text[96];
  int fd = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  long n = answer((int)read(fd, text, sizeof text - 1));
  close(fd);
  if (n < 0) return (int)n;
  text[n] = 0;
  long long ran, waited;
  if (sscanf(text, "%lld %lld", &ran, &waited) != 2) return -EPROTO;
  *ran_ns = ran;
  *waited_ns = waited;
  return 0;
}

int clinux_push_out(int fd, int64_t offset, int64_t count) {
  const unsigned how = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  return answer(sync_file_range(fd, offset, count, how));
}

void *clinux_loop_get(void) { return current_loop; }
void clinux_loop_set(void *loop) { current_loop = loop; }
void clinux_thread_name(const char *name) { pthread_setname_np(pthread_self(), name); }

long clinux_convert(const char *to_set, const char *from_set, const char *from, size_t from_size, char *to, size_t to_size) {
  iconv_t c = iconv_open(to_set, from_set);
  if (c == (iconv_t)-1) return -errno;
  char *in = (char *)from, *out = to;
  size_t in_left = from_size, out_left = to_size;
  long r = iconv(c, &in, &in_left, &out, &out_left) == (size_t)-1 ? -errno : 0;
  iconv_close(c);
  return r < 0 ? r : (long)(to_size - out_left);
}
