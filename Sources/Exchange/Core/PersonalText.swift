import Wire

/// A personal field in the state: its text while it may be read, and the sealed bytes the journal keeps,
/// which is what state hash and snapshots use. Erased (its key destroyed): sealed without clear.
package struct PersonalText: Sendable, Hashable {
    package var clear: String?
    package var sealed: [UInt8]

    package static let erasedText = "已删除"
    static let empty = PersonalText(clear: nil, sealed: [])

    init(clear: String?, sealed: [UInt8]) {
        self.clear = clear
        self.sealed = sealed
    }

    init(_ personal: Personal?) {
        clear = personal?.clear
        sealed = personal?.sealed ?? []
    }

    /// What a screen shows: the text, 已删除 after erasure, nothing when it was never given.
    package var shown: String { clear ?? (sealed.isEmpty ? "" : Self.erasedText) }

    /// The same under the one masking rule.
    package var shownMasked: String { clear.map(masked) ?? shown }
}

/// An event's field for a text typed by an officer; none for an empty one.
func personal(_ text: String) -> Personal { text.isEmpty ? Personal() : Personal(clear: text) }
