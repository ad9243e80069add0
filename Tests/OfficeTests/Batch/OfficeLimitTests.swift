import TestSupport
import Testing
import Wire

@testable import Office

@Suite("Limits of what this machine reads and sends")
struct OfficeLimitTests {
    @Test(
        "each one that is defined is told, once, with its reason in both languages",
        arguments: [
            ("table", "TableLimits", "Sources/Office/Table/TableLimits.swift"),
            ("spreadsheet", "SpreadsheetLimits", "Sources/Office/Spreadsheet/SpreadsheetLimits.swift"),
            ("package", "PackageLimits", "Sources/Office/Package/PackageLimits.swift"),
            ("sending", "BatchSendLimits", "Sources/Office/Batch/PreparedBatch.swift"),
        ])
    func listed(_ part: String, _ type: String, _ path: String) throws {
        let defined = try limitNames(type, in: path)
        let told = OfficeLimits.named.filter { $0.part == part }
        #expect(!defined.isEmpty && Set(told.map(\.name)) == defined)
        #expect(told.count == defined.count)
        #expect(told.allSatisfy { !$0.reason.isEmpty && !$0.reasonChinese.isEmpty && $0.value > 0 })
    }
}
