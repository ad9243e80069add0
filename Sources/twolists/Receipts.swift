import Crypto
import Foundation
import Office
import Schema
import TwoListsClient

/// `twolists receipt …` and `audit verify` without the server: what is shown and checked here needs the receipt, the envelope and the CA file alone.
struct ReceiptDesk {
    let line: Invocation
    let language: Language
    let screen: Screen

    /// True for what needs no connection; a comparison needs one unless its proof is at hand.
    static func isOffline(_ line: Invocation) -> Bool {
        switch line.name {
        case .receiptList, .receiptShow, .receiptVerify, .auditVerify: true
        case .receiptCompare: line.has("proof")
        default: false
        }
    }

    static func run(_ line: Invocation, _ language: Language) -> ExitCode {
        let desk = ReceiptDesk(line: line, language: language, screen: .standardOutput(language: language))
        do {
            return try ScreenNotice.$isOfDevelopment.withValue(desk.isOfDevelopment) { try desk.carryOut() }
        } catch let error as ProfileError {
            Output.complain(error.text(language))
        } catch let error as FileError {
            Output.complain(error.text(language))
        } catch let error as ClientError {
            return Output.failure(error, language: language)
        } catch let failure as ReceiptFailure {
            return desk.failed(failure)
        } catch let failure as TrailFailure {
            return desk.failed(failure)
        } catch {
            Output.complain("\(error)")
            return .internal
        }
        return .localFile
    }

    private func carryOut() throws -> ExitCode {
        switch line.name {
        case .receiptShow: try showOne()
        case .receiptVerify: try verify()
        case .auditVerify: try verifyTrail()
        case .receiptCompare:
            try compare(proof: line.text("proof").map { try ReceiptFolder.consistency(file: $0) })
        default: try list()
        }
    }

    var views: ViewsText { ViewsText(screen) }
    var wantsJSON: Bool { line.has("json") }
    var key: String { line.operands.first ?? "" }

    func show(_ json: JSON, _ lines: [String]) {
        if wantsJSON { return Output.out(json.pretty) }
        var page = Page()
        page.add(lines)
        Output.out(page.text(on: screen))
    }

    /// Told on standard error, with the reason for logs; in JSON on standard output.
    func failed(_ failure: ReceiptFailure) -> ExitCode {
        if wantsJSON {
            let json = JSON.object([
                "verdict": .string(failure.check.rawValue), "detail": .string(failure.detail),
            ])
            Output.out(json.pretty)
        }
        Output.complain(views.verdict(failure))
        Output.complain("  (\(Screen.clean(failure.detail)))")
        return .notProven
    }

    // MARK: Finding

    /// A receipt, where its file is, and the command kept beside it.
    struct Found {
        var receipt: Receipt
        var path: String
        var commandPath: String?
    }

    /// A file's name, or what names a receipt kept on this machine.
    func find(_ key: String) throws -> Found {
        if FileManager.default.fileExists(atPath: key) {
            let beside = key.hasSuffix(".receipt") ? String(key.dropLast(8)) + ".command" : nil
            let isThere = beside.map { FileManager.default.fileExists(atPath: $0) } ?? false
            return Found(
                receipt: try ReceiptFolder.receipt(file: key), path: key, commandPath: isThere ? beside : nil)
        }
        guard !key.contains("/"), let entry = try shelf().find(key) else {
            throw FileError(
                key,
                Text(
                    "没有这个文件，本机也没有这样的存证回执(twolists receipt list 列出)",
                    "there is no such file, nor a receipt of that name on this machine (see twolists receipt list)"
                ))
        }
        return Found(receipt: entry.receipt, path: entry.receiptPath, commandPath: entry.commandPath)
    }

    private func profile() throws -> Profile { try ProfileFinder().load(line.text("profile")) }
    private func shelf() throws -> ReceiptShelf { ReceiptShelf(folder: try profile().receiptsPath) }

    /// The CA file at hand holds authorities of development alone: what is under it may be a demonstration's, and proves nothing.
    private var isOfDevelopment: Bool {
        guard let path = line.text("ca") ?? (try? profile().caPath),
            let contents = try? DurableFile.read(path, limit: Certificate.fileLimit)
        else { return false }
        return TrustStore.isOfDevelopment(contents: contents)
    }

    func verifier() throws -> ReceiptVerifier {
        try ReceiptVerifier(
            authorityPath: try line.text("ca") ?? profile().caPath, revocationListPaths: line.texts("crl"),
            requiringSM2: line.has("sm2"))
    }

    // MARK: Commands

    private func list() throws -> ExitCode {
        let content = try shelf().content()
        let json = content.entries.compactMap { entry -> JSON? in
            guard let leaf = ReceiptLeaf(entry.receipt.leaf),
                let checkpoint = ReceiptCheckpoint(entry.receipt.checkpoint?.statement ?? [])
            else { return nil }
            return leaf.json(checkpoint, verdict: nil)
        }
        show(
            .object(["receipts": .array(json)]),
            views.receiptList(content.entries, damaged: content.damaged))
        return content.damaged.isEmpty ? .done : .localFile
    }

    private func showOne() throws -> ExitCode {
        let (leaf, checkpoint) = try ReceiptVerifier.parts(of: try find(key).receipt)
        let hint = Text("(未核验；用 twolists receipt verify 核验)", "(unchecked: see twolists receipt verify)")
        show(
            leaf.json(checkpoint, verdict: nil),
            views.receipt(leaf, checkpoint) + [screen.paint(hint[language], .dim)])
        return .done
    }

    private func verify() throws -> ExitCode {
        let found = try find(key)
        guard let envelopePath = line.text("envelope") ?? found.commandPath else {
            throw FileError(
                found.path,
                Text(
                    "旁边没有命令文件，请用 --envelope 指定",
                    "there is no command file beside it: give one with --envelope"))
        }
        let envelope = try ReceiptFolder.envelope(file: envelopePath)
        let verified = try verifier().verify(found.receipt, envelope: envelope)
        show(
            verified.leaf.json(verified.checkpoint, verdict: "GOOD"),
            [views.verdict(nil)] + views.receipt(verified.leaf, verified.checkpoint))
        return .done
    }

    /// Both receipts' checkpoints, checked.
    func pair() throws -> (ReceiptCheckpoint, ReceiptCheckpoint) {
        let verifier = try verifier()
        let both = try line.operands.prefix(2).map { key in
            try verifier.verify(try find(key).receipt.checkpoint ?? CheckpointStatement())
        }
        guard both.count == 2 else { throw FileError(key, Text("需要两份回执", "two receipts are needed")) }
        return (both[0], both[1])
    }

    func compare(proof: ConsistencyProof?) throws -> ExitCode {
        let (one, other) = try pair()
        try ReceiptVerifier.compare(one, other, proof: proof)
        let sizes = [one.treeSize, other.treeSize].sorted()
        let text = Text(
            "两份回执属于同一部历史：\(sizes[0]) 条记录是 \(sizes[1]) 条的开头",
            "the two are of one history: \(sizes[0]) records are the beginning of \(sizes[1])")
        show(
            .object(["verdict": .string("GOOD"), "older": .uint(sizes[0]), "newer": .uint(sizes[1])]),
            [screen.paint("✓ ", .green) + text[language]])
        return .done
    }
}

/// What asks the server.
extension Session {
    private var receiptDesk: ReceiptDesk { ReceiptDesk(line: line, language: language, screen: screen) }

    /// Errors of the offline part, told as there.
    private func offline<Value>(_ body: () throws -> Value) throws(Stop) -> Value {
        do { return try body() } catch let error as FileError {
            throw .file(error)
        } catch let error as ClientError {
            throw .client(error)
        } catch let failure as ReceiptFailure {
            throw .exit(receiptDesk.failed(failure))
        } catch {
            Output.complain("\(error)")
            throw .exit(.localFile)
        }
    }

    func compareReceipts() async throws(Stop) -> ExitCode {
        let desk = receiptDesk
        let (one, other) = try offline { try desk.pair() }
        let (older, newer) = (min(one.treeSize, other.treeSize), max(one.treeSize, other.treeSize))
        if older == newer { return try offline { try desk.compare(proof: nil) } }
        let proof = try await call { () async throws(ClientError) in
            try await client.consistency(from: older, to: newer, timeout: timeout)
        }
        if let path = line.text("save-proof") {
            try offline { try write(ReceiptFolder.content(of: proof), to: path) }
        }
        return try offline { try desk.compare(proof: proof) }
    }

    func fetchReceipt() async throws(Stop) -> ExitCode {
        let found = try offline { try receiptDesk.find(key) }
        var fresh = try await call { () async throws(ClientError) in
            try await client.receipt(of: found.receipt.leaf, timeout: timeout)
        }
        fresh.leaf = found.receipt.leaf
        fresh.salt = found.receipt.salt
        let (leaf, checkpoint) = try offline { try ReceiptVerifier.parts(of: fresh) }
        try offline { try write(ReceiptFolder.content(of: fresh), to: found.path) }
        return show(
            leaf.json(checkpoint, verdict: nil), ViewsText(screen).receipt(leaf, checkpoint))
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        do { try DurableFile.replace(path, bytes, mode: 0o600) } catch {
            throw FileError(path, Text("不能写入", "it cannot be written (\(error))"))
        }
    }
}
