/// The server has shown a history that cannot be the one it showed before. RECEIPT.md 7.
public struct HistoryAlarm: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable {
        /// Fewer records than were proven before: some are gone.
        case shorter = "SHORTER"
        /// Other records than before.
        case different = "DIFFERENT"
        /// The journal of another store.
        case otherStore = "OTHER_STORE"
    }

    public var kind: Kind
    /// Records of the history that this client holds a signature for, and when it was signed (nanoseconds since 1970 UTC).
    public var heldSize: UInt64
    public var heldTime: Int64
    /// Records of the one shown now; nil: the server has signed nothing that stands against it, it only does not know ours.
    public var shownSize: UInt64?
    public var shownTime: Int64?
    /// The file with both signed checkpoints; nil where the client keeps no files.
    public var evidence: String?

    init(_ kind: Kind, held: ReceiptCheckpoint, shown: ReceiptCheckpoint?) {
        self.kind = kind
        heldSize = held.treeSize
        heldTime = held.time
        shownSize = shown?.treeSize
        shownTime = shown?.time
    }
}
