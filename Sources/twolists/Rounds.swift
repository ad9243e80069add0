import CLinux
import Crypto
import Exchange
import Foundation
import Office

/// `twolists round verify`: a published round worked out again, with nothing but its file.
struct RoundDesk {
    let line: Invocation
    let language: Language
    let screen: Screen

    static func isOffline(_ line: Invocation) -> Bool {
        line.name == .roundVerify || line.name == .roundSecret || line.name == .roundSheet && line.has("file")
    }

    static func run(_ line: Invocation, _ language: Language) -> ExitCode {
        let desk = RoundDesk(line: line, language: language, screen: .standardOutput(language: language))
        do throws(FileError) {
            if line.name == .roundSecret { return try desk.makeSecret(line.text("out") ?? "") }
            if line.name == .roundSheet { return try desk.sheets(try read(line.text("file") ?? "")) }
            return desk.verify(try read(line.operands.first ?? ""))
        } catch {
            Output.complain(error.text(language))
            return .localFile
        }
    }

    /// A secret nobody can guess, in a file only its owner may read; never written over another.
    private func makeSecret(_ path: String) throws(FileError) -> ExitCode {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw FileError(path, Text("已经存在，不覆盖", "it is there already and is not written over"))
        }
        let secret: [UInt8]
        do {
            secret = try RandomBytes.make(RoundLimits.secretBytes)
            try DurableFile.replace(path, Array((Hex.encode(secret) + "\n").utf8), mode: 0o600)
        } catch {
            throw FileError(path, Text("不能写入", "it cannot be written (\(error))"))
        }
        let commitment = Hex.encode(RoundDraw.commitment(secret) { Digest(of: $0).bytes })
        if line.has("json") {
            Output.out(JSON.object(["file": .string(path), "commitment": .string(commitment)]).pretty)
        } else {
            let text = Text(
                "密数已存为 \(path)，请妥善保管。承诺：\n\(commitment)",
                "the secret is in \(path): keep it. Its commitment:\n\(commitment)")
            Output.out(text[language])
        }
        return .done
    }

    private static func read(_ path: String) throws(FileError) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FileError(path, Text("读不到这个文件", "it cannot be read"))
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: RoundLimits.fileBytes + 1) else {
            throw FileError(path, Text("读不到这个文件", "it cannot be read"))
        }
        return Array(data)
    }

    /// The file, if it holds; what is wrong with it is told.
    func worked(_ bytes: [UInt8]) -> RoundVerification? {
        do throws(RoundFault) {
            return try RoundVerification(bytes) { Digest(of: $0).bytes }
        } catch {
            if line.has("json") { Output.out(error.json.pretty) }
            for text in ViewsText(screen).verdict(error) { Output.complain(text) }
            return nil
        }
    }

    /// Sheets of a file alone: masked names, codes of destinations as they stand there.
    private func sheets(_ bytes: [UInt8]) throws(FileError) -> ExitCode {
        guard let round = worked(bytes) else { return .notProven }
        let sheets = ConfirmationSheets(round, codes: CodeNames(), language: language)
        return try SheetDesk(line: line, language: language, screen: screen, now: clinux_wall_ns())
            .run(sheets, names: nil, city: "")
    }

    private func verify(_ bytes: [UInt8]) -> ExitCode {
        guard let round = worked(bytes) else { return .notProven }
        for (option, record, hex) in [
            ("commitment", RoundRecord.commitment, round.commitmentHex),
            ("inputs", RoundRecord.inputs, round.inputsHex),
        ] {
            guard let given = line.bytes(option), Hex.encode(given) != hex else { continue }
            for text in ViewsText(screen).notAsAnnounced(record) { Output.complain(text) }
            return .notProven
        }
        if line.has("json") {
            Output.out(round.json.pretty)
        } else {
            var page = Page()
            page.add(ViewsText(screen).verified(round))
            Output.out(page.text(on: screen))
        }
        return .done
    }
}
