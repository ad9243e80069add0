internal import Schema

/// What a request's view says of things beside its chain.
extension State {
    func showBeside(_ request: SupportRequest, in view: inout RequestView, for viewer: Viewer) {
        view.conference = request.conference?.open
        view.stage = request.stage.map { categories[Int($0)] } ?? ""
        view.suspension = request.suspension.map { categories[Int($0.code)] } ?? ""
        view.extensionCount = request.extensionCount
        if let first = request.firstReceiver {
            view.firstReceiver = party(first).key
            view.firstReceiverName = party(first).name
        }
        switch request.question {
        case nil: break
        case .extending(let day, let reason):
            view.askedExtension = AskExtension(deadline: day.open, reason: reason.shown)
        case .suspending(let code, let reason):
            view.askedSuspension = AskSuspension(code: categories[Int(code)], reason: reason.shown)
        }
        view.duplicateOf = request.duplicateOf.flatMap { link(to: $0, for: viewer) }
        view.duplicates = request.duplicates.compactMap { link(to: $0, for: viewer) }
    }

    /// The deadline that a change set or asked for, in a history: no deadline moves in silence.
    func tellDay(_ row: ChangeRow, in entry: inout HistoryEntry) {
        guard row.kind.movesDeadline, let day = changes.day(row.sequence) else { return }
        if row.kind == .askExtension { entry.askedDeadline = day.open } else { entry.deadline = day.open }
    }

    /// Nil where the other one is not this officer's to see: that a matter is void does not open another party's.
    private func link(to slot: UInt32, for viewer: Viewer) -> RequestLink? {
        guard maySee(viewer, .request(Int(slot))) else { return nil }
        let other = requests[Int(slot)]
        return RequestLink(
            target: other.id.bytes, reference: ReferenceCode(other.id).text, number: other.number)
    }
}

extension SupportRequest.Question {
    var open: OpenQuestion {
        switch self {
        case .extending: .extension
        case .suspending: .suspension
        }
    }
}
