internal import Crypto
package import Exchange
import Foundation
package import Schema
internal import Wire

/// The kinds of batches that an office can check and send, and the lists of names they refer to: as the server tells them, as they were kept
/// for working without a line, or as a folder of seeds has them.
package struct BatchKinds: Sendable {
    package let kinds: [BatchKind]
    package let lists: [NameList]
    /// Kinds of a newer program: named, and not read.
    package private(set) var unreadable: [String] = []

    package init(kinds: [BatchKind], lists: [NameList]) {
        self.kinds = kinds
        self.lists = lists
    }

    /// As `Batches.ListKinds` tells them.
    package init(_ told: BatchKindList) {
        var kinds: [BatchKind] = []
        for one in told.kinds {
            if let kind = try? BatchKindFile.kind(path: one.kind + ".csv", text: one.text) {
                kinds.append(kind)
            } else {
                unreadable.append(one.kind)
            }
        }
        self.kinds = kinds
        lists = told.names.compactMap { try? NameList(name: $0.list, path: $0.list + ".csv", text: $0.text) }
    }

    /// Lists that kinds refer to and that are not among them: code lists of the city, and its parties.
    package static func missing(_ told: BatchKindList) -> [String] {
        var missing: [String] = []
        for kind in BatchKinds(told).kinds {
            for case .listed(let list) in kind.fields.map(\.format)
            where !told.names.contains(where: { haveSameBytes($0.list, list) }) && !missing.contains(list) {
                missing.append(list)
            }
        }
        return missing
    }

    /// A list in the form of the files in `batches/names`. One code may have several names, the official one first.
    package static func names(_ list: String, version: String, _ pairs: [(code: String, name: String)])
        -> LoadBatchNames
    {
        var lines = LineWriter(.comma)
        lines.append(["version", version.isEmpty ? "0" : version].map { ArraySlice($0.utf8) })
        lines.append(["code", "name"].map { ArraySlice($0.utf8) })
        for pair in pairs { lines.append([pair.code, pair.name].map { ArraySlice($0.utf8) }) }
        return LoadBatchNames(list: list, text: String(decoding: lines.bytes, as: UTF8.self))
    }

    /// As a folder of seeds has them: `batches/`, `codes/` and `parties.csv` in it.
    package static func seeds(_ folder: String) throws(FileError) -> BatchKinds {
        let files = seedFiles(folder)
        let kinds = files.filter { file in
            file.path.hasPrefix("batches/") && !file.path.dropFirst(8).contains("/")
                && file.path != "batches/figures.csv"
        }
        guard !kinds.isEmpty else {
            throw FileError(folder, Text("其中没有表样(batches/种类.csv)", "it has no kinds (batches/KIND.csv)"))
        }
        do throws(SeedError) {
            return BatchKinds(kinds: try BatchKindFile.kinds(kinds), lists: try NameList.lists(files))
        } catch {
            throw FileError(folder, Text("表样读不出：\(error)", "its kinds cannot be read: \(error)"))
        }
    }

    private static func seedFiles(_ folder: String) -> [SeedFile] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".csv") }.compactMap { name in
            guard let text = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8) else {
                return nil
            }
            return SeedFile(path: name, text: text)
        }
    }

    /// By code, by name, or by the beginning of a name that no other has.
    package func kind(_ typed: String) -> BatchKind? {
        if let kind = kinds.first(where: { haveSameBytes($0.code, typed) || haveSameBytes($0.title, typed) })
        {
            return kind
        }
        let begun = kinds.filter { $0.title.hasPrefix(typed) || $0.code.hasPrefix(typed) }
        return begun.count == 1 && !typed.isEmpty ? begun[0] : nil
    }

    /// `pension 抚恤补助发放, fund 关爱基金收支`.
    package static func named(_ kinds: some Collection<BatchKind>, most: Int = 5) -> String {
        kinds.prefix(most).map { "\($0.code) \($0.title)" }.joined(separator: "、")
            + (kinds.count > most ? " …" : "")
    }
}

/// The kinds as the server told them last, beside the profile: `NAME.batches/kinds`, the line `twolists-kinds/1`, then the encoded list.
package struct KindShelf: Sendable {
    /// Two hundred kinds and fifty lists of 120,000 bytes: what a city may have at most.
    static let largestBytes = 32 << 20
    private static let mark = Array("twolists-kinds/1\n".utf8)

    private let folder: String
    private var path: String { folder + "/kinds" }

    package init(folder: String) { self.folder = folder }

    package func keep(_ list: BatchKindList) throws(FileError) {
        do throws(CryptoError) {
            try DurableFile.makeDirectory(folder)
            try DurableFile.replace(path, Self.mark + list.encoded(), mode: 0o600)
        } catch {
            throw FileError(path, Text("不能写入", "it cannot be written (\(error))"))
        }
    }

    /// Nil: none were kept, or what lies there is none.
    package func kept() -> BatchKindList? {
        guard let bytes = try? DurableFile.read(path, limit: Self.largestBytes), bytes.starts(with: Self.mark)
        else { return nil }
        return try? BatchKindList(decoding: Array(bytes.dropFirst(Self.mark.count)))
    }
}
