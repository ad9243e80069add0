import Foundation
import TestSupport
import Testing

@testable import Crypto

@Suite("DESIGN.md 4 rejections are rendered in the reader's language: keys and certificates")
struct ChineseTextTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// Every reason the sources give, with `x7` for each argument. What never reaches an officer is libcrypto's and has no text of its own.
    private func reasonsInTheSources() throws -> Set<String> {
        let files =
            try FileManager.default.contentsOfDirectory(atPath: Self.root + "/Sources/Crypto").map {
                "Crypto/" + $0
            }
            + [
                "TwoListsClient/CommandSigner.swift", "twolists/CADevelopment.swift",
                "Office/Profile/ProfileFinder.swift",
            ]
        let pattern = try NSRegularExpression(
            pattern:
                "(?:malformed|fileFailed)\\([^\"]*(?:\"[^\"]*\"[^\"]*)??reason:\\s*\"([^\"]*)\"|refusal\\(\"([^\"]*)\""
        )
        var found: Set<String> = []
        for file in files {
            let text = try String(contentsOfFile: Self.root + "/Sources/" + file, encoding: .utf8)
            for match in pattern.matches(in: text, range: NSRange(text.startIndex..., in: text)) {
                let ranges = [match.range(at: 1), match.range(at: 2)].compactMap { Range($0, in: text) }
                if let range = ranges.first { found.insert(String(text[range])) }
            }
        }
        return Set(found.map(withoutInterpolations))
    }

    private func withoutInterpolations(_ literal: String) -> String {
        var (result, depth, rest) = ("", 0, literal[...])
        while let character = rest.popFirst() {
            if depth == 0, character == "\\", rest.first == "(" {
                result += "x7"
                depth = 1
                rest.removeFirst()
            } else if depth > 0 {
                depth += character == "(" ? 1 : character == ")" ? -1 : 0
            } else {
                result.append(character)
            }
        }
        return result
    }

    @Test("every reason has a Chinese text, without an English sentence in it")
    func everyReason() throws {
        let reasons = try reasonsInTheSources()
        #expect(reasons.count > 30, "the sources were not read: \(reasons)")
        for reason in reasons {
            let text = CryptoError.malformed(what: "certificate", reason: reason).chinese
            #expect(!text.contains(ChineseTexts.unknown), "no Chinese text for: \(reason)")
            #expect(englishSentence(in: text) == nil, "\(text)")
        }
    }

    @Test("arguments keep their places")
    func arguments() {
        func text(_ reason: String) -> String { ChineseTexts.reason(reason) }
        #expect(text("is the authority of 421300, not 420000") == "是城市421300的签发机构，不是420000的")
        #expect(text("a, b is not of city 421300") == "a, b 不属于城市421300")
        #expect(text("400, not 1...397") == "是400，应在1到397之间")
        #expect(text("holds CERTIFICATE, no private key") == "文件里是 CERTIFICATE，没有私钥")
        #expect(text("something nobody has foreseen") == ChineseTexts.unknown)
    }

    @Test("files, lengths and trust have theirs")
    func others() {
        let errors: [CryptoError] = [
            .tampered, .keyDestroyed, .unknownAlgorithm("x"), .fileMissing(path: "/a b/c"),
            .fileFailed(path: "k.key", operation: "open", reason: "Permission denied"),
            .tooLong(what: "certificate request", limit: 1, found: 2),
            .wrongLength(what: "identity URI", expected: 1, found: 2),
            .library(operation: "read private key", reason: "it went wrong somehow"),
            .fileFailed(path: "k.key", operation: "fsync", reason: "Some error nobody knows"),
        ]
        for text in errors.map(\.chinese) {
            #expect(
                englishSentence(in: text) == nil && text.unicodeScalars.contains { $0.value >= 0x4E00 },
                "\(text)")
        }
        let trust: [TrustError] = [
            .notYetValid(at: 1, notBefore: 2), .expired(at: 2, notAfter: 1),
            .unknownAuthority(issuer: "the other one there"),
            .revoked(time: 1, reason: 0), .revocationUnknown("there is no list"),
            .wrongPurpose(expected: .server),
            .noIdentity("it has no name"), .invalid(7, "signature is not good"),
        ]
        for text in trust.map(\.chinese) { #expect(englishSentence(in: text) == nil, "\(text)") }
    }
}
