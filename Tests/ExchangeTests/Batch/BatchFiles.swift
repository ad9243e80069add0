import Exchange
import Foundation

/// The project's kinds of batches and lists of names.
enum BatchFiles {
    static let seeds: [SeedFile] = {
        let folder = URL(fileURLWithPath: ProjectFiles.root + "/seeds").resolvingSymlinksInPath().path
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".csv") }.compactMap { name in
            (try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)).map {
                SeedFile(path: name, text: $0)
            }
        }
    }()

    static let kinds = seeds.filter {
        $0.path.hasPrefix("batches/") && !$0.path.hasPrefix("batches/names/")
            && $0.path != RegisterFigureTable.path
    }

    static func kind(_ code: String) throws -> BatchKind {
        let path = "batches/\(code).csv"
        return try BatchKindFile.kind(path: path, text: seeds.first { $0.path == path }?.text ?? "")
    }

    static func lists() throws -> [NameList] { try loaded.get() }

    private static let loaded = Result { try NameList.lists(seeds) }

    static func checker(_ code: String) throws -> RowChecker {
        try RowChecker(kind: try kind(code), lists: try lists())
    }
}
