internal import Crypto
package import Journal
internal import Schema
internal import Wire

/// The files of rows and faults against what the journal says of them, without the server: each is there, and its SHA-256 is the one in the record of its check. With the journal's signatures this fixes
/// every row a batch ever brought.
package struct BatchFilesCheck {
    package private(set) var files = 0
    package private(set) var faults: [String] = []

    /// Faults told one by one.
    private static let told = 20

    package init(_ storage: any Storage, records: UInt64) throws {
        var reader = RecordReader(storage, from: 1)
        let folder = try storage.subdirectory("batches")
        var more = true
        while more {
            more = try reader.step(upTo: records) { view in
                // Only the server's own records have such ids.
                if view.type == .command, CommandID.isServers(view.commandID) {
                    look([UInt8](view.body), folder)
                }
                return true
            }
        }
    }

    private mutating func look(_ body: [UInt8], _ folder: any Storage) {
        guard let record = try? EventV1.Record(decoding: body) else { return }
        for event in record.events {
            guard case .batchChecked(let checked) = event.body else { continue }
            for (name, digest) in [
                (RowFile.name(checked.rowsSha256), checked.rowsSha256),
                (FaultReport.name(checked.reportSha256), checked.reportSha256),
            ] where !digest.isEmpty {
                files += 1
                compare(name, digest, record.number, folder)
            }
        }
    }

    private mutating func compare(_ name: String, _ digest: [UInt8], _ batch: String, _ folder: any Storage) {
        do {
            guard try Self.digest(folder, name) != digest else { return }
            tell("\(folder.path)/\(name) of batch \(batch) is not what was checked: restore it from a backup")
        } catch {
            tell(
                "\(folder.path)/\(name) of batch \(batch) cannot be read (\(error.reason)): restore it from a backup"
            )
        }
    }

    private mutating func tell(_ fault: String) {
        if faults.count < Self.told { faults.append(fault) }
    }

    private static func digest(_ folder: any Storage, _ name: String) throws(StorageError) -> [UInt8] {
        let file = try folder.open(name, .read)
        defer { folder.close(file) }
        guard let digest = try? IncrementalDigest() else { return [] }
        let size = try folder.size(file)
        var offset = 0
        while offset < size {
            let piece = try folder.readAll(
                file, count: min(BatchWorkLimits.pieceBytes, size - offset), at: offset)
            guard !piece.isEmpty else { break }
            digest.update(piece)
            offset += piece.count
        }
        return digest.finish().bytes
    }
}
