/// The official numbers: `随双2026-军提-0001` (unit → local), `随双2026-地提-0001` (local → unit), `随双2026-后院-0001`
/// (home cases), `后路` and `后代` for the other two worries. One counter a year and series, without gaps, because a number is given only by an accepted
/// event. The prefix is the city's.
package enum NumberSeries: UInt8, Sendable, Hashable, CaseIterable {
    case unitToLocal = 1
    case localToUnit = 2
    case home = 3
    case wayOut = 90
    case children = 91

    package var label: String {
        switch self {
        case .unitToLocal: "军提"
        case .localToUnit: "地提"
        case .home: "后院"
        case .wayOut: "后路"
        case .children: "后代"
        }
    }

    /// Four digits at least; the ten-thousandth item of a year simply has five.
    package func number(prefix: String, year: Int32, serial: UInt32) -> String {
        "\(prefix)\(paddedDecimal(Int(year), width: 4))-\(label)-\(paddedDecimal(Int(serial), width: 4))"
    }
}
