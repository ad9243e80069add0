import Foundation

/// One process at a time sends from a profile's outbox, and works out which version a matter will have when what waits has been done: an
/// exclusive lock on the folder itself, gone with the process that holds it.
package final class OutboxLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Nil when another process holds it.
    private static func attempt(_ folder: String) throws(FileError) -> OutboxLock? {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(folder, Text("打不开目录", "the folder cannot be opened")) }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return OutboxLock(descriptor) }
        close(descriptor)
        return nil
    }

    private static let pause = Duration.milliseconds(20)

    /// Waits for whoever holds it, at most so long; nil then.
    static func take(_ folder: String, within patience: Duration) async throws(FileError) -> OutboxLock? {
        let end = ContinuousClock.now + patience
        while true {
            if let lock = try attempt(folder) { return lock }
            guard ContinuousClock.now < end, (try? await Task.sleep(for: pause)) != nil else { return nil }
        }
    }

    /// Held until here: a reference that nobody uses any more may be let go early.
    package func release() { withExtendedLifetime(self) {} }
}
