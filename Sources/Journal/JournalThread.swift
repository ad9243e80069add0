import Glibc

/// Threads of the journal, and the bell that wakes one.

enum JournalThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a detached thread. Signals stay with the threads that ask for them: all are blocked here. False: no thread could be made.
    static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
        let context = Unmanaged.passRetained(Body(run))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, context.toOpaque())
        guard result == 0 else {
            context.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

/// A bell that one thread waits for and any thread rings: a pipe, since it is waited for with a timeout.
final class Bell: Sendable {
    private let input: Int32
    private let output: Int32

    init() throws(StorageError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw StorageError(.open, "pipe", errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        input = ends[0]
        output = ends[1]
    }

    deinit {
        close(input)
        close(output)
    }

    /// A full pipe is a bell that has been rung.
    func ring() {
        var byte: UInt8 = 1
        _ = write(output, &byte, 1)
    }

    /// Waits until the bell is rung, or `milliseconds`.
    func wait(milliseconds: Int32) {
        var descriptor = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        if poll(&descriptor, 1, milliseconds) > 0 {
            var drained: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            _ = read(input, &drained, 32)
        }
    }
}
