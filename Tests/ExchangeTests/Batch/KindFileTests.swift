import Exchange
import Testing

@Suite("Kinds of batches: files in seeds/batches")
struct KindFileTests {
    static let kinds = [
        "activity", "base", "card", "case", "dossier", "employment", "entrepreneur", "fund", "hardship",
        "honour",
        "job-fair", "job-post", "joint-point", "memorial", "model-unit", "offer", "owner", "pension",
        "recruit",
        "request", "rescue", "retirement", "role-model", "round-person", "round-post", "training",
        "village-committee", "volunteer-team", "welfare-post", "working-age",
    ]

    @Test("all kinds of the issue are there and load, and every list they ask for is there")
    func all() throws {
        let kinds = try BatchKindFile.kinds(BatchFiles.kinds)
        #expect(kinds.map(\.code).sorted() == Self.kinds)
        let lists = try BatchFiles.lists()
        for kind in kinds {
            #expect(throws: Never.self, "\(kind.code)") { try RowChecker(kind: kind, lists: lists) }
        }
    }
}
