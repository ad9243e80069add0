import Schema

/// In which order what waits is sent, and what must not be sent for now. Pure; the caller sends and tells what came of it.
///
/// Matters go on independently of each other; within one, a command that was not done holds back all behind it, since they were typed on
/// top of it.
package struct OutboxCourse: Sendable {
    package enum End: Sendable {
        case done
        /// Judged and refused, or not to be judged.
        case failed
        case lineDown
    }

    private var left: ArraySlice<Outbox.Entry>
    private var held: Set<[UInt8]> = []

    /// Everything but what was refused before, and what stands behind that.
    package init(_ entries: [Outbox.Entry]) {
        left = entries[...]
    }

    /// One command, though it was refused before, and those that must go before it.
    package init(_ entries: [Outbox.Entry], upTo chosen: Outbox.Entry) {
        let place = entries.firstIndex { $0.id == chosen.id } ?? entries.endIndex
        var before = entries[..<place].filter { $0.matter == chosen.matter }
        var chosen = chosen
        chosen.note = nil
        before.append(chosen)
        left = before[...]
    }

    /// The next to send; nil at the end.
    package mutating func next() -> Outbox.Entry? {
        while let entry = left.popFirst() {
            if held.contains(entry.matter) { continue }
            if entry.isRefused {
                held.insert(entry.matter)
                continue
            }
            return entry
        }
        return nil
    }

    package mutating func ended(_ entry: Outbox.Entry, _ end: End) {
        switch end {
        case .done: break
        case .failed: held.insert(entry.matter)
        case .lineDown: left = []
        }
    }
}

extension Outbox.Entry {
    /// What the order is kept within.
    package var matter: [UInt8] { envelope.target }

    package var isRefused: Bool {
        if case .refused = note?.reason { true } else { false }
    }
}

extension Outbox.Content {
    /// The refused or untaken command that this one stands behind.
    package func obstacle(to entry: Outbox.Entry) -> Outbox.Entry? {
        entries.prefix { $0.id != entry.id }.last { earlier in
            guard earlier.matter == entry.matter else { return false }
            if case .notTaken = earlier.note?.reason { return true }
            return earlier.isRefused
        }
    }
}
