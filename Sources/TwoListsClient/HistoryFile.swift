import Crypto
import Schema
import Wire

/// What a client remembers of the server's history, on disc: an encoded `SeenHistory`, replaced whole under a lock, so that two programs
/// of one officer do not unlearn each other's. Without a path it is remembered as long as the client lives.
struct HistoryFile: Sendable {
    /// A dozen checkpoints with their certificates take 12 KiB.
    private static let largestBytes = 1 << 20

    let path: String?

    /// Nothing, when there is none yet.
    func read() throws(ClientError) -> SeenHistory {
        guard let path, DurableFile.exists(path) else { return SeenHistory() }
        return try Self.reading { () throws(CryptoError) in try Self.decoded(path) }
    }

    /// Changes what is there, and gives what is there then.
    func update(_ change: (inout SeenHistory) -> Void) throws(ClientError) -> SeenHistory? {
        guard let path else { return nil }
        return try Self.reading { () throws(CryptoError) in
            try DurableFile.locked(path + ".lock") { () throws(CryptoError) in
                let old = DurableFile.exists(path) ? try Self.decoded(path) : SeenHistory()
                var new = old
                change(&new)
                if new != old { try DurableFile.replace(path, new.encoded(), mode: 0o600) }
                return new
            }
        }
    }

    /// Keeps two checkpoints that cannot both be true, beside the history; the same two once. Gives the file's name.
    func keepEvidence(_ held: CheckpointStatement, _ shown: CheckpointStatement?) throws(ClientError)
        -> String?
    {
        guard let path else { return nil }
        let evidence = SeenHistory(proven: held, pending: shown.map { [$0] } ?? []).encoded()
        let name = path + ".evidence-" + String(Digest(of: evidence).hex.prefix(16))
        if DurableFile.exists(name) { return name }
        try Self.reading { () throws(CryptoError) in
            try DurableFile.replace(name, evidence, mode: 0o600)
        }
        return name
    }

    private static func decoded(_ path: String) throws(CryptoError) -> SeenHistory {
        do {
            return try SeenHistory(decoding: try DurableFile.read(path, limit: largestBytes))
        } catch let error as CryptoError {
            throw error
        } catch {
            throw .malformed(what: path, reason: "\(error)")
        }
    }

    private static func reading<R>(_ body: () throws(CryptoError) -> R) throws(ClientError) -> R {
        do throws(CryptoError) { return try body() } catch {
            throw ClientError(.client, .configuration, .notKept, detail: error.description)
        }
    }
}
