/// The transition table of an aggregate: (state, command) → the states it may lead to. Nil as a state means:
/// not there yet. What is not in the table is refused.
package struct TransitionTable<State: RawRepresentable & Sendable & Hashable & CaseIterable>: Sendable
where State.RawValue == UInt8 {
    package struct Row: Sendable {
        package let from: State?
        package let command: CommandKind
        package let to: State
    }

    package let rows: [Row]
    /// One bit a target state, at [state number × commands + command]. State number 0: not there yet.
    private let masks: [UInt32]

    private static var commands: Int { CommandKind.largest + 1 }

    init(_ rows: [(State?, CommandKind, State)]) {
        self.rows = rows.map { Row(from: $0, command: $1, to: $2) }
        let states = Int(State.allCases.map(\.rawValue).max() ?? 0) + 1
        var masks = [UInt32](repeating: 0, count: states * Self.commands)
        for (from, command, to) in rows { masks[Self.index(from, command)] |= 1 << UInt32(to.rawValue) }
        self.masks = masks
    }

    package func allows(_ command: CommandKind, from state: State?) -> Bool {
        masks[Self.index(state, command)] != 0
    }

    package func leads(_ command: CommandKind, from state: State?, to next: State) -> Bool {
        masks[Self.index(state, command)] & 1 << UInt32(next.rawValue) != 0
    }

    private static func index(_ state: State?, _ command: CommandKind) -> Int {
        Int(state?.rawValue ?? 0) * commands + Int(command.rawValue)
    }
}
