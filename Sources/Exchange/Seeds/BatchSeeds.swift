import Schema

/// What seeds/batches says: a file a kind, a file a list of names (names/), and the table of figures. Each is sent whole, as it stands.
enum BatchSeeds {
    static func isOne(_ path: String) -> Bool {
        path == RegisterFigureTable.path || listName(path) != nil || isKind(path)
    }

    private static func isKind(_ path: String) -> Bool {
        path.hasPrefix("batches/") && path.hasSuffix(".csv") && !path.dropFirst(8).contains("/")
    }

    /// `county` of `batches/names/county.csv`.
    private static func listName(_ path: String) -> String? {
        guard path.hasPrefix("batches/names/"), path.hasSuffix(".csv") else { return nil }
        let stem = path.dropFirst(14).dropLast(4)
        return stem.isEmpty || stem.contains("/") ? nil : String(stem)
    }

    static func command(_ file: SeedFile) throws(SeedError) -> SeedCommand {
        if file.path == RegisterFigureTable.path {
            return SeedCommand(
                .loadRegisterFigures(LoadRegisterFigures(text: file.text)), RosterTarget.registerFigures)
        }
        if let list = listName(file.path) {
            _ = try NameList(name: list, path: file.path, text: file.text)
            return SeedCommand(
                .loadBatchNames(LoadBatchNames(list: list, text: file.text)), RosterTarget.batchNames(list))
        }
        let kind = try BatchKindFile.kind(path: file.path, text: file.text)
        return SeedCommand(
            .loadBatchKind(LoadBatchKind(kind: kind.code, text: file.text)), RosterTarget.batchKind(kind.code)
        )
    }
}
