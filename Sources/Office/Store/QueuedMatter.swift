import Crypto
import Exchange
package import Schema

/// A matter as it will stand when everything that waits for it in the outbox has been done: what a further command is typed on top of
/// while there is no connection.
package struct QueuedMatter: Sendable {
    package var target: [UInt8]
    package var version: UInt64
    /// The texts that were typed last; nil when none of what waits says them all.
    package var request: RequestView?
    package var familyCase: CaseView?
    /// One of what waits was refused: nothing can be put on top of it.
    package var refused: Outbox.Entry?

    init?(_ entries: [Outbox.Entry]) {
        guard let last = entries.last else { return nil }
        target = last.envelope.target
        version = last.envelope.expectedVersion + 1
        refused = entries.first(where: \.isRefused)
        for entry in entries { note(entry.envelope) }
    }

    private mutating func note(_ envelope: Envelope) {
        switch envelope.command?.body {
        case .submitRequest(let form): request = RequestView(text: form.text)
        case .amendRequest(let form): request = RequestView(text: form.text)
        case .fileCase(let form):
            familyCase = CaseView(
                service: form.service, family: form.family, wish: form.wish, materials: form.materials,
                child: form.child)
        case .amendCase(let form):
            familyCase = CaseView(
                service: form.service, family: form.family, wish: form.wish, materials: form.materials,
                child: form.child)
        default: break
        }
    }
}

extension Outbox.Content {
    package func matter(_ target: [UInt8]) -> QueuedMatter? {
        QueuedMatter(entries.filter { $0.matter == target })
    }

    /// By target id in hex or by phone reference: what waits has no number yet.
    package func matter(named key: String) -> QueuedMatter? {
        let reference = ReferenceCode(key)?.text
        let entry = entries.last {
            Hex.encode($0.matter) == key.lowercased()
                || (reference != nil && PhoneReference.of($0.matter) == reference)
        }
        return entry.flatMap { matter($0.matter) }
    }
}
