import Schema
import Wire

/// Events of earlier releases in today's shape, so that `apply` knows one shape only (DESIGN.md 4). Called after the sealed fields
/// have been opened, before `apply`; what is written is always today's.
///
/// | release | event | was | is |
/// |---|---|---|---|
/// | 1 | RequestDecided | `policy_basis`, in clear | `basis`, sealed: typed freely, so it may name somebody |
/// | 1, 2 | CaseReviewed | no `worry`: every case was of the home | `worry`: home |
/// | 1, 2 | CaseReviewed | no `counted`: every case was a family | `counted`: person |
/// | 1 | RequestAssigned | `first_post`, `second_post`, in clear | `first_accountable`, `second_accountable`, sealed |
extension EventV1.Event {
    package mutating func upcast() {
        switch body {
        case .requestDecided(var old)? where !old.policyBasis.isEmpty:
            old.basis = unsealed(old.policyBasis)
            old.policyBasis = ""
            body = .requestDecided(old)
        case .requestAssigned(var old)? where !old.firstPost.isEmpty || !old.secondPost.isEmpty:
            old.firstAccountable = unsealed(old.firstPost)
            old.secondAccountable = unsealed(old.secondPost)
            (old.firstPost, old.secondPost) = ("", "")
            body = .requestAssigned(old)
        case .caseReviewed(var old)? where old.worry == .unspecified || old.counted == .unspecified:
            if old.worry == .unspecified { old.worry = .home }
            if old.counted == .unspecified { old.counted = .person }
            body = .caseReviewed(old)
        default: break
        }
    }
}

/// What stands in the journal is the text itself: the state's hash stays what that release computed. No erasure reaches it.
private func unsealed(_ text: String) -> Personal { Personal(clear: text, sealed: [UInt8](text.utf8)) }
