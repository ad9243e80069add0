package import Crypto
import Exchange
import Foundation
package import Schema
import Wire

/// What this machine keeps of packages, beside the profile (`NAME.packages`, 0700):
///
///     made/PARTY-000012.tlp          packages made, until the other side has said that they arrived; the party's slash is an underline
///     ledger/in-PARTY, out-PARTY     of a party that keeps its own: the line "twolists-packages/1", then a PackageLedgerView
///     readers/PARTY-FINGERPRINT.crt  certificates that packages to the party are sealed to
///     answers/PARTY-ID               the bureau's: answers to commands from discs, to go back with the next package
///     mirror/…                       see `Mirror`
///     attachments/ID                 files attached to matters of the mirror, whole and checked; ID.part: still coming
///     sent/ID                        of a party: number of the package that carried a batch's or attachment's chunks
///     had/PARTY                      the bureau's: ids of attachments that went to a party, 16 bytes each
///
/// Each file is written beside and renamed, so a crash leaves the old or the new one whole.
package struct PackageFolder: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    private static let ledgerLine = [UInt8]("twolists-packages/1\n".utf8)

    /// A ledger at `PackageSequence.limit`, an answer with its receipt, a request with a long history: all below.
    private static let fileLimit = 4 << 20

    /// `unit/LU-07` as part of a file's name.
    static func word(_ party: String) -> String { party.replacing("/", with: "_") }

    package func made(_ party: String, _ number: UInt64) -> String {
        path + "/made/\(Self.fileName(party, number))"
    }

    /// `unit_LU-07-000012.tlp`
    package static func fileName(_ party: String, _ number: UInt64) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 6 - digits.utf8.count))
        return "\(word(party))-\(zeros)\(digits).tlp"
    }

    /// Makes the folders that are not there.
    package func prepare() throws(FileError) {
        for folder in [
            "", "/made", "/ledger", "/readers", "/answers", "/mirror", "/attachments", "/sent", "/had",
        ] {
            try failing(path + folder) { () throws(CryptoError) in
                try DurableFile.makeDirectory(path + folder)
            }
        }
    }

    /// One at a time: two programs would give one number twice.
    package func locked<R>(_ body: () async throws -> R) async throws -> R {
        try prepare()
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path + "/lock", Text("无法打开", "it cannot be opened")) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw FileError(
                path,
                Text("另一个 twolists package 正在运行，请等它结束", "another twolists package is at work; wait for it"))
        }
        return try await body()
    }

    // MARK: Ledgers of a party's own

    /// Empty where there is none.
    package func ledger(
        _ party: String, _ direction: PackageDirection
    ) throws(FileError) -> PackageLedgerView {
        let file = ledgerPath(party, direction)
        guard let bytes = try read(file) else {
            return PackageLedgerView(party: party, direction: direction)
        }
        guard bytes.starts(with: Self.ledgerLine),
            let view = try? PackageLedgerView(decoding: [UInt8](bytes[Self.ledgerLine.count...])),
            PackageSequence(digests: view.manifests, isOpen: view.open)?.last == view.number
        else { throw FileError(file, Text("交换包台账已损坏", "the ledger of packages is damaged")) }
        return view
    }

    package func save(_ ledger: PackageLedgerView) throws(FileError) {
        try write(ledgerPath(ledger.party, ledger.direction), Self.ledgerLine + ledger.encoded())
    }

    private func ledgerPath(_ party: String, _ direction: PackageDirection) -> String {
        path + "/ledger/" + (direction == .out ? "out-" : "in-") + Self.word(party)
    }

    /// Of every party there is one of, both directions.
    package func ledgers() throws(FileError) -> [PackageLedgerView] {
        var found: [PackageLedgerView] = []
        for name in names("/ledger") {
            guard let bytes = try read(path + "/ledger/" + name), bytes.starts(with: Self.ledgerLine),
                let view = try? PackageLedgerView(decoding: [UInt8](bytes[Self.ledgerLine.count...]))
            else { continue }
            found.append(view)
        }
        return found
    }

    // MARK: Readers

    package func remember(_ reader: Certificate, of party: String) throws(FileError) {
        let name = "\(Self.word(party))-\(reader.fingerprint.hex.prefix(16)).crt"
        let pem: [UInt8]
        do throws(CryptoError) { pem = try reader.pem() } catch {
            throw FileError(name, Text(error.chinese, error.description))
        }
        try write(path + "/readers/" + name, pem)
    }

    /// Those that hold now, by the city's authority.
    package func readers(of party: String, _ trust: PackageTrust) -> [Certificate] {
        names("/readers").filter { $0.hasPrefix(Self.word(party) + "-") }
            .compactMap { try? Certificate.load(path: path + "/readers/" + $0) }
            .filter { Self.party(of: $0, trust) == party }
    }

    /// Whose officer a certificate is, when it holds now.
    package static func party(of certificate: Certificate, _ trust: PackageTrust) -> String? {
        guard
            let identity = try? trust.store.verify(
                certificate, purpose: .officer, at: trust.now / 1_000_000_000, revocation: .recorded),
            ManifestForm.same(identity.city, trust.city),
            case .officer(let kind, let party, _) = identity.holder
        else { return nil }
        return "\(kind.rawValue)/\(party)"
    }

    // MARK: Answers on their way back

    package func keep(_ answer: CommandAnswer, for party: String) throws(FileError) {
        try write(path + "/answers/\(Self.word(party))-\(Hex.encode(answer.commandId))", answer.encoded())
    }

    /// The files of those that wait, by name.
    package func waitingAnswers(_ party: String) -> [String] {
        names("/answers").filter { $0.hasPrefix(Self.word(party) + "-") }
    }

    package func answer(_ name: String) throws(FileError) -> CommandAnswer {
        guard let bytes = try read(path + "/answers/" + name),
            let answer = try? CommandAnswer(decoding: bytes)
        else { throw FileError(path + "/answers/" + name, Text("已损坏", "it is damaged")) }
        return answer
    }

    package func dropAnswers(_ names: [String]) {
        for name in names { unlink(path + "/answers/" + name) }
    }

    /// Packages that have arrived are kept no longer.
    package func dropMade(_ party: String, upTo confirmed: UInt64) {
        for name in names("/made") where name.hasPrefix(Self.word(party) + "-") && name.hasSuffix(".tlp") {
            let digits = name.dropFirst(Self.word(party).utf8.count + 1).dropLast(4)
            if let number = UInt64(digits), number <= confirmed { unlink(path + "/made/" + name) }
        }
    }

    // MARK: What went before

    /// The package that carried these chunks; nil: none, or what carried them is not known any more.
    func sent(_ chunks: [UInt8]) -> UInt64? {
        guard let bytes = try? read(path + "/sent/" + Hex.encode(chunks)) else { return nil }
        return UInt64(String(decoding: bytes, as: UTF8.self))
    }

    func note(sent chunks: [UInt8], in number: UInt64) throws(FileError) {
        try write(path + "/sent/" + Hex.encode(chunks), Array(String(number).utf8))
    }

    /// Forgets all but these: they are out of the outbox.
    func keepSent(_ chunks: Set<[UInt8]>) {
        let kept = Set(chunks.map { Hex.encode($0) })
        for name in names("/sent") where !kept.contains(name) { unlink(path + "/sent/" + name) }
    }

    /// Attachments that went to a party from this machine.
    func had(_ party: String) throws(FileError) -> Set<[UInt8]> {
        let bytes = try read(path + "/had/" + Self.word(party)) ?? []
        return Set(
            stride(from: 0, to: bytes.count - 15, by: 16).map { [UInt8](bytes[$0..<$0 + 16]) })
    }

    /// What does not fit is forgotten, and goes once more.
    func note(had attachments: Set<[UInt8]>, by party: String) throws(FileError) {
        let most = Self.fileLimit / 16
        try write(
            path + "/had/" + Self.word(party),
            attachments.sorted { $0.lexicographicallyPrecedes($1) }
                .suffix(most).flatMap { $0 })
    }

    // MARK: Files

    func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path + folder)) ?? [])
            .filter { !$0.hasSuffix(".new") }.sorted()
    }

    /// Nil: there is none.
    func read(_ file: String) throws(FileError) -> [UInt8]? {
        guard DurableFile.exists(file) else { return nil }
        var bytes: [UInt8] = []
        try failing(file) { () throws(CryptoError) in
            bytes = try DurableFile.read(file, limit: Self.fileLimit)
        }
        return bytes
    }

    func write(_ file: String, _ bytes: [UInt8]) throws(FileError) {
        try failing(file) { () throws(CryptoError) in try DurableFile.replace(file, bytes, mode: 0o600) }
    }

    private func failing(_ file: String, _ body: () throws(CryptoError) -> Void) throws(FileError) {
        do throws(CryptoError) { try body() } catch {
            throw FileError(file, Text(error.chinese, error.description))
        }
    }
}
