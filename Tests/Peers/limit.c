// limit: the physical limit that twolists-bench measures against. A bare epoll + OpenSSL echo, server and load client, one
// thread each: TLS 1.3, mutual ECDSA P-256, frames of ten bytes like ours and no protocol above them.
//
//   limit server PORT CERTS [single]
//   limit unary PORT CERTS CONNECTIONS INFLIGHT SECONDS [single]
//   limit stream PORT CERTS MESSAGES                  messages of 64 KiB, server to client
//   limit handshakes PORT CERTS CONCURRENT SECONDS    full handshake, one echo, close
//   limit idle PORT CERTS CONNECTIONS SECONDS         one echo each, then silence
//
// Normally everything that is ready goes into one SSL_write. "single" writes one TLS record a message, as most RPC
// libraries do. Results are one JSON line. Build: cc -O2 -o limit limit.c -lssl -lcrypto
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 10, MESSAGE = 128, BIG = 64 * 1024, SCRATCH = 256 * 1024, EVENTS = 512, ECHO = 1, STREAM = 2 };

typedef struct {
  uint8_t *bytes;
  size_t begin, end, room;
} Buffer;

typedef struct {
  int fd;
  uint32_t watched;
  int ready;  // handshake done
  SSL *ssl;
  Buffer in, out;       // a begun frame; what waits to be written
  uint32_t streaming;   // messages of a stream still to be sent
  uint64_t *sent_at;    // client: by slot
} Connection;

static SSL_CTX *context;
static int poller, single;
static uint8_t scratch[SCRATCH], big[BIG], message[MESSAGE];

static void die(const char *what) {
  fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
  ERR_print_errors_fp(stderr);
  exit(1);
}
static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// ---- TLS

static void make_context(const char *certs, const char *name) {
  char path[3][600];
  snprintf(path[0], 600, "%s/%s.crt", certs, name);
  snprintf(path[1], 600, "%s/%s.key", certs, name);
  snprintf(path[2], 600, "%s/ca.crt", certs);
  context = SSL_CTX_new(TLS_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  if (SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1) die("suite");
  SSL_CTX_set1_groups_list(context, "X25519:P-256");
  if (SSL_CTX_use_certificate_chain_file(context, path[0]) != 1) die(path[0]);
  if (SSL_CTX_use_PrivateKey_file(context, path[1], SSL_FILETYPE_PEM) != 1) die(path[1]);
  if (SSL_CTX_load_verify_locations(context, path[2], 0) != 1) die(path[2]);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
}

// Bytes moved, 0: try again later, -1: the connection is over.
static int moved(Connection *c, int r) {
  if (r > 0) return r;
  int e = SSL_get_error(c->ssl, r);
  if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) return 0;
  ERR_clear_error();
  return -1;
}

// ---- Connections

static void watch(Connection *c, uint32_t events) {
  if (c->watched == events) return;
  struct epoll_event e = {.events = events, .data.ptr = c};
  epoll_ctl(poller, c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e);
  c->watched = events;
}
static Connection *make_connection(int fd, int server) {
  Connection *c = calloc(1, sizeof *c);
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  c->fd = fd;
  c->ssl = SSL_new(context);
  SSL_set_fd(c->ssl, fd);
  if (server) SSL_set_accept_state(c->ssl);
  else SSL_set_connect_state(c->ssl);
  return c;
}
static void drop(Connection *c) {
  SSL_free(c->ssl);
  close(c->fd);
  free(c->in.bytes);
  free(c->out.bytes);
  free(c->sent_at);
  free(c);
}
static uint8_t *extend(Buffer *b, size_t n) {
  if (b->begin == b->end) b->begin = b->end = 0;
  if (b->end + n > b->room) b->bytes = realloc(b->bytes, b->room = (b->end + n) * 2);
  b->end += n;
  return b->bytes + b->end - n;
}
static void release(Buffer *b) {
  free(b->bytes);
  memset(b, 0, sizeof *b);
}

// ---- Frames: u32 length, u32 id (big endian), type, flags

static void put(Connection *c, uint8_t type, uint32_t id, const uint8_t *bytes, uint32_t n) {
  uint8_t *to = extend(&c->out, HEADER + n);
  uint32_t length = htonl(n), big_id = htonl(id);
  memcpy(to, &length, 4);
  memcpy(to + 4, &big_id, 4);
  to[8] = type;
  to[9] = 0;
  memcpy(to + HEADER, bytes, n);
}
static uint32_t number(const uint8_t *p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return ntohl(v);
}

// Writes what there is, and goes on with a stream while the socket takes it.
static int flush(Connection *c) {
  for (;;) {
    while (c->out.begin < c->out.end) {
      int r = moved(c, SSL_write(c->ssl, c->out.bytes + c->out.begin, (int)(c->out.end - c->out.begin)));
      if (r < 0) return -1;
      if (r == 0) return watch(c, EPOLLIN | EPOLLOUT), 0;
      c->out.begin += (size_t)r;
    }
    if (!c->streaming) break;
    c->streaming--;
    put(c, STREAM, 0, big, BIG);
  }
  watch(c, EPOLLIN);
  release(&c->out);
  return 0;
}

typedef int (*Taker)(Connection *, uint8_t type, uint32_t id, const uint8_t *bytes, uint32_t n);

// Takes the whole frames at `bytes`; answers how many bytes they were, below zero: end the connection.
static long take_frames(Connection *c, const uint8_t *bytes, size_t n, Taker take) {
  size_t at = 0;
  while (n - at >= HEADER) {
    uint32_t length = number(bytes + at);
    if (length > BIG) return -1;
    if (n - at < HEADER + length) break;
    if (take(c, bytes[at + 8], number(bytes + at + 4), bytes + at + HEADER, length) < 0) return -1;
    at += HEADER + length;
  }
  return (long)at;
}

// Reads into the common scratch buffer; only a begun frame is copied to the connection.
static int input(Connection *c, Taker take) {
  for (;;) {
    size_t have = c->in.end;
    if (have) memcpy(scratch, c->in.bytes, have);
    int r = 0;
    size_t n = have;
    do {
      r = moved(c, SSL_read(c->ssl, scratch + n, (int)(SCRATCH - n)));
      if (r > 0) n += (size_t)r;
    } while (r > 0 && n + 16384 <= SCRATCH && (r == 16384 || SSL_has_pending(c->ssl)));
    if (n == have) return r;
    long used = take_frames(c, scratch, n, take);
    if (used < 0) return -1;
    c->in.begin = c->in.end = 0;
    if (n > (size_t)used) memcpy(extend(&c->in, n - (size_t)used), scratch + used, n - (size_t)used);
    else if (c->in.bytes) release(&c->in);
    if (r <= 0) return r;
    if (r < 16384 && !SSL_has_pending(c->ssl)) return 0;  // the poller tells when there is more
  }
}

static int shake(Connection *c) {
  int r = SSL_do_handshake(c->ssl);
  if (r == 1) return c->ready = 1;
  int e = SSL_get_error(c->ssl, r);
  watch(c, e == SSL_ERROR_WANT_WRITE ? EPOLLOUT : EPOLLIN);
  if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE) return 0;
  ERR_clear_error();
  return -1;
}

// ---- Server

static int serve_frame(Connection *c, uint8_t type, uint32_t id, const uint8_t *bytes, uint32_t n) {
  if (type == STREAM && n >= 4) c->streaming = number(bytes);
  if (type != ECHO) return 0;
  put(c, ECHO, id, bytes, n);
  return single ? flush(c) : 0;
}
static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) watch(make_connection(fd, 1), EPOLLIN);
}
static int serve_event(Connection *c) {
  if (!c->ready) {
    int r = shake(c);
    if (r <= 0) return r;
    watch(c, EPOLLIN);
  }
  if (input(c, serve_frame) < 0) return -1;
  return c->out.begin < c->out.end || c->streaming ? flush(c) : 0;
}
static void serve(uint16_t port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 4096)) die("listen");
  struct epoll_event e = {.events = EPOLLIN}, events[EVENTS];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
  socklen_t size = sizeof a;
  getsockname(listener, (struct sockaddr *)&a, &size);
  printf("{\"listening\":%d}\n", ntohs(a.sin_port));
  fflush(stdout);
  for (;;) {
    int n = epoll_wait(poller, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      Connection *c = events[i].data.ptr;
      if (!c) accept_all(listener);
      else if (serve_event(c) < 0) drop(c);
    }
  }
}

// ---- Load clients

static uint64_t *latencies, counting_from, counting_to, stream_bytes;
static size_t counted, room_for = 20000000;
static unsigned open_calls;

static Connection *dial(uint16_t port, int blocking) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (connect(fd, (struct sockaddr *)&a, sizeof a)) die("connect");
  Connection *c = make_connection(fd, 0);
  if (blocking && SSL_do_handshake(c->ssl) != 1) die("handshake");
  c->ready = blocking;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (blocking) watch(c, EPOLLIN);
  return c;
}
static void ask(Connection *c, uint32_t slot) {
  put(c, ECHO, slot, message, MESSAGE);
  c->sent_at[slot] = now();
}
static int answered(Connection *c, uint8_t type, uint32_t slot, const uint8_t *bytes, uint32_t n) {
  (void)bytes;
  if (type == STREAM) return stream_bytes += n, 0;
  if (n != MESSAGE) return -1;
  uint64_t t = now(), began = c->sent_at[slot];
  if (began >= counting_from && began < counting_to) {
    if (counted < room_for) latencies[counted] = t - began;
    counted++;
  }
  if (t >= counting_to) return open_calls--, 0;
  ask(c, slot);
  return single ? flush(c) : 0;
}
static void turn(void) {
  struct epoll_event events[EVENTS];
  int n = epoll_wait(poller, events, EVENTS, 5000);
  if (n <= 0) die("stalled");
  for (int i = 0; i < n; i++) {
    Connection *c = events[i].data.ptr;
    if (input(c, answered) < 0 || (c->out.begin < c->out.end && flush(c) < 0)) die("connection lost");
  }
}
static int ascending(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static void unary(uint16_t port, unsigned connections, unsigned inflight, double seconds) {
  latencies = malloc(room_for * sizeof *latencies);
  Connection **all = calloc(connections, sizeof *all);
  for (unsigned i = 0; i < connections; i++) {
    all[i] = dial(port, 1);
    all[i]->sent_at = calloc(inflight, 8);
  }
  double cpu = cpu_seconds();
  counting_from = now() + 300000000;
  counting_to = counting_from + (uint64_t)(seconds * 1e9);
  open_calls = connections * inflight;
  for (unsigned i = 0; i < connections; i++) {
    for (unsigned slot = 0; slot < inflight; slot++) {
      ask(all[i], slot);
      if (single && flush(all[i]) < 0) die("write");
    }
    if (flush(all[i]) < 0) die("write");
  }
  while (open_calls) turn();
  if (counted == 0) die("no call was counted");
  size_t kept = counted < room_for ? counted : room_for;
  qsort(latencies, kept, 8, ascending);
  printf("{\"calls\":%zu,\"per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"client_cpu_s\":%.3f}\n", counted,
         (double)counted / seconds, (double)latencies[kept / 2] / 1e3, (double)latencies[kept * 99 / 100] / 1e3,
         cpu_seconds() - cpu);
}

static void stream(uint16_t port, uint32_t messages) {
  Connection *c = dial(port, 1);
  uint32_t wanted = htonl(messages);
  uint64_t began = now();
  put(c, STREAM, 0, (uint8_t *)&wanted, 4);
  if (flush(c) < 0) die("write");
  while (stream_bytes < (uint64_t)messages * BIG) turn();
  double seconds = (double)(now() - began) / 1e9;
  printf("{\"messages\":%u,\"megabytes_per_second\":%.0f}\n", messages, (double)stream_bytes / 1e6 / seconds);
}

// One step of a handshake; once it is done, an echo shows that the server has accepted our certificate.
static void shake_and_ask(Connection *c) {
  int r = shake(c);
  if (r == 0) return;
  if (r < 0) die("handshake");
  ask(c, 0);
  if (flush(c) < 0) die("write");
}

static void handshakes(uint16_t port, unsigned concurrent, double seconds) {
  uint64_t began = now(), end = began + (uint64_t)(seconds * 1e9);
  size_t done = 0;
  unsigned busy = 0;
  struct linger reset = {1, 0};
  counting_to = 0;
  while (now() < end) {
    while (busy < concurrent) {
      Connection *c = dial(port, 0);
      c->sent_at = calloc(1, 8);
      shake_and_ask(c);
      busy++;
    }
    struct epoll_event events[EVENTS];
    int n = epoll_wait(poller, events, EVENTS, 5000);
    if (n <= 0) die("stalled");
    for (int i = 0; i < n; i++) {
      Connection *c = events[i].data.ptr;
      if (!c->ready) {
        shake_and_ask(c);
        continue;
      }
      open_calls = 1;
      if (input(c, answered) < 0) die("refused");
      if (open_calls) continue;
      done++;
      busy--;
      setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      drop(c);
    }
  }
  double spent = (double)(now() - began) / 1e9;
  printf("{\"handshakes\":%zu,\"per_second\":%.0f}\n", done, (double)done / spent);
}

static void idle(uint16_t port, unsigned connections, double seconds) {
  for (unsigned i = 0; i < connections; i++) {
    Connection *c = dial(port, 1);
    c->sent_at = calloc(1, 8);
    open_calls = 1;
    ask(c, 0);
    if (flush(c) < 0) die("write");
    while (open_calls) turn();
  }
  printf("{\"connections\":%u}\n", connections);
  fflush(stdout);
  usleep((useconds_t)(seconds * 1e6));
}

int main(int count, char **words) {
  if (count < 4) return fprintf(stderr, "usage: see the head of limit.c\n"), 2;
  signal(SIGPIPE, SIG_IGN);
  poller = epoll_create1(EPOLL_CLOEXEC);
  single = !strcmp(words[count - 1], "single");
  memset(message, 'A', MESSAGE);
  const char *mode = words[1];
  uint16_t port = (uint16_t)atoi(words[2]);
  double a = count > 4 ? atof(words[4]) : 0, b = count > 5 ? atof(words[5]) : 0, c = count > 6 ? atof(words[6]) : 0;
  make_context(words[3], strcmp(mode, "server") ? "client" : "server");
  if (!strcmp(mode, "server")) serve(port);
  else if (!strcmp(mode, "unary")) unary(port, (unsigned)a, (unsigned)b, c);
  else if (!strcmp(mode, "stream")) stream(port, (uint32_t)a);
  else if (!strcmp(mode, "handshakes")) handshakes(port, (unsigned)a, b);
  else if (!strcmp(mode, "idle")) idle(port, (unsigned)a, b);
  else return fprintf(stderr, "limit: no mode %s\n", mode), 2;
  return 0;
}
