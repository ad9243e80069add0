import Metrics
import Wire

/// What one loop counts of its calls: by method and status, and how long each took. Confined to the loop and asked from nowhere else, so
/// that a call costs two additions and no lock; `Server.figures` has each loop hand out a copy.
final class CallFigures {
    /// One method's.
    struct Method: Sendable, Hashable {
        /// By status code; the last place counts every code that has no name.
        var codes = [UInt64](repeating: 0, count: CallFigures.codes + 1)
        /// Nanoseconds from the request's arrival to its answer, in turns of the loop; nil for methods that stream back, which last as
        /// long as their reader wants.
        var latency: Histogram?
    }

    /// Named status codes, 0 to 16.
    static let codes = 17
    /// Calls of names that nobody serves, and calls refused before their names were read: peers cannot make series.
    private var unknown = Method()
    /// By index in the loop's `RouteCache`.
    private var methods: [Method] = []

    /// A method's place, the first time it is called on this loop.
    func add(_ route: Int, _ shape: MethodShape) {
        guard route == methods.count else { return }
        let streamsBack = shape == .serverStream || shape == .bidirectional
        methods.append(Method(latency: streamsBack ? nil : Histogram(.latency)))
    }

    /// A call has its answer. `route`: below zero for unknown names. `after`: nanoseconds.
    func ended(_ route: Int32, _ code: UInt32, after: Int64) {
        let place = min(Int(code), Self.codes)
        let index = Int(route)
        guard methods.indices.contains(index) else { return unknown.codes[place] &+= 1 }
        methods[index].codes[place] &+= 1
        methods[index].latency?.add(after)
    }

    /// Everything so far, under the names of `routes`.
    func copy(_ routes: RouteCache) -> [MethodName: Method] {
        var all = [MethodName.unknown: unknown]
        for (index, method) in methods.enumerated() {
            let names = routes.names(index)
            all[MethodName(service: names.service, method: names.method)] = method
        }
        return all
    }
}

/// The names of a method, for figures.
struct MethodName: Sendable, Hashable, Comparable {
    var service: String
    var method: String
    /// Whatever is not served.
    static let unknown = MethodName(service: "unknown", method: "unknown")

    static func < (a: MethodName, b: MethodName) -> Bool { (a.service, a.method) < (b.service, b.method) }
}

extension CallFigures.Method {
    mutating func add(_ other: CallFigures.Method) {
        for index in codes.indices { codes[index] &+= other.codes[index] }
        guard let theirs = other.latency else { return }
        if latency == nil { latency = theirs } else { latency?.add(theirs) }
    }
}
