import Bureau
import Crypto
import Exchange
import Journal

/// What the time is for this program: the machine's, or that of a store's demonstration clock. Everything here that asks for the time of day asks
/// this.
struct ServerTime: Sendable {
    let demonstration: StoreClock?

    static let real = ServerTime(demonstration: nil)

    /// The time of a store that is there.
    init(of storage: any Storage) { demonstration = StoreClock.of(storage) }

    init(demonstration: StoreClock?) { self.demonstration = demonstration }

    /// Seconds since 1970: what certificates and lists are judged by.
    var seconds: Int64 { demonstration?.seconds ?? UTCTime.now() }

    var engineClock: EngineClock { demonstration?.engineClock ?? .system }

    func set(_ options: inout JournalOptions) {
        guard let demonstration else { return }
        options.wall = { demonstration.now }
    }

    /// For contexts of TLS; nil: OpenSSL asks the machine.
    var tlsClock: (@Sendable () -> Int64)? {
        guard let demonstration else { return nil }
        return { demonstration.seconds }
    }

    /// For people, empty where the time is real: it stands in the lines that a server begins with.
    var words: String {
        demonstration.map { "演示时钟 \(TypedMoment.text($0.now)): a demonstration clock, nothing here is real" }
            ?? ""
    }

    /// A demonstration clock goes with authorities of development alone.
    func check(_ trust: TrustStore, _ path: String) throws {
        guard demonstration != nil, !trust.isOfDevelopment else { return }
        throw StoreFiles.Unusable(
            description:
                "\(path) holds an authority that is not of development: a demonstration clock goes with certificates of "
                + "`twolists ca dev` alone (--demonstration-from)")
    }
}
