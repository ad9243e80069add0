import Foundation

/// A tenth in `make test`, everything with TWOLISTS_SOAK=1.
enum Soak {
    static let isOn = ProcessInfo.processInfo.environment["TWOLISTS_SOAK"] == "1"
    static let seed = UInt64(ProcessInfo.processInfo.environment["TWOLISTS_SEED"] ?? "") ?? 20_261_127
}
