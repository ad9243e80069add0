import Exchange
import Foundation

enum ProjectFiles {
    /// The project's folder.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    /// Every table of seeds/, as the server would read them.
    static func seeds(_ source: StaticString = #filePath) throws -> [SeedFile] {
        let tests = URL(fileURLWithPath: String(describing: source)).deletingLastPathComponent()
        let folder = tests.appendingPathComponent("../../seeds").standardizedFileURL
        var files: [SeedFile] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        where name.hasSuffix(".csv") {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            files.append(SeedFile(path: name, text: text))
        }
        return files
    }
}
