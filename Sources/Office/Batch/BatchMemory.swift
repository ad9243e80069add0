internal import Crypto
internal import Exchange
import Foundation
package import Schema

/// A batch that was begun to be sent: what makes the next attempt go on with it.
package struct BatchUnderWay: Sendable, Hashable {
    /// Made by the client; the batch's for ever.
    package var id: [UInt8]
    package var number: String
    package var kind: String
    package var version: String
    package var mode: BatchMode
    package var period: String
    package var manifest: [UInt8]
    package var fileName: String
    /// ns UTC.
    package var begun: Int64

    package init(
        id: [UInt8], number: String, kind: String, version: String, mode: BatchMode, period: String,
        manifest: [UInt8], fileName: String, begun: Int64
    ) {
        self.id = id
        self.number = number
        self.kind = kind
        self.version = version
        self.mode = mode
        self.period = period
        self.manifest = manifest
        self.fileName = fileName
        self.begun = begun
    }

    /// What makes two sends the same one: the rows and how they are to be taken, not what the file is called.
    package var identity: String {
        let parts = [kind, version, "\(mode.rawValue)", period, Hex.encode(manifest)]
        return Hex.encode(Array(Digest(of: Array(parts.joined(separator: "\n").utf8)).bytes.prefix(16)))
    }

    /// A number that says kind and day and is nobody else's: `pension-20230310-3f2a9c`.
    package static func number(_ kind: String, id: [UInt8], now: Int64) -> String {
        let day = CivilDay(nanoseconds: now).text.filter { $0 != "-" }
        let stem = kind.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        return "\(stem.prefix(24))-\(day)-\(Hex.encode(Array(id.suffix(3))))"
    }
}

/// Where batches under way are remembered. What is kept first stays: two programs that send one file at once then send one batch.
package protocol BatchMemory: Sendable {
    /// Keeps a batch that is begun; gives the one to go on with, an earlier one where there is one.
    /// - Parameter isNumberTyped: an earlier one under another number is another batch then.
    func begin(_ fresh: BatchUnderWay, isNumberTyped: Bool) throws(FileError) -> BatchUnderWay
    /// The command that was sealed for the batch; nil: not yet, so not all of it was stored.
    func command(of batch: BatchUnderWay) throws(FileError) -> SignedEnvelope?
    /// Keeps the command before it is sent; gives the one to send.
    func keep(_ command: SignedEnvelope, of batch: BatchUnderWay) throws(FileError) -> SignedEnvelope
    /// Forgets a batch that was refused, so that the next attempt begins anew.
    func forget(_ batch: BatchUnderWay) throws(FileError)
}

/// Batches under way as files beside the profile (`NAME.batches`).
///
///     IDENTITY.batch        lines `key = value`; IDENTITY-NUMBER.batch where the same rows go under a second number
///     IDENTITY.submit       the sealed command, as command files have it
///
/// Written whole beside their place and linked there, so that a file is there whole or not at all and the first one stays.
package struct BatchFolder: BatchMemory {
    private static let mark = "twolists-batch/1"
    private static let largestBytes = 8 << 10
    private let folder: String

    package init(folder: String) { self.folder = folder }

    package func begin(_ fresh: BatchUnderWay, isNumberTyped: Bool) throws(FileError) -> BatchUnderWay {
        let (first, second) = (page(fresh), page(fresh, numbered: true))
        let kept = try keep(Self.text(fresh), at: first)
        let there = try read(kept, first)
        guard isNumberTyped, !haveSameBytes(there.number, fresh.number) else { return there }
        return try read(try keep(Self.text(fresh), at: second), second)
    }

    package func command(of batch: BatchUnderWay) throws(FileError) -> SignedEnvelope? {
        let path = submitPath(batch)
        guard DurableFile.exists(path) else { return nil }
        return try CommandFile.read(path).0
    }

    /// What was sealed for a batch by its id; nil: nothing, or not on this machine.
    package func submitted(_ id: [UInt8]) -> SubmitBatch? {
        guard let (_, envelope) = try? CommandFile.read(submitPath(id)), envelope.target == id,
            case .submitBatch(let command) = envelope.command?.body
        else { return nil }
        return command
    }

    /// Forgets a batch by its id: the server refused it.
    package func forget(_ id: [UInt8]) throws(FileError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasSuffix(".batch") {
            let path = folder + "/" + name
            guard let bytes = try? DurableFile.read(path, limit: Self.largestBytes),
                let batch = try? read(bytes, path), batch.id == id
            else { continue }
            unlink(path)
        }
        unlink(submitPath(id))
    }

    package func keep(_ command: SignedEnvelope, of batch: BatchUnderWay) throws(FileError) -> SignedEnvelope
    {
        let path = submitPath(batch)
        return try CommandFile.decode(try keep(CommandFile.encode(command), at: path), file: path).0
    }

    package func forget(_ batch: BatchUnderWay) throws(FileError) {
        for path in [page(batch), page(batch, numbered: true)] {
            guard let bytes = try? DurableFile.read(path, limit: Self.largestBytes),
                try read(bytes, path).id == batch.id
            else { continue }
            unlink(path)
        }
        unlink(submitPath(batch))
    }

    private func page(_ batch: BatchUnderWay, numbered: Bool = false) -> String {
        folder + "/" + batch.identity + (numbered ? "-" + batch.number : "") + ".batch"
    }

    private func submitPath(_ batch: BatchUnderWay) -> String { submitPath(batch.id) }

    private func submitPath(_ id: [UInt8]) -> String { folder + "/" + Hex.encode(id) + ".submit" }

    /// Puts the bytes there unless there are some; gives those that are there.
    private func keep(_ bytes: [UInt8], at path: String) throws(FileError) -> [UInt8] {
        do throws(CryptoError) {
            try DurableFile.makeDirectory(folder)
            if DurableFile.exists(path) { return try DurableFile.read(path, limit: 512 << 10) }
            // Nobody else's, in this program either: a service that embeds the client sends from several tasks.
            let own = path + "." + UUID().uuidString
            try DurableFile.replace(own, bytes, mode: 0o600)
            // A link never takes the place of a file that is there.
            let isOurs = link(own, path) == 0
            unlink(own)
            return isOurs ? bytes : try DurableFile.read(path, limit: 512 << 10)
        } catch {
            throw FileError(path, Text("不能写入或读出", "it cannot be written or read (\(error))"))
        }
    }

    // MARK: The page of one batch

    private static func text(_ batch: BatchUnderWay) -> [UInt8] {
        let lines = [
            mark, "id = \(Hex.encode(batch.id))", "number = \(batch.number)", "kind = \(batch.kind)",
            "version = \(batch.version)", "mode = \(batch.mode.rawValue)", "period = \(batch.period)",
            "manifest = \(Hex.encode(batch.manifest))", "file = \(Screen.clean(batch.fileName))",
            "begun = \(batch.begun)",
        ]
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    private func read(_ bytes: [UInt8], _ path: String) throws(FileError) -> BatchUnderWay {
        let lines = String(decoding: bytes.prefix(Self.largestBytes), as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        var values: [String: String] = [:]
        for line in lines.dropFirst() {
            let sides = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            values[sides[0].trimmingCharacters(in: .whitespaces)] = sides[1].trimmingCharacters(
                in: .whitespaces)
        }
        guard lines.first.map(String.init) == Self.mark, let id = values["id"].flatMap(Hex.decode),
            id.count == 16,
            let manifest = values["manifest"].flatMap(Hex.decode), let number = values["number"],
            let mode = values["mode"].flatMap(Int32.init).flatMap(BatchMode.init(number:)),
            let begun = values["begun"].flatMap(Int64.init)
        else {
            throw FileError(
                path,
                Text("续传记录损坏，请删除后重新报送", "what was kept of this batch is damaged: delete it and send again"))
        }
        return BatchUnderWay(
            id: id, number: number, kind: values["kind"] ?? "", version: values["version"] ?? "", mode: mode,
            period: values["period"] ?? "", manifest: manifest, fileName: values["file"] ?? "", begun: begun)
    }
}
