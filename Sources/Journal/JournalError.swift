/// Why the journal cannot be opened, read or written. `description` is for the operator: what, where, and what to do.
package enum JournalError: Error, Sendable, Hashable {
    /// A storage operation failed while doing `task`. A failed read is never taken for a torn tail.
    case storage(StorageError, task: String)
    /// Another process holds the directory.
    case alreadyRunning(path: String, holder: String)
    /// The directory holds no journal. It is never made silently: an empty directory may be a disk that was not mounted.
    case notFormatted(path: String)
    case alreadyFormatted(path: String)
    /// A parameter outside its limits.
    case badOption(String)
    case segmentMissing(path: String, after: String)
    case segmentHeaderDamaged(file: String)
    /// A file of another store lies in the directory.
    case foreignFile(file: String)
    case newerFormat(file: String, version: UInt16)
    /// Damage that is not a torn tail.
    case damaged(file: String, offset: Int, what: String)
    /// Checksums are right and the tree is not: the records were changed on purpose, or by a defect.
    case rootMismatch(file: String, offset: Int, group: UInt64)
    /// The signature over a group's checkpoint is not good.
    case badSignature(file: String, offset: Int, group: UInt64, reason: String)
    case headMissing(path: String)
    case headDamaged(path: String)
    /// HEAD knows a later acknowledged group than the segments hold.
    case acknowledgedLost(headGroup: UInt64, headSequence: UInt64, foundGroup: UInt64, foundSequence: UInt64)
    /// HEAD and the segments have different roots for one group.
    case forked(group: UInt64)
    case keyFileDamaged(path: String, what: String)
    /// An acknowledged group's key is not in the key file.
    case keyMissing(group: UInt64, slot: UInt64)
    /// No room; `needed` bytes at `path`.
    case noSpace(path: String, needed: Int)
    /// The checkpoint could not be signed.
    case signing(String)
    /// The layer above could not read a record.
    case refusedByApplication(sequence: UInt64, reason: String)
    /// A restore that cuts was interrupted before its RESTORED record was durable.
    case restoreUnfinished(path: String)
    /// A snapshot that the journal does not go on from: it is passed over.
    case snapshotForeign(String)
    /// A second call of something that may happen once, or a call after the end.
    case misuse(String)
}

extension JournalError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .storage(let error, let task):
            "\(task): \(error.operation.rawValue) of \(error.name): \(error.reason). "
                + "Nothing was changed or dropped because of it; check the disk (dmesg, smartctl), then start again."
        case .alreadyRunning(let path, let holder):
            "\(path) is in use by another server (process \(holder)). Stop that one first, or give this one a directory of its own."
        case .notFormatted(let path):
            "\(path) holds no journal. Is the disk mounted? To begin a new store there, run the server's `init` first."
        case .alreadyFormatted(let path):
            "\(path) already holds a journal, which is left untouched. Choose an empty directory."
        case .badOption(let what): what
        case .segmentMissing(let path, let after):
            "\(path): the segment that follows \(after) is missing. Restore it from a backup, or name the folder it was moved to with "
                + "`--offline`; nothing was changed."
        case .segmentHeaderDamaged(let file):
            "\(file): both copies of the segment header are damaged. Restore the file from a backup; nothing was changed."
        case .foreignFile(let file):
            "\(file) belongs to another store. Move it away, or restore the right one; nothing was changed."
        case .newerFormat(let file, let version):
            "\(file) has format version \(version), which this program does not know. Use the newer program."
        case .damaged(let file, let offset, let what):
            "\(file), offset \(offset): \(what). This is damage in the middle of the journal, not an unfinished write: "
                + "nothing was cut. Run `verify`, restore the file from a backup."
        case .rootMismatch(let file, let offset, let group):
            "\(file), offset \(offset): the records of group \(group) do not give the tree root written with them. They "
                + "were changed after they were written. Keep the directory as it is and compare with a backup and with receipts."
        case .badSignature(let file, let offset, let group, let reason):
            "\(file), offset \(offset): the signature of group \(group): \(reason). Either the certificate is not the one that "
                + "signed, or the journal was written again by somebody without the key. Compare with receipts."
        case .headMissing(let path):
            "\(path)/HEAD is missing, so a loss at the end of the journal could not be noticed. Restore it, or start once "
                + "with `--rebuild-head` after comparing the last receipts."
        case .headDamaged(let path):
            "\(path)/HEAD is damaged in both copies. Start once with `--rebuild-head` after comparing the last receipts."
        case .acknowledgedLost(let headGroup, let headSequence, let foundGroup, let foundSequence):
            "The journal ends at record \(foundSequence) (group \(foundGroup)), but record \(headSequence) (group \(headGroup)) "
                + "was acknowledged: acknowledged records are lost. Restore the newest backup of the journal; nothing was changed."
        case .forked(let group):
            "HEAD and the journal disagree on the tree root of group \(group): one of them is from another history. "
                + "Restore both from one backup; nothing was changed."
        case .keyFileDamaged(let path, let what):
            "\(path): \(what). Restore the key file from a key backup; nothing was changed."
        case .keyMissing(let group, let slot):
            "The key file lacks slot \(slot), which acknowledged group \(group) needs. Restore it from a key backup; nothing was changed."
        case .noSpace(let path, let needed):
            "\(path): no room for \(needed) bytes. Free space or enlarge the disk, then start again."
        case .signing(let reason):
            "the checkpoint could not be signed: \(reason)"
        case .refusedByApplication(let sequence, let reason):
            "record \(sequence) cannot be applied: \(reason)"
        case .restoreUnfinished(let path):
            "\(path) was being restored and is not whole: the record that declares what was cut is missing. Empty the directory and "
                + "restore again."
        case .snapshotForeign(let what): what
        case .misuse(let what): what
        }
    }
}
