import BureauTestSupport
import Crypto
import Exchange
import Schema
import TestSupport
import Testing
import Wire

@testable import Bureau

@Suite("The batches' thread gives way at every row: nobody beside it waits for the rest of a loop")
struct GiveWayTests {
    private static let rows = 400
    private static let batch = [UInt8](repeating: 1, count: 16)

    /// A batch from its chunks to DONE, its rows read again in every way there is, and a start with them.
    private static func work(_ ways: WaysGiven) throws {
        let town = try BatchTown(seed: 640)
        town.settle()
        let sent = SentRows(rows, perChunk: rows)
        for chunk in sent.chunks { _ = town.put(chunk, of: batch, by: "k7f2") }
        _ = town.put(sent.manifest, manifest: true, of: batch, by: "k7f2")
        ways.phase("put")
        _ = town.submit(sent.command("one"), as: batch, by: "k7f2")
        town.settle(30)
        try #require(town.view("one", by: "k7f2")?.stage == .done)
        ways.phase("check and register")
        _ = town.call(.fetchRows, FetchRowsQuery(batch: batch), by: "k7f2", rounds: 20)
        ways.phase("fetch a batch")
        _ = town.call(.fetchRows, FetchRowsQuery(kind: "relief"), by: "b1a1", rounds: 20)
        ways.phase("fetch a register")
        _ = town.call(.compare, CompareQuery(kind: "relief"), by: "b1a1", rounds: 20)
        ways.phase("compare")
        try town.crash()
        town.settle(30)
        ways.phase("start")
    }

    @Test("each loop over rows, by what it calls")
    func loops() throws {
        let ways = try WaysGiven.count { try Self.work($0) }
        // A look at a row is one call at least; the check of a batch looks at its rows, and at those it sealed.
        for (phase, most) in [
            ("check and register", 2), ("fetch a batch", 1), ("fetch a register", 1), ("compare", 1),
            ("start", 1),
        ] {
            #expect(
                ways[phase] ?? 0 >= most * Self.rows,
                "\(phase): call clinux_give_way at every row of a loop of the batches' thread")
        }
        #expect(ways["put"] ?? 0 > 0)
    }
}
