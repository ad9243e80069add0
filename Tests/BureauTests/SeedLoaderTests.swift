import Bureau
import BureauTestSupport
import Exchange
import Journal
import Testing

@Suite("seeds/: what cannot be loaded is told")
struct SeedLoaderTests {
    /// Found by a mutation: a record that the log does not take was waited for without end.
    @Test func aSeedLargerThanARecordIsRefusedByName() throws {
        let (world, disk) = (World(seed: 6), SimulatedDisk(seed: 6))
        let keys = try disk.root.subdirectory("keys")
        let options = world.options(segmentSize: 16 << 20)
        try Journal.format(disk.root, keys: keys, options)
        // Ten conditions of a hundred values in each of 180 rules: every one within its limit, 2 MB together.
        let values = Array(repeating: "institution", count: Limits.conditionValues).joined(separator: "|")
        let when = Array(repeating: "family.profession=\(values)", count: 10).joined(separator: ";")
        let row = "1,no,规则第一条,一,\(when)\n"
        let rules = SeedFile(
            path: "rules/large.csv",
            text: "version,2026.1\ntier,refuse,clause,name,when\n" + String(repeating: row, count: 180)
                + "6,no,规则第三条第六项,多渠道安置,\n")
        let commands = try seedCommands(TownRoster.files + [rules])
        let error = #expect(throws: SeedLoader.TooLarge.self) {
            try SeedLoader.fill(
                disk.root, keys: keys, options: options, commands: commands, clock: world.clock,
                entropy: world.entropy)
        }
        #expect(error?.command == "load_rule_table")
    }
}
