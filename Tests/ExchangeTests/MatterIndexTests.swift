import Testing

@testable import Exchange

@Suite("Finding a matter by its official number or its reference")
struct MatterIndexTests {
    @Test("matters of one key are all found, in the order they came; another key finds none of them")
    func shared() {
        var index = MatterIndex()
        #expect(index.find(7).isEmpty)
        index.insert(7, .request(3))
        index.insert(8, .request(4))
        index.insert(7, .placementCase(1))
        #expect(index.find(7) == [.request(3), .placementCase(1)])
        #expect(index.find(8) == [.request(4)])
    }

    @Test(
        "a number is found byte for byte: a matter under the same 64 bits that has another number is not it")
    func numbers() throws {
        var desk = try Desk.seeded()
        let targets = try (0..<2).map { _ in try desk.request(in: .accepted) }
        let numbers = try targets.map { try #require(desk.request($0)).number }
        desk.state.numbers.insert(State.numberKey(numbers[1]), .request(0))
        desk.state.numbers.insert(State.numberKey("随双部〔2026〕9999号"), .request(0))
        #expect(desk.state.matter(numbered: numbers[0]) == .request(0))
        #expect(desk.state.matter(numbered: numbers[1]) == .request(1))
        #expect(desk.state.matter(numbered: "随双部〔2026〕9999号") == nil)
        #expect(desk.state.target(numbered: numbers[1]) == targets[1])
        let viewer = try #require(desk.viewer("b1a1"))
        #expect(desk.state.findRequest(numbers[0], for: viewer) == .request(0))
    }
}
