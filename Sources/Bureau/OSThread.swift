internal import Glibc

/// A thread that runs one closure and can be joined. The closure makes what it owns; nothing else crosses.
final class OSThread: Sendable {
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    struct NotStarted: Error, CustomStringConvertible {
        var code: Int32
        var description: String { "no thread could be started: \(String(cString: strerror(code)))" }
    }

    private let handle: pthread_t

    private init(_ handle: pthread_t) { self.handle = handle }

    static func start(_ run: @escaping @Sendable () -> Void) throws(NotStarted) -> OSThread {
        var handle = pthread_t()
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &handle, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw NotStarted(code: code)
        }
        return OSThread(handle)
    }

    func join() { pthread_join(handle, nil) }
}
