/// A page of figures in Prometheus' text format, version 0.0.4: a HELP and a TYPE line, then one line a series.
///
/// It keeps the promises of the format for its callers: a family is told once and whole, a series once, label values are escaped. A
/// page that breaks one of them is thrown away by the collector as a whole.
package struct MetricPage: Sendable {
    package enum Kind: String, Sendable { case counter, gauge, histogram }
    package typealias Labels = [(name: String, value: String)]

    /// The media type of `bytes`.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    private var text = ""
    private var families: Set<String> = []
    private var series: Set<String> = []

    package init() {}

    package var bytes: [UInt8] { Array(text.utf8) }

    /// One family and all its series. A name told before is not told again; of series with equal labels the first counts.
    /// - Parameters:
    ///   - name: `twolists_…`; a counter's ends in `_total`, a unit is part of it (`_bytes`, `_seconds`).
    ///   - help: a sentence for whoever reads the page.
    package mutating func family(
        _ name: String, _ kind: Kind, _ help: String, _ tell: (inout MetricPage) -> Void
    ) {
        guard families.insert(name).inserted else { return }
        series = []
        text += "# HELP \(name) \(Self.escaped(help, quote: false))\n# TYPE \(name) \(kind.rawValue)\n"
        tell(&self)
    }

    /// A family of one series without labels.
    package mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: some MetricValue) {
        family(name, kind, help) { $0.sample(name, [], value) }
    }

    /// One series of the family being told.
    package mutating func sample(_ name: String, _ labels: Labels, _ value: some MetricValue) {
        let head = name + Self.inBraces(labels)
        guard series.insert(head).inserted else { return }
        text += "\(head) \(value.metricText)\n"
    }

    /// The series of one histogram: cumulative buckets, sum and count.
    package mutating func histogram(_ name: String, _ labels: Labels, _ histogram: Histogram) {
        var below: UInt64 = 0
        for (index, bound) in histogram.scale.bounds.enumerated() {
            below &+= histogram.counts[index]
            sample("\(name)_bucket", labels + [("le", Self.told(bound, histogram.scale.unit))], below)
        }
        sample("\(name)_bucket", labels + [("le", "+Inf")], histogram.count)
        sample("\(name)_sum", labels, Double(histogram.sum) / Double(histogram.scale.unit))
        sample("\(name)_count", labels, histogram.count)
    }

    /// An exact decimal, as people write it: 0.00005, not 5e-05.
    private static func told(_ bound: UInt64, _ unit: UInt64) -> String {
        if unit <= 1 { return "\(bound)" }
        let places = String(unit).utf8.count - 1
        let rest = String(bound % unit)
        var fraction = String(repeating: "0", count: max(0, places - rest.utf8.count)) + rest
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return fraction.isEmpty ? "\(bound / unit)" : "\(bound / unit).\(fraction)"
    }

    private static func inBraces(_ labels: Labels) -> String {
        if labels.isEmpty { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value, quote: true))\"" }.joined(separator: ",")
            + "}"
    }

    private static func escaped(_ text: String, quote: Bool) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\"" where quote: out += "\\\""
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}

/// A number as the page writes it.
package protocol MetricValue { var metricText: String { get } }
extension UInt64: MetricValue { package var metricText: String { "\(self)" } }
extension Int64: MetricValue { package var metricText: String { "\(self)" } }
extension Int: MetricValue { package var metricText: String { "\(self)" } }
extension Double: MetricValue {
    package var metricText: String { isNaN ? "NaN" : isInfinite ? (self > 0 ? "+Inf" : "-Inf") : "\(self)" }
}
