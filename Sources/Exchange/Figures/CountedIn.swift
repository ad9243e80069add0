package import Schema

/// What a case is counted in, 人件(次): each case is one of it (DOMAIN.md 2). The kind's table says which; the review fixes it, so that a newer table
/// does not change what an old year's report says.
package enum CountedIn: UInt8, ClosedCode {
    case items = 1
    case persons = 2
    case times = 3
    package typealias Open = CountUnit

    /// As it stands in `rules/case-kinds.csv`.
    package var word: String {
        switch self {
        case .items: "item"
        case .persons: "person"
        case .times: "time"
        }
    }
}
