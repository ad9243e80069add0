import Foundation

/// The names that a type of limits defines in its source, as the list for administrators writes them (`max_streams`): stored numbers at
/// the type's own level, `private` ones left out.
package func limitNames(_ type: String, in path: String) throws -> Set<String> {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    let text = try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    var (inside, names): (Bool, Set<String>) = (false, [])
    for line in text.components(separatedBy: "\n") {
        if !line.hasPrefix(" "), !line.isEmpty { inside = line.contains(" \(type)") && line.hasSuffix("{") }
        let pattern =
            #"^    (package |public )?(static let|static var|var|let) (\w+)(: U?Int(8|16|32|64)?)? = "#
        guard inside, line.range(of: pattern, options: .regularExpression) != nil,
            let name = line.split(separator: " = ").first?.split(separator: " ").last(where: {
                !$0.hasPrefix("U") && !$0.hasPrefix("Int")
            })
        else { continue }
        names.insert(snake(name.replacingOccurrences(of: ":", with: "")))
    }
    return names
}

private func snake(_ name: String) -> String {
    var out = ""
    for character in name.replacingOccurrences(of: "ID", with: "Id") {
        if character.isUppercase { out += "_" }
        out += character.lowercased()
    }
    return out
}
