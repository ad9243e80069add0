import Crypto
import Exchange
import Foundation

/// Which version of which matter this profile saw last, so that something can be typed about it without a connection: `seen` in the
/// outbox's folder, one line a matter, the one seen last at the end.
///
///     target id in hex  version  number, or - while it has none
///
/// Ids and versions only: no text leaves the server for it. What is out of date is told by the server, as a conflict, when the command is sent.
package struct SeenMatters: Sendable {
    package struct Matter: Sendable, Hashable {
        package var target: [UInt8]
        package var version: UInt64
        package var number: String

        package init(target: [UInt8], version: UInt64, number: String) {
            self.target = target
            self.version = version
            self.number = number
        }
    }

    /// Lists of some years of one party; a file of 150 KiB.
    package static let most = 2000
    private static let largestBytes = 1 << 20

    private let folder: String
    private var path: String { folder + "/seen" }

    package init(folder: String) { self.folder = folder }

    package func all() -> [Matter] {
        let bytes = (try? DurableFile.read(path, limit: Self.largestBytes)) ?? []
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let target = Hex.decode(String(words[0])),
                target.count == EntityID.byteCount, let version = UInt64(words[1])
            else { return nil }
            return Matter(target: target, version: version, number: words[2] == "-" ? "" : String(words[2]))
        }
    }

    /// Never in the way of a command: what cannot be written is not known next time.
    package func note(_ seen: [Matter]) {
        let old = all()
        let fresh = Dictionary(seen.map { ($0.target, $0) }) { $1 }
        let known = Set(old)
        guard !seen.allSatisfy({ known.contains($0) }) else { return }
        let kept = old.filter { fresh[$0.target] == nil } + seen.filter { fresh[$0.target] == $0 }
        let lines = kept.suffix(Self.most).map {
            "\(Hex.encode($0.target)) \($0.version) \($0.number.isEmpty ? "-" : $0.number)\n"
        }
        try? DurableFile.makeDirectory(folder)
        try? DurableFile.replace(path, Array(lines.joined().utf8), mode: 0o600)
    }

    /// By number, phone reference or target id in hex.
    package func find(_ key: String) -> Matter? {
        let reference = ReferenceCode(key)?.text
        return all().last {
            $0.number == key || Hex.encode($0.target) == key.lowercased()
                || (reference != nil && PhoneReference.of($0.target) == reference)
        }
    }
}
