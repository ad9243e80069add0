import Schema
import Testing
import Wire

@testable import Office

@Suite("PACKAGE.md 6 the bureau: what it waits for, and what goes along")
struct BureauPackageTests {
    private static let ids = [UInt8(1), 2, 3].map { [UInt8](repeating: $0, count: 16) }

    @Test(
        "a batch is waited for until it is through, or the server cannot go on with it; with no patience each is looked at once"
    )
    func waiting() async throws {
        var looks: [[UInt8]: Int] = [:]
        var told: [Int] = []
        func look(_ id: [UInt8]) -> BatchView {
            looks[id, default: 0] += 1
            switch id[0] {
            case 1: return BatchView(stage: looks[id] == 3 ? .done : .stored)
            case 2: return BatchView(stage: .stored, heldUp: true)
            default: return BatchView(stage: .checked, verdict: .none)
            }
        }
        let left = try await BureauPackages.settle(
            Self.ids, within: .seconds(PackageLimits.checkSeconds), tell: { told.append($0) },
            look: { look($0) })
        #expect(left == [Self.ids[1]] && told == [1, 1])
        #expect(looks[Self.ids[0]] == 3 && looks[Self.ids[1]] == 1 && looks[Self.ids[2]] == 1)
        looks = [:]
        let open = try await BureauPackages.settle(
            Self.ids, within: .zero, tell: { _ in }, look: { look($0) })
        #expect(open == [Self.ids[0], Self.ids[1]] && looks.values.allSatisfy { $0 == 1 })
    }

    @Test("a round's file goes along at the limit, and not a byte beyond it")
    func round() throws {
        let file = [UInt8](repeating: 0x61, count: PackageLimits.roundBytes)
        let item = try #require(BureauPackages.roundFile(Self.ids[0], "r", file))
        #expect(PackageItem(body: item).encoded().count < PackageLimits.itemBytes)
        #expect(BureauPackages.roundFile(Self.ids[0], "r", file + [0x61]) == nil)
    }

    @Test("where a party was told up to: cursor and sequence, and what releases before wrote")
    func place() {
        let cursor = (0..<22).map { UInt8($0) }
        let place = PackagePlace(cursor: cursor, told: 0x0102_0304_0506_0708)
        #expect(place.bytes.count == 30 && place.bytes.suffix(8) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(PackagePlace(place.bytes) == place)
        #expect(PackagePlace(cursor) == PackagePlace(cursor: cursor, told: 0))
        #expect(PackagePlace([]) == PackagePlace(cursor: [], told: 0))
    }
}
