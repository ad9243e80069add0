import Crypto
import Exchange
import Foundation
package import Schema
import Wire

/// What a party that is never on line knows of its matters: what the bureau's packages said last. Under `NAME.packages/mirror`:
///
///     request-ID, case-ID    RequestUpdate, CaseUpdate; ID: the target in hex
///     batch-ID               BatchUpdate with its answers proven
///     faults-ID-000000 …     BatchFaultsPart, by the faults before it
///     round-ID               RoundFileUpdate
///     codes-LIST, parties, officers
///     as-of                  the server's time of the newest update, ns UTC in decimal
package struct Mirror: Sendable {
    private let folder: PackageFolder

    package init(_ folder: PackageFolder) { self.folder = folder }

    private func path(_ name: String) -> String { folder.path + "/mirror/" + name }

    /// Takes one item over; false: it is none of the mirror's.
    package func take(_ item: PackageItem) throws(FileError) -> Bool {
        switch item.body {
        case .requestUpdate(let update):
            try put("request-" + Hex.encode(update.view?.summary?.target ?? []), update.encoded())
            dropErased(update.view?.attachments ?? [])
        case .caseUpdate(let update):
            try put("case-" + Hex.encode(update.view?.summary?.target ?? []), update.encoded())
            dropErased(update.view?.attachments ?? [])
        case .roundFile(let update): try put("round-" + Hex.encode(update.target), update.encoded())
        case .parties(let page): try put("parties", page.encoded())
        case .officers(let page): try put("officers", page.encoded())
        case .codes(let codes): try put("codes-" + Self.word(codes.list), codes.page?.encoded() ?? [])
        default: return false
        }
        return true
    }

    /// Nothing from outside becomes a path.
    private static func word(_ list: String) -> String {
        String(
            list.unicodeScalars.filter { ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "-" }
                .map(Character.init))
    }

    private func put(_ name: String, _ bytes: [UInt8]) throws(FileError) {
        try folder.write(path(name), bytes)
    }

    private func message<M: Message>(_ name: String) -> M? {
        guard let bytes = try? folder.read(path(name)) else { return nil }
        return try? M(decoding: bytes)
    }

    /// Updates of an older package never take the place of newer ones: packages are opened in their order.
    package func note(asOf time: Int64) throws(FileError) {
        try folder.write(path("as-of"), Array(String(time).utf8))
    }

    /// Nil: no package was opened yet.
    package var asOf: Int64? {
        guard let bytes = try? folder.read(path("as-of")) else { return nil }
        return Int64(String(decoding: bytes, as: UTF8.self))
    }

    // MARK: Reading

    /// In the order in which they were submitted.
    package func requests() -> [RequestUpdate] {
        folder.names("/mirror").filter { $0.hasPrefix("request-") }.compactMap { message($0) }
    }

    package func cases() -> [CaseUpdate] {
        folder.names("/mirror").filter { $0.hasPrefix("case-") }.compactMap { message($0) }
    }

    /// By official number, phone reference, or target id in hex.
    package func request(_ key: String) -> RequestUpdate? {
        requests().first { Self.isNamed($0.view?.summary?.target, $0.view?.summary?.number, key) }
    }

    package func familyCase(_ key: String) -> CaseUpdate? {
        cases().first { Self.isNamed($0.view?.summary?.target, $0.view?.summary?.number, key) }
    }

    private static func isNamed(_ target: [UInt8]?, _ number: String?, _ key: String) -> Bool {
        guard let target, !key.isEmpty else { return false }
        if let number, !number.isEmpty, ManifestForm.same(number, key) { return true }
        if ManifestForm.same(Hex.encode(target), key.lowercased()) { return true }
        guard let code = ReferenceCode(key) else { return false }
        return PhoneReference.of(target) == code.text
    }

    // MARK: Batches

    /// - Parameter update: proven.
    func keep(_ update: BatchUpdate) throws(FileError) {
        guard let view = update.view else { return }
        try put("batch-" + Hex.encode(view.id), update.encoded())
    }

    func keep(_ part: BatchFaultsPart) throws(FileError) {
        let digits = String(part.after)
        let zeros = String(repeating: "0", count: max(0, 6 - digits.utf8.count))
        try put("faults-" + Hex.encode(part.batch) + "-" + zeros + digits, part.encoded())
    }

    /// The newest first.
    package func batches() -> [BatchView] {
        folder.names("/mirror").filter { $0.hasPrefix("batch-") }
            .compactMap { (message($0) as BatchUpdate?)?.view }
            .sorted { ($0.steps.first?.sequence ?? 0) > ($1.steps.first?.sequence ?? 0) }
    }

    /// By number, or id in hex.
    package func batch(_ key: String) -> BatchView? {
        guard !key.isEmpty else { return nil }
        return batches().first {
            ManifestForm.same($0.number, key) || ManifestForm.same(Hex.encode($0.id), key.lowercased())
        }
    }

    package func faults(of batch: [UInt8]) -> (faults: [BatchFault], more: Bool) {
        let parts: [BatchFaultsPart] = folder.names("/mirror").filter {
            $0.hasPrefix("faults-" + Hex.encode(batch) + "-")
        }.compactMap { message($0) }
        return (parts.flatMap { $0.faults?.faults ?? [] }, parts.contains { $0.faults?.more ?? false })
    }

    // MARK: Rounds

    package func rounds() -> [RoundFileUpdate] {
        folder.names("/mirror").filter { $0.hasPrefix("round-") }.compactMap { message($0) }
    }

    /// By key, phone reference, or target id in hex.
    package func round(_ key: String) -> RoundFileUpdate? {
        rounds().first { Self.isNamed($0.target, $0.key, key) }
    }

    // MARK: Attachments

    /// The file, whole, if it is here.
    package func attachment(_ id: [UInt8]) -> String? {
        let path = attachmentPath(id)
        return DurableFile.exists(path) ? path : nil
    }

    func attachmentPath(_ id: [UInt8]) -> String { folder.path + "/attachments/" + Hex.encode(id) }

    /// What a matter has attached, as the mirror shows it.
    func attachments(of target: [UInt8]) -> [AttachmentView] {
        let name = Hex.encode(target)
        let request: RequestUpdate? = message("request-" + name)
        let familyCase: CaseUpdate? = message("case-" + name)
        return (request?.view?.attachments ?? []) + (familyCase?.view?.attachments ?? [])
    }

    /// The files of what was erased go with it.
    func dropErased(_ attachments: [AttachmentView]) {
        for one in attachments where one.sha256.isEmpty { unlink(attachmentPath(one.attachment)) }
    }

    package func codes(_ list: String) -> CodePage? { message("codes-" + list) }
    package func parties() -> PartyPage? { message("parties") }
}
