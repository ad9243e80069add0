internal import Exchange
package import Schema

/// The live board (看板) as a state machine: what comes in (items, changes, keys, a new size), what is to be done. It owns no terminal, no socket and
/// no clock, so a day in front of it is a transcript.
///
///     begin ──▶ load ──loaded──▶ live ──changed──▶ fetch that item ──fetched──▶ live
///                                 │ behind: the line is lost; what stands is shown, and that it may be old
///                                 └─ back: load again, for changes of rights and what was missed
package struct Board: Sendable {
    /// Items kept: more than a city has open at a time; the board says when there are more.
    package static let mostItems = 5_000
    /// Changes kept for the lower part: a screen of them.
    package static let mostChanges = 50
    /// Characters of the filter: more than fits its line.
    package static let longestFilter = 40
    /// The smallest screen that is drawn on; below it the board says what it needs.
    package static let leastColumns = 60
    package static let leastRows = 12

    package enum Input: Sendable {
        /// All items the officer may see that are not over, newest first; `more`: there are others.
        case loaded([RequestSummary], more: Bool)
        case changed(Change)
        /// The item of a change; nil: it may not be seen any more.
        case fetched([UInt8], RequestSummary?)
        case key(Key)
        case resized(columns: Int, rows: Int)
        /// A line about the connection; `isLost` until `back`.
        case news(String, isLost: Bool)
        case back
    }

    package enum Key: Sendable, Hashable {
        case text(String)
        case up, down, pageUp, pageDown, home, end
        case backspace, escape, redraw, quit
    }

    package enum Action: Sendable, Hashable {
        case draw
        /// Draw everything, whatever stands on the screen.
        case redraw
        case fetch([UInt8])
        case load
        case quit
    }

    private var items: [[UInt8]: RequestSummary] = [:]
    private var hasMore = false
    private(set) var changes: [Change] = []
    private(set) var filter = ""
    /// Rows of the list above the first one shown.
    private(set) var offset = 0
    private(set) var columns: Int
    private(set) var rows: Int
    private(set) var news = ""
    private(set) var isLost = false
    private(set) var isLoaded = false
    /// Asked for and not come yet; a second change meanwhile asks again afterwards.
    private var fetching: [[UInt8]: Bool] = [:]

    package init(columns: Int, rows: Int) { (self.columns, self.rows) = (columns, rows) }

    /// What is to be done first.
    package static let begin: [Action] = [.load, .redraw]

    package mutating func take(_ input: Input) -> [Action] {
        switch input {
        case .loaded(let list, let more): return load(list, more)
        case .changed(let change): return changed(change)
        case .fetched(let target, let item): return fetched(target, item)
        case .key(let key): return pressed(key)
        case .resized(let columns, let rows):
            (self.columns, self.rows) = (columns, rows)
            clamp()
            return [.redraw]
        case .news(let text, let lost):
            news = text
            isLost = isLost || lost
            return [.draw]
        case .back:
            guard isLost else { return [] }
            (isLost, news) = (false, "")
            return [.load, .draw]
        }
    }

    // MARK: Items

    private mutating func load(_ list: [RequestSummary], _ more: Bool) -> [Action] {
        items = Dictionary(
            list.prefix(Self.mostItems).filter { !$0.state.isOver }.map { ($0.target, $0) },
            uniquingKeysWith: { first, _ in first })
        hasMore = more || list.count > Self.mostItems
        isLoaded = true
        clamp()
        return [.draw]
    }

    /// Cases show among the changes; the list is of requests.
    private mutating func changed(_ change: Change) -> [Action] {
        changes.insert(change, at: 0)
        if changes.count > Self.mostChanges { changes.removeLast() }
        guard !change.isCase, !change.target.isEmpty else { return [.draw] }
        if fetching[change.target] != nil {
            fetching[change.target] = true
            return [.draw]
        }
        fetching[change.target] = false
        return [.draw, .fetch(change.target)]
    }

    private mutating func fetched(_ target: [UInt8], _ item: RequestSummary?) -> [Action] {
        let again = fetching.removeValue(forKey: target) ?? false
        if let item, !item.state.isOver {
            if items.count < Self.mostItems || items[target] != nil {
                items[target] = item
            } else {
                hasMore = true
            }
        } else {
            items[target] = nil
        }
        clamp()
        guard again else { return [.draw] }
        fetching[target] = false
        return [.draw, .fetch(target)]
    }

    // MARK: Keys

    private mutating func pressed(_ key: Key) -> [Action] {
        switch key {
        case .quit: return [.quit]
        case .redraw: return [.redraw]
        case .text(let text): filter = String((filter + text).prefix(Self.longestFilter))
        case .backspace: _ = filter.popLast()
        case .escape: filter = ""
        case .up: offset -= 1
        case .down: offset += 1
        case .pageUp: offset -= listRows
        case .pageDown: offset += listRows
        case .home: offset = 0
        case .end: offset = .max
        }
        clamp()
        return [.draw]
    }

    private mutating func clamp() { offset = max(0, min(offset, shown.count - listRows)) }

    // MARK: What is shown

    /// Lines of the list: what the titles, the changes and the notice leave.
    var listRows: Int { max(1, rows - 6 - changeRows) }
    /// Lines of the changes: a quarter of the screen.
    var changeRows: Int { max(2, rows / 4) }

    /// Red first, then yellow, green, blue and what has no light; the earliest due first; the oldest first.
    var shown: [RequestSummary] {
        items.values.filter(matches).sorted { $0.urgency < $1.urgency }
    }

    var total: Int { items.count }
    var isCut: Bool { hasMore }

    func count(_ light: Light) -> Int { items.values.count { $0.light == light } }

    /// Every word of the filter stands somewhere in the line.
    private func matches(_ item: RequestSummary) -> Bool {
        let words = filter.lowercased().split(separator: " ")
        guard !words.isEmpty else { return true }
        let line = BoardText.words(of: item).lowercased()
        return words.allSatisfy { line.contains($0) }
    }
}

extension RequestState {
    /// What the board asks the server for: the core's word on what has ended, said once.
    package static let ofOpenRequests: [RequestState] = SupportRequest.State.allCases.filter { !$0.isOver }
        .map(\.open)

    /// It leaves the board. A state of a later server stays: nothing says that it is over.
    var isOver: Bool { SupportRequest.State(self)?.isOver ?? false }
}

extension RequestSummary {
    fileprivate var urgency: (Int, Int, Int64, String) {
        let order: [Light] = [.red, .yellow, .green, .blue]
        let due = deadline.map { Int($0.year) * 10_000 + Int($0.month) * 100 + Int($0.day) } ?? .max
        return (order.firstIndex(of: light) ?? order.count, due, submittedAt, number)
    }
}
