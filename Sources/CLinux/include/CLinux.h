// What Glibc's Swift module lacks: epoll, eventfd, accept4, socket set-up, a thread's current loop, iconv. Thin, no policy.
// Every call that can fail answers -errno, so that no caller depends on reading errno in time.
#ifndef CLINUX_H
#define CLINUX_H
#include "crc32c.h"

#include <stddef.h>
#include <stdint.h>

// Poller. `data` is given back with every event of the descriptor.
typedef struct {
  uint64_t data;
  uint32_t events;
} clinux_event;
enum {
  CLINUX_IN = 0x001,
  CLINUX_OUT = 0x004,
  CLINUX_ERR = 0x008,
  CLINUX_HUP = 0x010,
  CLINUX_RDHUP = 0x2000,
};
enum { CLINUX_EVENTS_MAX = 256 };  // events taken by one clinux_poller_wait
int clinux_poller_create(void);
int clinux_poller_add(int poller, int fd, uint32_t events, uint64_t data);
int clinux_poller_change(int poller, int fd, uint32_t events, uint64_t data);
int clinux_poller_remove(int poller, int fd);
// timeout in milliseconds, -1: none. Answers the number of events, 0 also when a signal came.
int clinux_poller_wait(int poller, clinux_event *events, int timeout_ms);

// A descriptor that wakes a poller.
int clinux_waker_create(void);
void clinux_waker_signal(int fd);
void clinux_waker_clear(int fd);

// A descriptor that turns readable at a monotonic time; 0: never.
int clinux_timer_create(void);
void clinux_timer_set(int fd, int64_t monotonic_ns);
void clinux_timer_clear(int fd);

// Sockets: always non-blocking, close-on-exec. `address` is numeric IPv4 or IPv6.
int clinux_listen(const char *address, uint16_t port, int backlog);
int clinux_local_port(int fd);
// Answers a descriptor; the peer's `address` and `port` are written to the buffers given.
int clinux_accept(int fd, char *address, size_t address_size, uint16_t *port);
// Starts to connect to a numeric address; the descriptor turns writable when it is decided (clinux_socket_error then).
int clinux_connect(const char *address, uint16_t port);
// 0, or the -errno with which connecting or the connection failed.
int clinux_socket_error(int fd);
int clinux_socket_options(int fd, uint32_t user_timeout_ms);  // TCP_NODELAY, and TCP_USER_TIMEOUT unless 0
int clinux_send_buffer(int fd, int bytes);
int clinux_receive_buffer(int fd, int bytes);
int clinux_reset_on_close(int fd);  // SO_LINGER 0: close sends RST
int clinux_shutdown_write(int fd);
long clinux_read(int fd, void *to, size_t size);
long clinux_write(int fd, const void *from, size_t size);
void clinux_close(int fd);
int clinux_spare_descriptor(void);  // something to give up when descriptors run out
// Resolves a name, blocking. Writes at most `max` numeric addresses of `size` bytes each, one after the other; answers
// their number or, below zero, a getaddrinfo error minus 10000.
int clinux_resolve(const char *host, char *addresses, size_t size, int max);
const char *clinux_resolve_error(int code);
const char *clinux_error_text(int positive_errno);

// Signals. A broken pipe is an error of the write, never a signal.
void clinux_ignore_broken_pipe(void);
// Blocks SIGTERM, SIGINT and SIGHUP in this thread and those it starts; clinux_wait_signal answers the next of them.
void clinux_block_signals(void);
int clinux_wait_signal(void);

// Time and figures.
int64_t clinux_monotonic_ns(void);
int64_t clinux_wall_ns(void);
int64_t clinux_cpu_ns(void);      // user + system, this process
int64_t clinux_resident_bytes(int pid);  // 0: this process; below zero: -errno
int clinux_pin(int cpu);                 // this thread and those it starts, to one processor
int clinux_leave_processor(int cpu);     // this thread and those it starts, anywhere else; -ENOENT: there is nowhere else
void clinux_tune_allocator(void);        // malloc for a process that holds a growing store; once, at its start
void clinux_keep_heap_room(void);        // lengthens this thread's heap ahead of need, after clinux_tune_allocator; now and then
int clinux_processors(void);
void *clinux_map_zeros(size_t count);    // zeros that take no memory until something else is written; NULL: there is no room
void clinux_unmap(void *start, size_t count);
// This thread, and those it starts: of the idle class, which gets what nobody else wants of a processor, or of the ordinary one; with this niceness and, where the
// system can (Linux 6.12), slices of so many nanoseconds. Never less nice than it is.
int clinux_share(int idle, int niceness, int64_t slice_ns);
int clinux_slices(int64_t slice_ns);  // the slices alone
// Long work beside others: clinux_give_way, called often in it, lets others run where some wait, once in so many nanoseconds. A thread asks for that, or a program
// does for all its threads before it has any; where nobody asked it does nothing. Who gives way pays with the rest of his slice, so slices are made as long.
void clinux_work_in_pieces(int64_t ns);
void clinux_all_work_in_pieces(int64_t ns);
void clinux_give_way(void);
// What clinux_give_way calls in this thread, at most once in so many nanoseconds, so that long work can look at what it got. NULL: nothing.
void clinux_look_every(int64_t ns, void (*act)(void *), void *context);
// How long this thread has run, and how long it could have run and had to wait, since it was started.
int clinux_thread_times(int64_t *ran_ns, int64_t *waited_ns);

// Sends `count` bytes of a file, from `offset` on, to the disk and waits for that. It makes nothing durable.
int clinux_push_out(int fd, int64_t offset, int64_t count);

// The loop that owns the calling thread: an opaque pointer, NULL on all other threads.
void *clinux_loop_get(void);
void clinux_loop_set(void *loop);
void clinux_thread_name(const char *name);

// Character sets. Answers the bytes written or -errno (E2BIG: `to` is too small; EILSEQ, EINVAL: bad or cut input).
long clinux_convert(const char *to_set, const char *from_set, const char *from, size_t from_size, char *to, size_t to_size);
#endif
